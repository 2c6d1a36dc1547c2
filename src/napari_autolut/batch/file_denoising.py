"""One image file in, one without noise out.

Belongs here: where the result goes, and what is held in memory meanwhile. What is done to an image
is ``file_tasks.py``; folders are ``folder.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from napari_autolut.arrays import Progress, run
from napari_autolut.batch.executors import InProcess
from napari_autolut.batch.file_options import NEW_FILES, FileOptions
from napari_autolut.batch.file_tasks import denoising_task
from napari_autolut.batch.file_upscaling import UpscaledFile, series_note
from napari_autolut.batch.provenance import denoise_request, denoised, lost_words
from napari_autolut.denoising import DenoisingModel, DenoisingTask
from napari_autolut.denoising.images import TILE_SIDE
from napari_autolut.engine import plane_engine
from napari_autolut.io import (
    ImageFile,
    ImageFileError,
    check_not_source,
    check_output_path,
    chosen_series,
    list_series,
    read_image,
    write_image,
)
from napari_autolut.io.outputs import check_holds, check_holds_series
from napari_autolut.io.zarr import SUFFIX as ZARR_SUFFIX
from napari_autolut.model import LutModel
from napari_autolut.noise import NoiseModel

TABLES = "tables for white noise"


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
    *,
    noise: NoiseModel | None = None,
    strength: float = 1.0,
    engine: str = "auto",
    model: DenoisingModel | None = None,
    options: FileOptions = NEW_FILES,
) -> Generator[Progress, None, DenoisedFile]:
    """Take the noise out of a file's image, in steps that can be watched and stopped.

    Parameters
    ----------
    source, out : pathlib.Path
        Image files. The second is written whole at the end, or not at all.
    noise : NoiseModel, optional
        Of all channels; by default it is found in each channel.
    strength : float, default 1.0
        Times the noise's standard deviation.
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
        What runs the tables.
    model : str, os.PathLike, LutModel or sequence of them, optional
        As for :func:`napari_autolut.denoise`.
    options : FileOptions, optional
        Which of the file's images, and how the result is written.

    Returns
    -------
    generator of Progress
        Returns a DenoisedFile; closing it cancels.

    Raises
    ------
    ImageFileError
        If the source cannot be read, has no intensities or no pixels that tell of noise, or a file
        like ``out`` cannot hold the result.
    FileExistsError
        If ``out`` exists and is not to be overwritten.
    """
    check_not_source(source, out)
    check_output_path(out, overwrite=options.overwrite)
    listed = list_series(source)
    chosen = chosen_series(source, listed, options.series)
    request = denoise_request(noise, strength, model)
    if out.suffix.lower() == ZARR_SUFFIX:
        from napari_autolut.batch import zarr_results  # optional

        works, noises = [], list[NoiseModel]()
        for each in chosen:
            image = read_image(source, series=each.index, memmap_above=0)
            check_holds_series(out, [image])
            task, removed = denoising_task(source, image, noise, strength, model)
            made = zarr_results.denoising_made(removed, strength, model)
            step = denoised(request, removed, _tables(task), source)
            result = replace(image, history=(*image.history, step))
            works.append(zarr_results.ZarrWork(result, task, made))
            noises += removed
        yield from zarr_results.zarr_series_steps(
            source, out, chosen, works, executor=InProcess(engine), options=options
        )
        note = _note(out, [w.expected for w in works], series_note(source, listed, chosen))
        lengths = works[0].expected.lengths
        return DenoisedFile(out, lengths, lengths, TABLES, note, noise=tuple(noises))
    results: list[ImageFile] = []
    models: list[NoiseModel] = []
    for each in chosen:
        image = read_image(source, series=each.index)
        check_holds(out, image)
        if image.axes.rstrip("S")[-2:] != "YX":
            words = f"found the axes {image.axes}, expected rows and columns (YX) last"
            raise ImageFileError(source, words)
        task, found = denoising_task(source, image, noise, strength, model)
        with closing(run(task, plane_engine(engine), tile_size=TILE_SIDE, warn=False)) as steps:
            data = yield from steps
        step = denoised(request, found, _tables(task), source)
        results.append(replace(image, data=data, history=(*image.history, step)))
        models += found
    write_image(out, results, overwrite=options.overwrite)
    lengths = results[0].lengths
    note = _note(out, results, series_note(source, listed, chosen))
    return DenoisedFile(out, lengths, lengths, TABLES, note, noise=tuple(models))


def _note(out: Path, results: Sequence[ImageFile], of_series: str) -> str:
    return "; ".join(filter(None, [of_series, lost_words(out, results)]))


def _tables(task: DenoisingTask) -> list[LutModel]:
    return [model for each in task.denoisers if each is not None for model in each.models]
