"""A layer's result that goes to disk as OME-Zarr, and the layer that opens it from there.

Belongs here: what of a layer a file can hold, the file's name, and the work in steps. What is done
is ``source.py`` and those that build on it; the format is ``io/zarr``.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.arrays import Progress
from napari_autolut.arrays.patches import computed_blocks
from napari_autolut.arrays.regions import fill
from napari_autolut.io import Channel, ImageFile, ImageFileError
from napari_autolut.io.zarr import check_outside_zarr
from napari_autolut.io.zarr.describing import written_axes
from napari_autolut.io.zarr.pixels import ZarrPixels
from napari_autolut.io.zarr.result import ZarrResult
from napari_autolut.layers.provenance import METADATA_KEY, LayerData, history_of
from napari_autolut.layers.reader import as_dask
from napari_autolut.layers.source import LayerSource
from napari_autolut.util.optional import zarr, zarr_models
from napari_autolut.util.paths import fitting_name

LEADING = ("", "Z", "TZ", "TCZ")
"""Axes before rows and columns whose names say nothing, by their number."""

COLOURS_OF_A_CHANNEL = 2
"""In a map that goes from black to one colour, such as napari's green."""

UNITS = {"nanometer": "nm", "micrometer": "µm", "millimeter": "mm", "centimeter": "cm",
         "meter": "m"}  # fmt: skip

MAX_STEM = 80
"""Letters of a file's name before its suffix."""


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
    ndim = len(source.state["scale"])
    if sorted(source.spatial_axes) != [ndim - 2, ndim - 1]:
        raise ImageFileError(
            folder, "an OME-Zarr grows in the last two axes; choose these, or another output"
        )
    if any(np.asarray(source.state["scale"]) < 0):
        raise ImageFileError(
            folder, "an OME-Zarr holds no pixel sizes below 0; choose another output"
        )
    stem = fitting_name(source.name, MAX_STEM) or "result"
    path, number = folder / f"{stem}.ome.zarr", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.ome.zarr"
    check_outside_zarr(path)
    written_axes(path, described(source, np.broadcast_to(np.uint8(0), source.result_shape), {}))
    return path


