"""An image file as layer data: with its pixel size, which napari's own TIFF reader loses.

Belongs here: from `ImageFile` to ``(data, meta, "image")``. Reading is ``io/``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_autolut.io import ImageFile, read_image
from napari_autolut.layers.provenance import LayerData

MEMMAP_BYTES = 2**28
"""Pixels of more bytes stay in the file until they are shown, where it is a TIFF."""


def file_layer_data(path: Path) -> LayerData:
    """Read an image file; rows and columns come last, a channel axis is a slider.

    Raises
    ------
    ImageFileError
        If it cannot be read.
    """
    return image_layer_data(read_image(path, memmap_above=MEMMAP_BYTES), path.stem)


def image_layer_data(image: ImageFile, name: str) -> LayerData:
    """Lay out an image as napari shows it."""
    axes = [axis for axis in image.axes if axis not in "YXS"] + ["Y", "X"]
    colours = ["S"] if image.rgb else []
    data = image.data.transpose([image.axes.index(axis) for axis in (*axes, *colours)])
    meta: dict[str, Any] = {
        "name": name,
        "rgb": image.rgb,
        "scale": [image.pixel_size.get(axis, 1.0) for axis in axes],
        "axis_labels": [axis.lower() for axis in axes],
    }
    if image.unit is not None:
        meta["units"] = [_unit(axis, image) for axis in axes]
    return data, meta, "image"


def _unit(axis: str, image: ImageFile) -> str:
    if axis not in image.pixel_size:
        return "pixel"
    return "s" if axis == "T" else str(image.unit)
