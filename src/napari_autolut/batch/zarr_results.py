"""One image file in, an OME-Zarr out, from disk to disk: what is resumed, and what is written.

Belongs here: what a result that is resumed must have in common with the work that is asked for.
Which regions are left is ``arrays/regions.py``; tasks are settled in ``file_upscaling.py`` and
``file_denoising.py``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, NamedTuple

from napari_autolut.arrays import ArrayTask, Axes, LumaTask, Progress, Task, check_image
from napari_autolut.arrays.axes import ALPHA
from napari_autolut.arrays.regions import fill
from napari_autolut.batch.executors import BlockExecutor
from napari_autolut.batch.file_options import NEW_FILES, FileOptions
from napari_autolut.batch.file_ranges import as_dask
from napari_autolut.batch.provenance import table_digests
from napari_autolut.denoising import DenoisingModel, DenoisingTask
from napari_autolut.io import ImageFile, ImageFileError, SeriesInfo
from napari_autolut.io.zarr import is_zarr
from napari_autolut.io.zarr.collection import ZarrCollection, names_and_groups
from napari_autolut.io.zarr.result import ZarrResult
from napari_autolut.noise import NoiseModel, estimate_noise
from napari_autolut.storage import model_digest

STEPS = 1000
"""Steps of progress that an image counts as, where there are several."""


class ZarrWork(NamedTuple):
    """What is to be done to an image: arguments of :func:`zarr_steps`."""

    expected: ImageFile
    task: ArrayTask
    made: Mapping[str, Any]


def zarr_steps(
    source: Path,
    out: Path,
    expected: ImageFile,
    task: ArrayTask,
    made: Mapping[str, Any],
    *,
    executor: BlockExecutor,
    options: FileOptions = NEW_FILES,
) -> Generator[Progress, None, None]:
    """Compute a task region by region, each of which goes to disk at once.

    Parameters
    ----------
    source, out : pathlib.Path
        Where the image is from, and the folder to make.
    expected : ImageFile
        What the result will be; only shape and type of its pixels are used.
    task : ArrayTask
        What is to be done to the image, in memory, mapped, or on disk.
    made : mapping of str to object
        Plain values that say what the task does.
    executor : BlockExecutor
        What computes the blocks.
    options : FileOptions, optional
        How the result is written.

    Yields
    ------
    Progress
    """
    check_apart(source, out)
    work = ZarrWork(expected, task, {**made, **_origin(source)})
    yield from settled_steps(out, work, executor, options)


def settled_steps(
    out: Path, work: ZarrWork, executor: BlockExecutor, options: FileOptions
) -> Generator[Progress, None, None]:
    """Compute a task whose places are checked, and whose origin is in what is made."""
    result = ZarrResult(
        out,
        work.expected,
        work.made,
        scale=work.task.grid.unit,
        version=options.zarr_version,
        overwrite=options.overwrite,
    )
    with result:
        yield from fill(result, work.task, executor.run)


def zarr_series_steps(
    source: Path,
    out: Path,
    series: Sequence[SeriesInfo],
    works: Sequence[ZarrWork],
    *,
    executor: BlockExecutor,
    options: FileOptions = NEW_FILES,
) -> Generator[Progress, None, None]:
    """Compute the images of a file into one folder, each as :func:`zarr_steps` does.

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

    Yields
    ------
    Progress
    """
    if len(works) == 1:
        yield from zarr_steps(source, out, *works[0], executor=executor, options=options)
        return
    check_apart(source, out)
    names, groups = names_and_groups(source, [each.name for each in series])
    origin = _origin(source)  # once: a plate has thousands of files
    made = {"series": [dict(work.made) for work in works], **origin}
    inside = replace(options, overwrite=False)
    with ZarrCollection(
        out, names, groups, made, version=options.zarr_version, overwrite=options.overwrite
    ) as collection:
        for number, place in collection.missing():
            work = works[number]._replace(made={**works[number].made, **origin})
            for done, total in settled_steps(place, work, executor, inside):
                yield Progress(number * STEPS + STEPS * done // max(1, total), len(works) * STEPS)


def upscaling_made(task: Task) -> dict[str, Any]:
    """What an upscaling does, in plain values."""
    return {
        "operation": "upscale",
        "model": model_digest(task.model),
        "ranges": [[each.lo, each.hi] for each in task.ranges],
        "luma": isinstance(task, LumaTask),
    }


def denoising_of(
    source: Path,
    image: ImageFile,
    noise: NoiseModel | None,
    strength: float,
    model: DenoisingModel | None = None,
) -> tuple[DenoisingTask, tuple[NoiseModel, ...], dict[str, Any]]:
    """Settle a denoising of an image that may be on disk, from samples of it.

    Parameters
    ----------
    source : pathlib.Path
        Where the image is from, for messages.
    image : ImageFile
        The image.
    noise : NoiseModel, optional
        Of all channels; by default it is found in each.
    strength : float
        Times the noise's standard deviation.
    model : str, os.PathLike, LutModel or sequence of them, optional
        As for :func:`napari_autolut.denoise`.

    Returns
    -------
    task : DenoisingTask
        Of the image's own pixels.
    noise : tuple of NoiseModel
        What is taken away, of each channel.
    made : dict
        What the task does, in plain values.

    Raises
    ------
    ImageFileError
        If the image has no intensities, or no pixels that tell of noise.
    """
    channel = image.axes.find("C")
    axes = Axes(image.spatial_axes, image.rgb, channel if channel >= 0 else None)
    sampled = as_dask(image.data)
    try:
        check_image(image.data.shape, image.data.dtype)
        found = (noise,) if noise is not None else _found(sampled, axes)
        several = axes.rgb or axes.channel is not None
        given = list(found) if several and noise is None else found[0]
        task = DenoisingTask.of(sampled, axes, given, strength, model)
    except (TypeError, ValueError) as error:
        raise ImageFileError(source, str(error)) from error
    made = {"operation": "denoise", "noise": [asdict(each) for each in found],
            "strength": strength}  # fmt: skip
    if model is not None:
        made["model"] = table_digests(model)
    return replace(task, array=image.data), found, made


def _found(data: Any, axes: Axes) -> tuple[NoiseModel, ...]:
    """The noise of each channel or colour; that of alpha is none."""
    channels = axes.channels(data)
    models = [estimate_noise(each) for each in (channels[:ALPHA] if axes.rgb else channels)]
    models += [NoiseModel(0.0, 0.0)] * (len(channels) - len(models))
    return tuple(each for each in models if isinstance(each, NoiseModel))


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
        Plain values.
    """
    seen = hashlib.sha256()
    for name in sorted(_files(path)):
        status = os.stat(name)  # noqa: PTH116
        seen.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return {"source": str(path.absolute()), "state": seen.hexdigest()}


def _files(path: Path) -> Iterator[str]:
    if not path.is_dir():
        yield str(path)
    for folder, _, names in os.walk(path):
        yield from (str(Path(folder, name)) for name in names)


def check_apart(source: Path, out: Path) -> None:
    """Refuse a result inside its source, and one that would replace a folder with it inside.

    Raises
    ------
    ImageFileError
        If one lies in the other; a Zarr may replace itself.
    """
    one, other = source.resolve(), out.resolve()
    if one == other:
        return
    if other.is_relative_to(one) and is_zarr(source):
        raise ImageFileError(out, f"lies in the source {source}; choose a name outside of it")
    if one.is_relative_to(other):
        raise ImageFileError(out, f"has the source {source} in it; choose another name")