def saved_steps(source: LayerSource, folder: Path) -> Generator[Progress, None, LayerData]:
    """Compute a result region by region, each of which goes to disk; return it opened from there.

    Work that was stopped is resumed where it was, where the layer's pixels are in memory.

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
    pixels = source.cut(source.array)
    dtype = np.dtype(source.array.dtype).newbyteorder("=")
    shape_alone = np.broadcast_to(np.zeros((), dtype), source.result_shape)
    _, meta, kind = source.layer_data([shape_alone])
    history = history_of(source.state["metadata"], meta["metadata"])
    image = described(source, shape_alone, meta)
    expected = replace(image, labels=kind == "labels", history=history)
    _warn_of_lost(meta)
    task = source.part(pixels, source.start)
    made = {"layer": _identity(pixels), "how": repr(_lasting(meta["metadata"][METADATA_KEY]))}
    with ZarrResult(path, expected, made, scale=task.grid.unit) as result:
        yield from fill(result, task, computed_blocks)
    names = [str(number) for number in range(len(result.plan.shapes))]
    levels = [_as_in_layer(as_dask(ZarrPixels(path / name)), expected) for name in names]
    kept = {**meta, "multiscale": len(levels) > 1}
    return (levels if len(levels) > 1 else levels[0]), kept, kind


def _as_in_layer(level: Any, expected: ImageFile) -> Any:
    """A level of the file with its axes in the order of the layer, colours last."""
    written = written_axes(Path(), expected)
    wanted = expected.axes.replace("S", "C") if expected.rgb else expected.axes
    return level.transpose([written.index(axis) for axis in wanted])


def described(source: LayerSource, data: Any, meta: Mapping[str, Any]) -> ImageFile:
    """Describe a result as a file can hold it.

    Parameters
    ----------
    source : LayerSource
        What is taken from the layer.
    data : array_like
        Of the result's shape and dtype.
    meta : mapping
        The result as layer data; empty where only its axes are asked for.

    Returns
    -------
    ImageFile
        Its place and pixel sizes are those of the layer, in one unit of length and in seconds.
    """
    state = source.state
    labels = state.get("axis_labels") or ("",) * len(state["scale"])
    axes = _letters(labels) + ("S" if source.rgb else "")
    if not meta:
        return ImageFile(data, axes)
    factors, unit = _in_one_unit(axes, meta.get("units"))
    scale, translate = (dict(zip(axes, meta[key], strict=False)) for key in ("scale", "translate"))
    sizes = {axis: float(scale[axis]) * factor for axis, factor in factors.items()}
    places = {axis: float(translate[axis]) * factor for axis, factor in factors.items()}
    if "T" in sizes and not _measures(meta["units"][axes.index("T")], "time") and sizes["T"] == 1:
        del sizes["T"], places["T"]  # nobody has set it
    channels: tuple[Channel, ...] = ()
    if "C" not in axes and not source.rgb and "contrast_limits" in meta:  # labels have none
        low, high = (float(limit) for limit in meta["contrast_limits"])
        window = (low, high) if low < high else None
        channels = (Channel(str(state["name"]), _colour(meta["colormap"]), window),)
    return ImageFile(data, axes, sizes, unit, origin=places, channels=channels)


def _colour(colormap: Mapping[str, Any]) -> str | None:
    """The colour of what is bright, as six digits; None of a map that is more than one colour."""
    colours = np.asarray(colormap["colors"])[:, :3]
    if len(colours) != COLOURS_OF_A_CHANNEL or colours[0].any():
        return None
    return "".join(f"{round(255 * float(part)):02X}" for part in colours[1])


def _letters(labels: Sequence[str]) -> str:
    """A letter for each axis: by its label, else by where it stands; rows and columns are last."""
    leading = [str(label).strip().upper()[:1] for label in labels[:-2]]
    unique = len(set(leading)) == len(leading) and set(leading) <= set("TCZ")
    if unique:
        return "".join(leading) + "YX"
    if len(leading) >= len(LEADING):
        raise ImageFileError(Path(), f"found {len(labels)} axes, and OME-Zarr holds up to 5")
    return LEADING[len(leading)] + "YX"


def _in_one_unit(axes: str, units: Any) -> tuple[dict[str, float], str | None]:
    """Factors that make sizes along axes of one unit of length, and times seconds.

    Slices whose distance is no length, while that of pixels is one, have no factor: only napari
    knows it.
    """
    own = dict(zip(axes.rstrip("S"), units or (), strict=False))
    factors = dict.fromkeys(axes.replace("C", "").rstrip("S"), 1.0)
    if "T" in own and _measures(own["T"], "time"):
        factors["T"] = float((1 * own["T"]).to("second").magnitude)
    lengths = {axis: own[axis] for axis in own if axis in "ZYX" and _measures(own[axis], "length")}
    if not {"Y", "X"} <= set(lengths):
        return factors, None
    if "Z" not in lengths:
        factors.pop("Z", None)
    names = {str(each) for each in lengths.values()}
    if len(names) == 1 and names <= UNITS.keys():
        return factors, UNITS[names.pop()]
    for axis, each in lengths.items():
        factors[axis] = float((1 * each).to("micrometer").magnitude)
    return factors, "µm"


def _measures(unit: Any, what: str) -> bool:
    return bool(unit.dimensionality == {f"[{what}]": 1})


def _warn_of_lost(meta: Mapping[str, Any]) -> None:
    """Say what of a layer's place only napari keeps."""
    shear, rotate = np.asarray(meta["shear"]), np.asarray(meta["rotate"])
    outer = np.asarray(getattr(meta["affine"], "affine_matrix", meta["affine"]))
    plain = (
        np.allclose(rotate, np.eye(len(rotate)))
        and not (np.triu(shear, 1) if shear.ndim == 2 else shear).any()
        and np.allclose(outer, np.eye(len(outer)))
    )
    if not plain:
        warnings.warn(
            "OME-Zarr holds scale and translation alone: rotation, shear and affine transform stay "
            "with the layer in napari",
            UserWarning,
            stacklevel=2,
        )


def _identity(pixels: Any) -> str:
    """What tells pixels from others: their values in memory, the name of a dask array."""
    if isinstance(pixels, np.ndarray):
        return hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=16).hexdigest()
    return str(getattr(pixels, "name", id(pixels)))


def _lasting(made: Mapping[str, Any]) -> dict[str, Any]:
    """How a result is made, without what is another one each time napari is started."""
    return {key: value for key, value in sorted(made.items()) if key != "source_id"}
