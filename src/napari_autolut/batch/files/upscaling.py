"""One image file in, a larger one out.

Belongs here: which images, which model, and where the result goes. What is done to an image is
``tasks.py``, its result ``results.py``, what computes the blocks ``executors.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from napari_autolut.arrays import (
    ModelLike,
    Progress,
    by_table,
)
from napari_autolut.batch.files.executors import BlockExecutor, InProcess
from napari_autolut.batch.files.labels import (
    labels_beside_images,
    labels_recognised,
    labels_step,
    labels_task,
)
from napari_autolut.batch.files.lost import lost_words
from napari_autolut.batch.files.model import model_of_file
from napari_autolut.batch.files.options import AS_FOUND, NEW_FILES, FileOptions, UpscaleOptions
from napari_autolut.batch.files.provenance import upscale_request, upscaled
from napari_autolut.batch.files.results import (
    FileTask,
    expected_result,
    into_memory,
    into_tiles,
)
from napari_autolut.batch.files.series import (
    Errors,
    of_sound,
    read_sound,
    series_to_do,
    without,
)
from napari_autolut.batch.files.tasks import file_task
from napari_autolut.io import (
    TIFF_SUFFIXES,
    ImageFile,
    ImageFileError,
    SeriesInfo,
    check_holds_series,
    check_memory,
    check_not_source,
    check_output_path,
    encode_images,
    is_named_zarr,
    open_images,
)
from napari_autolut.model import LutModel
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.grid import NEAREST, Scale

IN_PROCESS = InProcess()

LARGE = 2**29
"""Results of more bytes than this go to disk tile by tile, where the file is a TIFF."""


@dataclass(frozen=True)
class UpscaledFile:
    """What was made of a file.

    Parameters
    ----------
    out : pathlib.Path
        The new file.
    before, after : mapping of str to int
        Lengths by axis of the source and of the result.
    model : str
        Name of the model.
    note : str, default ""
        What else there is to say: several images, and those left out.
    lost : str, default ""
        What of the source could not be read and was left out, as far as the rest was done.
    """

    out: Path
    before: Mapping[str, int]
    after: Mapping[str, int]
    model: str
    note: str = ""
    lost: str = ""


def upscale_file_steps(
    source: Path,
    out: Path,
    model: ModelLike | None,
    how: UpscaleOptions = AS_FOUND,
    *,
    executor: BlockExecutor = IN_PROCESS,
    options: FileOptions = NEW_FILES,
) -> Generator[Progress, None, UpscaledFile]:
    """Upscale a file into another one, in steps that can be watched and stopped.

    Parameters
    ----------
    source, out : pathlib.Path
        Image files; the second is written whole at the end, or not at all.
    model : str, os.PathLike or LutModel, optional
        Name, path or model; loaded when the name of the output is found good. ``"auto"`` chooses
        one by the first image; by default that of the scale is taken.
    how : UpscaleOptions, optional
        How its images are enlarged.
    executor : BlockExecutor
        What computes the blocks; by default this process.
    options : FileOptions, optional
        Which of the file's images, and how the result is written.

    Returns
    -------
    UpscaledFile
        Closing the generator cancels.

    Yields
    ------
    Progress

    Raises
    ------
    ImageFileError
        If the source cannot be read, or a file like ``out`` cannot hold the result.
    FileExistsError
        If ``out`` exists and is not to be overwritten.
    UnknownModelError, ModelFileError
        If there is no such model.
    """
    check_not_source(source, out)
    check_output_path(out, overwrite=options.overwrite)
    with open_images(source) as opened:
        sound = series_to_do(source, opened, options.series)
        chosen = sound.series
        loaded, reason = _model_of_sound(model, source, chosen, how.scale)
        scale, tiff, zarr = how.scale or loaded.scale, _is_tiff(out), is_named_zarr(out)
        if not (tiff or zarr):
            needed = sum(each.nbytes for each in chosen) * (1 + scale**2)
            check_memory(source, needed, "it and its result need", "write a .tif or .zarr")
        share = LARGE / scale**2 / len(chosen) if tiff else 0 if zarr else math.inf
        read, sound = read_sound(opened, sound, share, decoded=not zarr)
    errors = Errors()
    images = of_sound(partial(labels_recognised, source), read, errors)
    check_holds_series(out, list(images.values()), factor=scale)
    settle = partial(_settled, source, model=loaded, how=how)
    settled = of_sound(settle, images, errors)
    sound = without(errors, sound)
    beside = labels_beside_images(source, sound.series, scale)
    if zarr:
        from napari_autolut.batch.files import zarr_results  # optional

        works = [
            zarr_results.ZarrWork(result, task, zarr_results.upscaling_made(task), labels)
            for (task, result), labels in zip(settled.values(), beside.images, strict=True)
        ]
        errors = yield from zarr_results.zarr_series_steps(
            source, out, sound.series, works, executor=executor, options=options
        )
        sound = without(errors, sound)
    else:
        both = list(settled.values())
        yield from _into_one_file(both, executor, out, overwrite=options.overwrite)
    results = [settled[each.index][1] for each in sound.series]
    done = [images[each.index] for each in sound.series]
    of_labels = all(image.labels for image in done)
    lost = lost_words(out, results, tiled=_in_tiles(out, results))
    remarks = [] if of_labels else [*_remarks(done, how)]
    notes = (reason, *remarks, sound.note(source), sound.lost, lost, beside.words(out))
    name, note = NEAREST if of_labels else loaded.name, "; ".join(filter(None, notes))
    all_lost = "; ".join(filter(None, [sound.lost, *beside.lost(out)]))
    return UpscaledFile(out, done[0].lengths, results[0].lengths, name, note, all_lost)


def _is_tiff(out: Path) -> bool:
    return out.suffix.lower() in TIFF_SUFFIXES


def _in_tiles(out: Path, results: Sequence[ImageFile]) -> bool:
    """Whether results go to disk tile by tile."""
    large = sum(result.data.nbytes for result in results) > LARGE
    return _is_tiff(out) and large and all(each.axes.endswith(("YX", "YXS")) for each in results)


def _into_one_file(
    settled: Sequence[tuple[FileTask, ImageFile]],
    executor: BlockExecutor,
    out: Path,
    *,
    overwrite: bool,
) -> Generator[Progress, None, None]:
    """Compute all results and write them, from disk to disk where they are large."""
    tasks, results = [task for task, _ in settled], [result for _, result in settled]
    if _in_tiles(out, results):
        yield from into_tiles(tasks, results, executor, out, overwrite)
        return
    computed = yield from into_memory(tasks, results, executor)
    with atomic_write(out, overwrite=overwrite) as temporary:
        encode_images(temporary, computed)


def _remarks(images: Sequence[ImageFile], how: UpscaleOptions) -> Iterator[str]:
    """What a user may not have meant, of images that are not all labels."""
    if any(step.operation == "upscale" for image in images for step in image.history):
        yield "the source was enlarged already"
    if how.colour == "luma" and not any(image.rgb for image in images):
        yield "grey, so that luma is all of it"


def _model_of_sound(
    model: ModelLike | None, source: Path, chosen: Sequence[SeriesInfo], scale: Scale | None
) -> tuple[LutModel, str]:
    """What :func:`model_of_file` chooses by the first image that can be read."""
    *others, last = chosen
    for each in others:
        with suppress(ImageFileError):  # which is said where images are read
            return model_of_file(model, source, series=each.index, scale=scale)
    return model_of_file(model, source, series=last.index, scale=scale)


def _settled(
    source: Path, image: ImageFile, model: LutModel, how: UpscaleOptions
) -> tuple[FileTask, ImageFile]:
    """What is done to an image, and its result, with shape and type but without the memory."""
    task: FileTask
    if image.labels:
        scale = how.scale or model.scale
        task, step = labels_task(image, scale), labels_step(scale, source)
    else:
        task = file_task(source, image, model, how)
        step = upscaled(upscale_request(model, how), by_table(task), source)
    return task, expected_result(task, replace(image, history=(*image.history, step)))
