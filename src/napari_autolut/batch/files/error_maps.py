"""The expected error of an enlarged file, as a TIFF beside it.

Belongs here: the map's file. What the map is, is ``arrays/expected_error.py``; the enlarged file
itself ``upscaling.py``.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_autolut.arrays import ErrorTask, ModelLike, Progress, require_error_table
from napari_autolut.batch.files.executors import BlockExecutor
from napari_autolut.batch.files.labels import labels_recognised
from napari_autolut.batch.files.options import AS_FOUND, NEW_FILES, FileOptions, UpscaleOptions
from napari_autolut.batch.files.results import expected_result, into_memory, into_tiles
from napari_autolut.batch.files.series import read_sound, series_to_do
from napari_autolut.batch.files.tasks import file_task
from napari_autolut.batch.files.upscaling import IN_PROCESS, LARGE
from napari_autolut.io import (
    check_not_source,
    check_output_path,
    encode_images,
    open_images,
)
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.grid import Scale
from napari_autolut.util.paths import image_name


def error_path(out: Path) -> Path:
    """Where the map of a result lies: ``cells_error.tif`` beside ``cells.png``."""
    return out.with_name(f"{image_name(out)}_error.tif")


def check_error_map(
    source: Path,
    out: Path,
    model: LutModel,
    scale: Scale | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Refuse what will not do before anything is computed; errors as `error_map_steps`."""
    check_not_source(source, error_path(out))
    check_output_path(error_path(out), overwrite=overwrite)
    require_error_table(model, scale)


def error_map_steps(
    source: Path,
    out: Path,
    model: ModelLike,
    how: UpscaleOptions = AS_FOUND,
    *,
    executor: BlockExecutor = IN_PROCESS,
    options: FileOptions = NEW_FILES,
) -> Generator[Progress, None, Path]:
    """Write the map of what :func:`upscale_file_steps` makes of a file, beside its result.

    Parameters
    ----------
    source, out : pathlib.Path
        The file and its result; the map goes to ``error_path(out)``, in float32 and the source's
        units.
    model, how, executor, options : various
        As for :func:`upscale_file_steps`.

    Returns
    -------
    pathlib.Path
        The map.

    Yields
    ------
    Progress

    Raises
    ------
    ValueError
        If the model has no error table.
    ImageFileError, FileExistsError
        As for :func:`upscale_file_steps`.
    """
    path = error_path(out)
    check_not_source(source, path)
    check_output_path(path, overwrite=options.overwrite)
    loaded = load_model(model)
    with open_images(source) as opened:
        sound = series_to_do(source, opened, options.series)
        share = LARGE / loaded.scale**2 / len(sound.series)
        read, _ = read_sound(opened, sound, share, decoded=True)
        images = [image for image in read.values() if not labels_recognised(source, image).labels]
    settled = [file_task(source, image, loaded, how) for image in images]
    tasks = [ErrorTask.of(task) for task in settled]
    results = []
    for task, image in zip(tasks, images, strict=True):
        result = expected_result(task, image)
        data = np.broadcast_to(np.zeros((), task.dtype), result.data.shape)
        results.append(replace(result, data=data))
    large = sum(result.data.nbytes for result in results) > LARGE
    if large and all(image.axes.endswith(("YX", "YXS")) for image in images):
        yield from into_tiles(tasks, results, executor, path, options.overwrite)
    else:
        computed = yield from into_memory(tasks, results, executor)
        with atomic_write(path, overwrite=options.overwrite) as temporary:
            encode_images(temporary, computed)
    return path
