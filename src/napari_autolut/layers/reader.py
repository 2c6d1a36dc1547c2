"""An image file as layer data: with its pixel size, which napari's own TIFF reader loses.

Belongs here: from `ImageFile` to layer data. Reading is ``io/``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from napari_autolut.io import (
    Channel,
    ImageFile,
    ImageFileError,
    SeriesInfo,
    chosen_series,
    damaged,
    open_images,
)
from napari_autolut.io.files import OpenImages
from napari_autolut.io.zarr import is_zarr
from napari_autolut.layers.provenance import LayerData
from napari_autolut.util.dask_graphs import as_dask
from napari_autolut.util.paths import image_name
from napari_autolut.util.text import shortened
from napari_autolut.util.warning import warn

MEMMAP_BYTES = 2**28
"""Pixels of more bytes stay in the file until they are shown, where it is a TIFF."""


def file_layers(path: Path) -> list[LayerData]:
    """Read all images of a file but thumbnails and the like, as layers.

    Rows and columns come last, a channel axis is a slider. An OME-Zarr comes with all its levels,
    and its pixels stay on disk until they are shown; labels beside its images come after them. Of
    several images, those that cannot be read are left out with a warning.

    Raises
    ------
    ImageFileError
        If it cannot be read.
    """
    with open_images(path) as opened:
        if opened.lost:
            warn(f"{path}: {opened.lost}", UserWarning)
        chosen = chosen_series(path, opened.series)
        names = [image_name(path)]
        if len(chosen) > 1:
            names = [f"{image_name(path)} {shortened(each.name) or each.index}" for each in chosen]
        series = list(zip(chosen, names, strict=True))
        if not is_zarr(path):
            return _layers_of_sound(path, opened, series)
    layers = [zarr_layer_data(path / each.name, name) for each, name in series]
    return layers + [labels for each in chosen for labels in _labels(path / each.name)]


def _layers_of_sound(
    path: Path, opened: OpenImages, series: Sequence[tuple[SeriesInfo, str]]
) -> list[LayerData]:
    """Layers of the images that can be read, with a warning that names the others."""
    layers, errors = [], {}
    for each, name in series:
        try:
            layers.append(image_layer_data(opened.read(each.index, MEMMAP_BYTES), name))
        except ImageFileError as error:
            errors[each.index] = error
    if lost := damaged([each for each, _ in series], errors):
        warn(f"{path}: {lost}", UserWarning)
    return layers


def _labels(image_folder: Path) -> Iterator[LayerData]:
    """Labels beside an image; those that are damaged are left out."""
    from napari_autolut.io.zarr.folder import inside
    from napari_autolut.io.zarr.groups import labels_of

    with suppress(ImageFileError):
        around, names = labels_of(image_folder)
        for name in names:
            with suppress(ImageFileError):
                yield zarr_layer_data(inside(around, name), name)


def zarr_layer_data(path: Path, name: str = "") -> LayerData:
    """Open an image of an OME-Zarr without reading pixels; errors as :func:`file_layers`."""
    from napari_autolut.io.zarr.reading import open_zarr

    opened = open_zarr(path)
    images = [opened.with_data(as_dask(level)) for level in opened.levels]
    levels = [image_layer_data(image, name or image_name(path)) for image in images]
    _, meta, kind = levels[0]
    data = [level for level, *_ in levels]
    meta["multiscale"] = len(data) > 1
    if kind == "image":
        channels = opened.layout.channels
        only = channels[0] if len(channels) == 1 else Channel()
        meta["contrast_limits"] = only.window or _limits(data[-1])
        if only.colour is not None and not meta["rgb"]:
            meta["colormap"] = f"#{only.colour}"
    return (data if len(data) > 1 else data[0]), meta, kind


def _limits(coarsest: Any) -> tuple[float, float]:
    """Contrast limits where a file says none: without them napari would compute a whole slice."""
    if coarsest.dtype.kind != "f":
        info = np.iinfo(coarsest.dtype)
        return float(info.min), float(info.max)
    finite = coarsest[np.isfinite(coarsest)].compute()
    lo, hi = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return lo, hi if lo < hi else lo + 1


def image_layer_data(image: ImageFile, name: str) -> LayerData:
    """Lay out an image as napari shows it."""
    axes = [axis for axis in image.axes if axis not in "YXS"] + ["Y", "X"]
    colours = ["S"] if image.rgb else []
    data = image.data.transpose([image.axes.index(axis) for axis in (*axes, *colours)])
    of_labels = image.labels and data.dtype.kind in "ui"
    meta: dict[str, Any] = {
        "name": name,
        "scale": [image.place(axis)[0] for axis in axes],
        "translate": [image.place(axis)[1] for axis in axes],
        "axis_labels": [axis.lower() for axis in axes],
    }
    if image.unit is not None or "T" in image.pixel_size:
        meta["units"] = [_unit(axis, image) for axis in axes]
    if of_labels:
        return data, meta, "labels"
    return data, meta | {"rgb": image.rgb}, "image"


def _unit(axis: str, image: ImageFile) -> str:
    unit = "s" if axis == "T" else image.unit
    return unit if unit and axis in image.pixel_size else "pixel"
