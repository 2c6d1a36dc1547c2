"""A layer of napari as a file can hold it: axes, sizes in one unit, channels.

Belongs here: from what napari says of a layer to an ``ImageFile``, and what is lost. The way back
is ``reader.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from napari_autolut.io import Channel, ImageFile, ImageFileError
from napari_autolut.layers.geometry import with_affine
from napari_autolut.util.axis_names import axis_letter, axis_letters
from napari_autolut.util.warning import warn

COLOURS_OF_A_CHANNEL = 2
"""In a map that goes from black to one colour, such as napari's green."""

UNITS = {"nanometer": "nm", "micrometer": "µm", "millimeter": "mm", "centimeter": "cm",
         "meter": "m"}  # fmt: skip


def described(
    data: Any, state: Mapping[str, Any], meta: Mapping[str, Any], *, rgb: bool
) -> ImageFile:
    """Describe a layer as a file can hold it.

    Parameters
    ----------
    data : array_like
        Of the layer's shape and dtype.
    state : mapping
        What napari says of the layer that it is made of, or of itself.
    meta : mapping
        What napari says of itself; empty where only its axes are asked for.
    rgb : bool
        Whether the last axis holds colours.

    Returns
    -------
    ImageFile
        Its place and pixel sizes are those of the layer, in one unit of length and in seconds; of
        what `backwards` names, for pixels that are mirrored.
    """
    axes = _letters(state) + ("S" if rgb else "")
    if not meta:
        return ImageFile(data, axes)
    factors, unit = _in_one_unit(axes, meta.get("units"))
    place, _ = with_affine(meta)
    scale = dict(zip(axes, place.scale, strict=False))
    ends = np.multiply(np.minimum(place.scale, 0), np.subtract(data.shape[: len(scale)], 1))
    first = dict(zip(axes, place.translate + ends, strict=False))
    sizes = {axis: abs(float(scale[axis])) * factor for axis, factor in factors.items()}
    places = {axis: float(first[axis]) * factor for axis, factor in factors.items()}
    if "T" in sizes and not _measures(meta["units"][axes.index("T")], "time") and sizes["T"] == 1:
        del sizes["T"], places["T"]  # nobody has set it
    channels: tuple[Channel, ...] = ()
    if "C" not in axes and not rgb and "contrast_limits" in meta:  # labels have none
        low, high = (float(limit) for limit in meta["contrast_limits"])
        window = (low, high) if low < high else None
        channels = (Channel(str(state["name"]), _colour(meta["colormap"]), window),)
    return ImageFile(data, axes, sizes, unit, origin=places, channels=channels)


def backwards(state: Mapping[str, Any]) -> list[int]:
    """Axes with a pixel size below 0, by their number: files hold the layer mirrored along them."""
    (scale, _), _ = with_affine(state)
    axes = _letters(state)
    return [axis for axis, size in enumerate(scale) if size < 0 and axes[axis] != "C"]


def mirror(pixels: Any, axes: Collection[int]) -> Any:
    """Pixels the other way round along some axes: a view, or lazily."""
    steps = (-1 if axis in axes else 1 for axis in range(pixels.ndim))
    return pixels[tuple(slice(None, None, step) for step in steps)]


def _colour(colormap: Mapping[str, Any]) -> str | None:
    """The colour of what is bright, as six digits; None of a map that is more than one colour."""
    colours = np.asarray(colormap["colors"])[:, :3]
    if len(colours) != COLOURS_OF_A_CHANNEL or colours[0].any():
        return None
    return "".join(f"{round(255 * float(part)):02X}" for part in colours[1])


def _letters(state: Mapping[str, Any]) -> str:
    """A letter for each axis, by its label; of one without a label that says what, by its unit."""
    nothing = ("",) * len(state["scale"])
    labels, units = state.get("axis_labels") or nothing, state.get("units") or nothing
    named = [
        "t" if unit and not axis_letter(label) and _measures(unit, "time") else label
        for label, unit in zip(labels, units, strict=True)
    ]
    try:
        return axis_letters(named)
    except ValueError as error:
        raise ImageFileError(str(state["name"]), str(error)) from error


def _in_one_unit(axes: str, units: Any) -> tuple[dict[str, float], str | None]:
    """Factors that make sizes along axes of one unit of length, and times seconds.

    Slices whose distance is no length, while that of pixels is one, have no factor: only napari
    knows it; nor have times in a unit of length.
    """
    own = dict(zip(axes.rstrip("S"), units or (), strict=False))
    factors = dict.fromkeys(axes.replace("C", "").rstrip("S"), 1.0)
    if "T" in own and _measures(own["T"], "time"):
        factors["T"] = float((1 * own["T"]).to("second").magnitude)
    elif "T" in own and _measures(own["T"], "length"):
        del factors["T"]
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


def warn_of_lost(meta: Mapping[str, Any]) -> None:
    """Say what of a layer's place only napari keeps."""
    _, whole = with_affine(meta)
    if not whole:
        warn(
            "files hold scale and translation alone: rotation and shear stay with the layer in "
            "napari",
            UserWarning,
        )
