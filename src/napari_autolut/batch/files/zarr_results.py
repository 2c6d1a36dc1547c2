"""One image file in, an OME-Zarr out, from disk to disk: what is resumed, and what is written.

Belongs here: the images of a file in their order, and what a result that is resumed must have in
common with the work that is asked for.
Which regions are left is ``arrays/regions.py``; tasks are settled in ``tasks.py``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, NamedTuple

from napari_autolut.arrays import (
    ArrayTask,
    LumaTask,
    NearestTask,
    Progress,
    UpscalingTask,
    by_table,
    fill,
    one_of_several,
)
from napari_autolut.batch.files.executors import BlockExecutor
from napari_autolut.batch.files.labels import LabelsBeside
from napari_autolut.batch.files.options import NEW_FILES, DenoiseOptions, FileOptions
from napari_autolut.batch.files.provenance import table_digests
from napari_autolut.batch.files.series import Errors
from napari_autolut.io import ImageFile, ImageFileError, PixelsError, SeriesInfo
from napari_autolut.io.zarr.collection import ZarrCollection, groups_around, names_in_result
from napari_autolut.io.zarr.microscope import beside_images
from napari_autolut.io.zarr.result import ZarrResult
from napari_autolut.noise import NoiseModel
from napari_autolut.storage import model_digest
from napari_autolut.util.paths import is_of_a_window, is_same_file
from napari_autolut.util.spelling import composed


class ZarrWork(NamedTuple):
    """What is to be done to an image.

    Parameters
    ----------
    expected : ImageFile
        What the result will be; only shape and type of its pixels are used.
    task : ArrayTask
        What is to be done to the image, in memory, mapped, or on disk.
    made : mapping of str to object
        Plain values that say what the task does.
    beside : tuple of LabelsBeside, default ()
        Labels that go into its group.
    xml : bytes, default b""
        OME-XML that goes into its group.
    """

    expected: ImageFile
    task: ArrayTask
    made: Mapping[str, Any]
    beside: tuple[LabelsBeside, ...] = ()
    xml: bytes = b""


def image_steps(
    out: Path, work: ZarrWork, executor: BlockExecutor, options: FileOptions
) -> Generator[Progress, None, None]:
    """Compute an image and the labels beside it; its origin is in what is made."""
    result = ZarrResult(
        out,
        work.expected,
        work.made,
        scale=work.task.grid.unit,
        version=options.zarr_version,
        overwrite=options.overwrite,
    )
    with result:
        result.lay_beside(work.xml)
        parts, steps = 1 + len(work.beside), fill(result, work.task, executor.run)
        yield from one_of_several(steps, 0, parts) if work.beside else steps
        inside = replace(options, overwrite=False)
        missing = result.missing_labels([each.name for each in work.beside])
        for number, place in missing:
            labels = work.beside[number]
            made = {**work.made, **upscaling_made(labels.task)}
            each = ZarrWork(labels.expected, labels.task, made)
            steps = image_steps(place, each, executor, inside)
            yield from one_of_several(steps, number + 1, parts)


def zarr_series_steps(
    source: Path,
    out: Path,
    series: Sequence[SeriesInfo],
    works: Sequence[ZarrWork],
    *,
    executor: BlockExecutor,
    options: FileOptions = NEW_FILES,
) -> Generator[Progress, None, Errors]:
    """Compute the images of a file into one folder, region by region: each goes to disk at once.

    Of several, those whose pixels turn out to be damaged are left out.

    Parameters
    ----------
    source, out : pathlib.Path
        Where the images are from, and the folder to make.
    series : sequence of SeriesInfo
        The images.
    works : sequence of ZarrWork
        What is to be done to each.
    executor : BlockExecutor
        What computes the blocks.
    options : FileOptions, optional
        How the result is written.

    Returns
    -------
    dict of int to ImageFileError
        Why images were left out, by their numbers.

    Yields
    ------
    Progress

    Raises
    ------
    PixelsError
        If all of them are damaged.
    """
    check_apart(source, out)
    origin = _origin(source)  # once: a plate has thousands of files
    works = [work._replace(made={**work.made, **origin}) for work in works]
    xml = beside_images([work.expected for work in works])
    if len(works) == 1:
        yield from image_steps(out, works[0]._replace(xml=xml), executor, options)
        return {}
    names = names_in_result(source, [each.name for each in series])
    groups, errors = groups_around(source, names), Errors()
    made = {"series": [dict(work.made) for work in works]}
    inside = replace(options, overwrite=False)
    version, overwrite = options.zarr_version, options.overwrite
    with ZarrCollection(
        out, names, groups, made, version=version, overwrite=overwrite, xml=xml
    ) as collection:
        for number, place in collection.missing():
            steps = image_steps(place, works[number], executor, inside)
            try:
                yield from one_of_several(steps, number, len(works))
            except PixelsError as error:
                errors[series[number].index] = error
        sound = [n for n, each in enumerate(series) if each.index not in errors]
        if not sound:
            raise next(iter(errors.values()))
        if errors:
            names = [names[n] for n in sound]
            xml = beside_images([works[n].expected for n in sound])
            collection.keep_only(names, groups_around(source, names), xml)
    return errors


def upscaling_made(task: UpscalingTask | NearestTask) -> dict[str, Any]:
    """What an upscaling does, in plain values."""
    if isinstance(task, NearestTask):
        return {"operation": "labels", "scale": task.scale}
    task = by_table(task)
    return {
        "operation": "upscale",
        "model": model_digest(task.model),
        "ranges": [[each.lo, each.hi] for each in task.ranges],
        "luma": isinstance(task, LumaTask),
    }


def denoising_made(noise: Sequence[NoiseModel], how: DenoiseOptions) -> dict[str, Any]:
    """What a denoising does, in plain values."""
    made = {"operation": "denoise", "noise": [asdict(each) for each in noise],
            "strength": how.strength}  # fmt: skip
    return made if how.model is None else {**made, "model": table_digests(how.model)}


def _origin(source: Path) -> dict[str, Any]:
    """Which program makes a result, and of what: work of another origin is not resumed."""
    return {"program": version_of("napari-autolut"), **source_identity(source)}


def source_identity(path: Path) -> dict[str, Any]:
    """What tells that a source is the same as before: its name, and sizes and times of its files.

    Parameters
    ----------
    path : pathlib.Path
        A file, or the folder of a Zarr.

    Returns
    -------
    dict
        Plain values, the same under every spelling of its name. Files that macOS and Windows write
        into a folder that one of their windows shows do not count.
    """
    seen, real = hashlib.sha256(), os.path.realpath(path)
    for name in sorted(_files(real)):
        status = os.stat(name)  # noqa: PTH116
        seen.update(os.fsencode(name) + f"\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return {"source": composed(real), "state": seen.hexdigest()}


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):  # noqa: PTH112
        yield path
    for folder, _, names in os.walk(path):
        own = (name for name in names if not is_of_a_window(name))
        yield from (os.path.join(folder, name) for name in own)  # noqa: PTH118


def check_apart(source: Path, out: Path) -> None:
    """Refuse a result that would replace a folder with its source inside.

    Raises
    ------
    ImageFileError
        If the source lies in it; a Zarr may replace itself.
    """
    if any(is_same_file(folder, out) for folder in source.resolve().parents):
        raise ImageFileError(out, f"has the source {source} in it; choose another name")
