"""What is written into an OME-Zarr of its image: axes, levels, places, channels.

Belongs here: from the fields of ``ImageFile`` to the JSON of OME-Zarr 0.4 and 0.5, written by
yaozarrs' models of the specification. The way back is ``layout.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io.image_file import Channel, ImageFile, ImageFileError
from napari_autolut.io.zarr.layout import UNITS
from napari_autolut.util.optional import zarr_models
from napari_autolut.util.text import printable

OWN_KEY = "napari-autolut"
"""Of the group's attributes: what was done to the image."""

LABELS_KEY = "image-label"
"""Of the attributes of labels, and of the ``metadata`` of an image of them: their colours, ...."""

ORDER = "TCZYX"
"""Axes in the order that OME-Zarr asks for: time, channel, space."""

COLOURS = ("FF0000", "00FF00", "0000FF", "FFFFFF")
"""Red, green, blue, and alpha, which has none of its own."""


def written_axes(path: Path, image: ImageFile) -> str:
    """The axes of an image in the order of OME-Zarr; colours become channels.

    Raises
    ------
    ImageFileError
        If OME-Zarr knows no such axes.
    """
    axes = image.axes
    if axes.endswith("S") and "C" not in axes:
        axes = axes.replace("S", "C")
    others = [axis for axis in axes if axis not in ORDER]
    if others and ("C" in axes or len(others) > 1):
        problem = f"found the axes {image.axes}, and OME-Zarr holds time, one axis of channels"
        raise ImageFileError(path, f"{problem} or colours, and space; write a TIFF")
    return "".join(axis for axis in "T" + ("".join(others) or "C") + "ZYX" if axis in axes)


def composed(
    image: ImageFile, axes: str, factors: Sequence[int], version: str, name: str
) -> dict[str, Any]:
    """The OME attributes of an image with levels 1, 2, 4, ... times as coarse in rows and columns.

    Parameters
    ----------
    image : ImageFile
        What is written; of its pixels only shape and type count.
    axes : str
        What :func:`written_axes` gave.
    factors : sequence of int
        How much coarser each level is.
    version : {"0.5", "0.4"}
        Of OME-Zarr.
    name : str
        Of the image.

    Returns
    -------
    dict
        For the group's attributes; valid, since the specification's own model wrote it.
    """
    models = zarr_models()
    module = models.v05 if version == "0.5" else models.v04
    datasets = []
    for number, factor in enumerate(factors):
        sizes, origins = _level_place(image, axes, factor)
        transforms: list[dict[str, Any]] = [{"type": "scale", "scale": sizes}]
        if any(origins):
            transforms.append({"type": "translation", "translation": origins})
        datasets.append({"path": str(number), "coordinateTransformations": transforms})
    scale: dict[str, Any] = {
        "name": printable(name),
        "axes": [_axis(axis, image) for axis in axes],
        "datasets": datasets,
        "type": "nearest" if image.labels else "mean",
    }
    if version == "0.4":
        scale["version"] = version
    whole: dict[str, Any] = {"multiscales": [scale]}
    if version == "0.5":
        whole["version"] = version
    channels = _written_channels(image, axes)
    if channels:
        whole["omero"] = {"channels": channels, "rdefs": {"model": "color"}}
    numbered = image.labels and (image.data.dtype != np.bool_ or LABELS_KEY in image.metadata)
    if numbered:
        whole[LABELS_KEY] = _said_of_labels(image, version)
    valid = (module.LabelImage if numbered else module.Image).model_validate(whole)
    ome: dict[str, Any] = valid.model_dump(mode="json", exclude_none=True, by_alias=True)
    if numbered:  # properties may have any names, which the model drops
        ome[LABELS_KEY] = whole[LABELS_KEY]
    history = {OWN_KEY: {"history": [step.as_dict() for step in image.history]}}
    return ({"ome": ome} if version == "0.5" else ome) | (history if image.history else {})


def _said_of_labels(image: ImageFile, version: str) -> dict[str, Any]:
    """Colours and properties of the things whose numbers stay, as far as they are valid."""
    said = image.metadata.get(LABELS_KEY, {})
    kept = {key: said[key] for key in ("colors", "properties", "source") if said.get(key)}
    module = zarr_models().v05 if version == "0.5" else zarr_models().v04
    try:
        module.ImageLabel.model_validate(kept)
    except (ValueError, RecursionError):
        return {}
    return kept


def _axis(axis: str, image: ImageFile) -> dict[str, str]:
    kinds = {"T": "time", "C": "channel"} | dict.fromkeys("ZYX", "space")
    described = {"name": axis.lower(), "type": kinds.get(axis, "other")}
    if axis == "T" and axis in image.pixel_size:
        described["unit"] = "second"
    if axis in "ZYX" and axis in image.pixel_size and image.unit in UNITS:
        described["unit"] = UNITS[image.unit]
    return described


def _level_place(image: ImageFile, axes: str, factor: int) -> tuple[list[float], list[float]]:
    """Size of a level's pixels and where the centre of the first one lies."""
    sizes, origins = [], []
    for axis in axes:
        size, origin = image.place(axis)
        coarser = factor if axis in "YX" else 1
        sizes.append(size * coarser)
        # A pixel is the mean of ``coarser`` ones: its centre is the middle of theirs.
        origins.append(origin + size * (coarser - 1) / 2)
    return sizes, origins


def _written_channels(image: ImageFile, axes: str) -> list[dict[str, Any]]:
    """How channels are shown: as the source said, and colours as red, green and blue."""
    count = image.lengths["S"] if image.rgb else image.lengths.get("C", 1)
    said = list(colours_of(image) if image.rgb else image.channels[:count])
    if not any(said) or ("C" not in axes and len(said) != 1):
        return []
    said += [Channel()] * (count - len(said))
    return [_written_channel(each, image) for each in said]


def colours_of(image: ImageFile) -> tuple[Channel, ...]:
    """The colours of an RGB image as channels, as they are shown."""
    names = ("red", "green", "blue", "alpha")[: image.lengths["S"]]
    own = tuple(Channel(*each) for each in zip(names, COLOURS, strict=False))
    return image.channels if len(image.channels) == len(own) else own


def _written_channel(channel: Channel, image: ImageFile) -> dict[str, Any]:
    kind = image.data.dtype.kind
    lowest, highest = (0.0, 1.0)
    if kind != "f":
        limits = np.iinfo(image.data.dtype)
        lowest, highest = float(limits.min), float(limits.max)
    lowest, highest = channel.limits or (lowest, highest)
    start, end = channel.window or (lowest, highest)
    window = {"min": min(lowest, start), "max": max(highest, end), "start": start, "end": end}
    described: dict[str, Any] = {
        "active": channel.shown,
        "color": channel.colour or "FFFFFF",
        "window": window,
    }
    return described | ({"label": channel.name} if channel.name else {})
