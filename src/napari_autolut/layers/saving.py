"""A layer's result that goes to disk as OME-Zarr, and the layer that opens it from there.

Belongs here: the file's name, and the work in steps. What of a layer a file can hold is
``describing.py``, what is done ``source.py`` and those that build on it; the format is ``io/zarr``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.arrays import Progress, computed_blocks, fill
from napari_autolut.io import ImageFile, ImageFileError
from napari_autolut.io.zarr import check_outside_zarr
from napari_autolut.io.zarr.describing import written_axes
from napari_autolut.io.zarr.pixels import ZarrPixels
from napari_autolut.io.zarr.result import ZarrResult
from napari_autolut.layers.describing import backwards, described, mirror, warn_of_lost
from napari_autolut.layers.history import history_of
from napari_autolut.layers.provenance import METADATA_KEY, LayerData
from napari_autolut.layers.source import LayerSource
from napari_autolut.util.dask_graphs import as_dask
from napari_autolut.util.optional import zarr, zarr_models
from napari_autolut.util.paths import fitting_name

MAX_STEM = 80
"""Letters of a file's name before its suffix."""

SEEN = 64
"""Rows and columns, at most, of a slice of lazy pixels that tell whether they are the same."""


def saved_file(source: LayerSource, folder: Path) -> Path:
    """Where the result of a layer goes: a name in the folder that is free.

    Parameters
    ----------
    source : LayerSource
        What is taken from the layer.
    folder : pathlib.Path
        Must exist.

    Returns
    -------
    pathlib.Path
        Of an OME-Zarr that is not there yet.

    Raises
    ------
    ImageFileError
        If there is no such folder, it is a Zarr's, or OME-Zarr cannot hold the layer's axes.
    MissingDependencyError
        If zarr or yaozarrs is not installed.
    """
    zarr(), zarr_models()
    if not folder.is_dir():
        raise ImageFileError(folder, "no such folder; make it first, or choose another one")
    shape_alone = np.broadcast_to(np.uint8(0), source.result_shape)
    image = described(shape_alone, source.state, {}, rgb=source.rgb)
    last = image.axes.rstrip("S")[-2:] == "YX"
    if not last or sorted(source.spatial_axes) != [*image.spatial_axes]:
        raise ImageFileError(
            folder,
            f"an OME-Zarr grows in rows and columns, its last two axes, and found {image.axes}; "
            "choose these, or another output",
        )
    stem = fitting_name(source.name, MAX_STEM) or "result"
    path, number = folder / f"{stem}.ome.zarr", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.ome.zarr"
    check_outside_zarr(path)
    written_axes(path, image)
    return path


def saved_steps(source: LayerSource, folder: Path) -> Generator[Progress, None, LayerData]:
    """Compute a result region by region, each of which goes to disk; return it opened from there.

    Work that was stopped is resumed where it was, as long as the layer's pixels are the same. Along
    axes that run backwards through the world the file holds the image mirrored, as it is seen:
    OME-Zarr has no pixel sizes below 0.

    Parameters
    ----------
    source : LayerSource
        What is taken from the layer.
    folder : pathlib.Path
        Where the result goes.

    Returns
    -------
    tuple of (data, meta, "image" or "labels")
        With all levels of the file, lazily.

    Yields
    ------
    Progress
    """
    path = saved_file(source, folder)
    pixels, mirrored = source.cut(source.array), backwards(source.state)
    dtype = np.dtype(source.array.dtype).newbyteorder("=")
    shape_alone = np.broadcast_to(np.zeros((), dtype), source.result_shape)
    _, meta, kind = source.layer_data([shape_alone])
    history = history_of(source.state["metadata"], meta["metadata"])
    image = described(shape_alone, source.state, meta, rgb=source.rgb)
    expected = replace(image, labels=kind == "labels", history=history)
    warn_of_lost(meta)
    task = source.part(pixels, source.start)
    how = repr(_lasting(meta["metadata"][METADATA_KEY]))
    made = {"layer": _identity(pixels), "mirrored": mirrored, "how": how}
    with ZarrResult(path, expected, made, scale=task.grid.unit) as result:
        yield from fill(result, task, computed_blocks, mirrored)
    names = [str(number) for number in range(len(result.plan.shapes))]
    levels = [_as_in_layer(as_dask(ZarrPixels(path / name)), expected) for name in names]
    levels = [mirror(level, mirrored) for level in levels]
    kept = {**meta, "multiscale": len(levels) > 1}
    return (levels if len(levels) > 1 else levels[0]), kept, kind


def _as_in_layer(level: Any, expected: ImageFile) -> Any:
    """A level of the file with its axes in the order of the layer, colours last."""
    written = written_axes(Path(), expected)
    wanted = expected.axes.replace("S", "C") if expected.rgb else expected.axes
    return level.transpose([written.index(axis) for axis in wanted])


def _identity(pixels: Any) -> str:
    """What tells pixels from others: their values; of lazy ones some, and the name of the array.

    A dask array is named by the file that it reads, which may have been written anew meanwhile.
    """
    if isinstance(pixels, np.ndarray):
        return hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=16).hexdigest()
    seen = hashlib.blake2b(str(getattr(pixels, "name", id(pixels))).encode(), digest_size=16)
    for part in (0.0, 0.5, 1.0):
        at = [int(part * (side - 1)) for side in pixels.shape[:-2]]
        seen.update(np.ascontiguousarray(pixels[(*at, *(slice(SEEN) for _ in "yx"))]).tobytes())
    return seen.hexdigest()


def _lasting(made: Mapping[str, Any]) -> dict[str, Any]:
    """How a result is made, whatever its source is called and when napari was started."""
    return {key: made[key] for key in sorted(made) if key not in ("source", "source_id")}
