"""One image file in, one without noise out.

Belongs here: where the result goes, and what is held in memory meanwhile. What is done to an image
is ``tasks.py``; folders are ``batch/folder.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from napari_autolut.arrays import Progress, run
from napari_autolut.batch.files.executors import InProcess
from napari_autolut.batch.files.labels import axes_of, labels_beside_images, labels_to_be_kept
from napari_autolut.batch.files.lost import lost_words
from napari_autolut.batch.files.options import (
    FOUND_NOISE,
    NEW_FILES,
    DenoiseOptions,
    FileOptions,
)
from napari_autolut.batch.files.provenance import denoise_request, denoised
from napari_autolut.batch.files.series import (
    Errors,
    SoundSeries,
    of_sound,
    read_sound,
    readable,
    series_to_do,
    without,
)
from napari_autolut.batch.files.tasks import denoising_task
from napari_autolut.batch.files.upscaling import UpscaledFile
from napari_autolut.denoising import DenoisingTask
from napari_autolut.denoising.images import TILE_SIDE
from napari_autolut.engine import plane_engine
from napari_autolut.io import (
    ImageFile,
    ImageFileError,
    ProcessingStep,
    check_holds,
    check_holds_series,
    check_not_source,
    check_output_path,
    is_named_zarr,
    open_images,
    write_image,
)
from napari_autolut.io.files import OpenImages
from napari_autolut.noise import NoiseModel

TABLES = "tables for white noise"

Models = tuple[NoiseModel, ...]

Results = tuple[list[ImageFile], Models, SoundSeries]
"""What is written, the noise that was taken away, and of which images."""


@dataclass(frozen=True)
class DenoisedFile(UpscaledFile):
    """What was made of a file.

    Parameters
    ----------
    noise : tuple of NoiseModel
        What was taken away, of each channel.
    """

    noise: tuple[NoiseModel, ...] = ()


def denoise_file_steps(
    source: Path,
    out: Path,
    how: DenoiseOptions = FOUND_NOISE,
    *,
    engine: str = "auto",
    options: FileOptions = NEW_FILES,
) -> Generator[Progress, None, DenoisedFile]:
    """Take the noise out of a file's image, in steps that can be watched and stopped.

    Parameters
    ----------
    source, out : pathlib.Path
        Image files. The second is written whole at the end, or not at all.
    how : DenoiseOptions, optional
        Noise, strength and tables; by default the noise is found in each channel.
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
        What runs the tables.
    options : FileOptions, optional
        Which of the file's images, and how the result is written.

    Returns
    -------
    generator of Progress
        Returns a DenoisedFile; closing it cancels.

    Raises
    ------
    ImageFileError
        If the source cannot be read, or has no intensities or no pixels that tell of noise; or if a
        file like ``out`` cannot hold the result.
    FileExistsError
        If ``out`` exists and is not to be overwritten.
    """
    check_not_source(source, out)
    check_output_path(out, overwrite=options.overwrite)
    with open_images(source) as opened:
        sound = series_to_do(source, opened, options.series)
        job = _Job(source, out, how, denoise_request(how))
        into = _into_zarr if is_named_zarr(out) else _into_memory
        results, noise, sound = yield from into(job, opened, sound, engine, options)
    if not is_named_zarr(out):
        write_image(out, results, overwrite=options.overwrite)
    lengths = results[0].lengths
    beside = labels_beside_images(source, sound.series, 1)
    notes = (sound.note(source), sound.lost, lost_words(out, results), beside.words(out))
    note = "; ".join(filter(None, notes))
    all_lost = "; ".join(filter(None, [sound.lost, *beside.lost(out)]))
    return DenoisedFile(out, lengths, lengths, TABLES, note, all_lost, noise)


class _Job(NamedTuple):
    """What is denoised into what, and the record of it before any noise is known."""

    source: Path
    out: Path
    how: DenoiseOptions
    request: ProcessingStep

    def settled(self, image: ImageFile) -> tuple[ImageFile, DenoisingTask, Models]:
        """The image with the record of what is done to it, that, and the noise it takes away.

        Labels have none, and are left as they are.
        """
        image = labels_to_be_kept(self.source, image)
        if image.labels:
            return image, DenoisingTask(image.data, axes_of(image), (None,)), ()
        task, noise = denoising_task(self.source, image, self.how)
        step = denoised(self.request, noise, task.models, self.source)
        return replace(image, history=(*image.history, step)), task, noise


def _into_zarr(
    job: _Job, opened: OpenImages, sound: SoundSeries, engine: str, options: FileOptions
) -> Generator[Progress, None, Results]:
    """Settle all images, then compute region after region of the OME-Zarr."""
    from napari_autolut.batch.files import zarr_results  # optional

    images, sound = read_sound(opened, sound, 0)
    check_holds_series(job.out, list(images.values()))
    errors = Errors()
    settled = of_sound(job.settled, images, errors)
    sound = without(errors, sound)
    beside = labels_beside_images(job.source, sound.series, 1)
    works = [
        zarr_results.ZarrWork(result, task, zarr_results.denoising_made(noise, job.how), labels)
        for (result, task, noise), labels in zip(settled.values(), beside.images, strict=True)
    ]
    errors = yield from zarr_results.zarr_series_steps(
        job.source, job.out, sound.series, works, executor=InProcess(engine), options=options
    )
    sound = without(errors, sound)
    done = [settled[each.index] for each in sound.series]
    noises = tuple(model for _, _, noise in done for model in noise)
    return [result for result, _, _ in done], noises, sound


def _into_memory(
    job: _Job, opened: OpenImages, sound: SoundSeries, engine: str, _: FileOptions
) -> Generator[Progress, None, Results]:
    """Compute one image after the other."""
    results, noises, errors = [], list[NoiseModel](), Errors()
    for image in readable(opened, sound, math.inf, errors):
        check_holds(job.out, image)
        if image.axes.rstrip("S")[-2:] != "YX":
            words = f"found the axes {image.axes}, expected rows and columns (YX) last"
            raise ImageFileError(job.source, words)
        result, task, noise = job.settled(image)
        with closing(run(task, plane_engine(engine), tile_size=TILE_SIDE, warn=False)) as steps:
            data = yield from steps
        results.append(replace(result, data=data))
        noises += noise
    return results, tuple(noises), without(errors, sound)
