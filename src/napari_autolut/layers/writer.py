"""What napari's *File > Save* writes by this plugin: OME-TIFF and OME-Zarr of images and labels.

Belongs here: which layers make up one image, and napari's ways of calling a writer and hearing of
errors. What of a layer a file can hold is ``describing.py``; the formats are ``io/``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from npe2 import PluginManager, io_utils

from napari_autolut.io import (
    TIFF_SUFFIXES,
    ZARR_SUFFIX,
    History,
    ImageFile,
    ImageFileError,
    check_memory,
    is_named_zarr,
    write_image,
)
from napari_autolut.io.tiff.ome.writing import fits_ome
from napari_autolut.layers.describing import backwards, described, mirror, warn_of_lost
from napari_autolut.layers.history import history_of
from napari_autolut.layers.provenance import LayerData


def write_ome_tiff(path: str, layers: Sequence[LayerData]) -> list[str]:
    """Write layers as OME-TIFF, as npe2 calls a writer.

    Parameters
    ----------
    path : str
        The file; without a suffix it gets ``.ome.tif``. A file that is there is replaced.
    layers : sequence of (data, meta, "image" or "labels")
        Images of one shape, type and place become the channels of one. Others, and labels, are
        images of their own.

    Returns
    -------
    list of str
        What was written.

    Raises
    ------
    OSError
        If it cannot be written, with the sentence for the user.
    """
    return _written(path, layers, TIFF_SUFFIXES, ".ome.tif")


def write_ome_zarr(path: str, layers: Sequence[LayerData]) -> list[str]:
    """Write layers as OME-Zarr; a folder that is there is kept.

    Parameters
    ----------
    path : str
        The folder; without a suffix it gets ``.ome.zarr``.
    layers : sequence of (data, meta, "image" or "labels")
        As :func:`write_ome_tiff` takes them.

    Returns
    -------
    list of str
        What was written.

    Raises
    ------
    OSError
        If it cannot be written, with the sentence for the user.
    """
    return _written(path, layers, (ZARR_SUFFIX,), ".ome.zarr")


def _written(
    name: str, layers: Sequence[LayerData], suffixes: tuple[str, ...], added: str
) -> list[str]:
    if not name.lower().endswith(suffixes):
        kinds = [kind for *_, kind in layers]
        writer, _ = PluginManager.instance().get_writer(name, kinds)
        if writer and Path(name).suffix:  # the name counts more than the kind chosen beside it
            return io_utils.write(name, list(layers))
        name += added
    path = Path(name)
    try:
        images = _images(path, layers)
        to_zarr = is_named_zarr(path)  # which is written region by region
        if not to_zarr:
            images = [_narrowed(each) for each in images]
            _check_ome(path, images)
        write_image(path, images, overwrite=not to_zarr)
    except ValueError as error:  # of which napari only says that no plugin was found
        raise OSError(str(error)) from error
    return [os.fspath(path)]


def _narrowed(image: ImageFile) -> ImageFile:
    """Labels of 64 bits, which OME-TIFF does not know, as 32 where these hold every number."""
    labels = image.data
    if not image.labels or labels.dtype not in (np.int64, np.uint64):
        return image
    if not isinstance(labels, np.ndarray) or not labels.size:
        return image
    lowest, highest = labels.min(), labels.max()
    limits = np.iinfo(np.uint32 if lowest >= 0 else np.int32)
    if lowest < limits.min or highest > limits.max:
        return image
    return replace(image, data=labels.astype(limits.dtype))


def _check_ome(path: Path, images: Sequence[ImageFile]) -> None:
    for each in images:
        if not fits_ome(each):
            found = f"{each.data.dtype} with axes {each.axes}"
            raise ImageFileError(path, f"an OME-TIFF holds no {found}; save it as .ome.zarr")
    lazy = [each.data.nbytes for each in images if not isinstance(each.data, np.ndarray)]
    check_memory(path, sum(lazy), remedy="save it as .ome.zarr")


def _images(path: Path, layers: Sequence[LayerData]) -> list[ImageFile]:
    images = [_image(*layer) for layer in layers]
    channels = [each for each in images if _is_channel_beside(images[0], each)]
    labels = [each for each in images if each.labels]
    if len(channels) < 2 or len(channels) + len(labels) < len(images):
        return images
    return [_together(path, channels), *labels]


def _image(data: Any, meta: Mapping[str, Any], kind: str) -> ImageFile:
    warn_of_lost(meta)
    pixels = mirror(data[0] if meta["multiscale"] else data, backwards(meta))
    if np.dtype(pixels.dtype) == np.bool_:
        pixels = pixels.astype(np.uint8)
    image = _rows_and_columns_last(described(pixels, meta, meta, rgb=meta.get("rgb", False)))
    nowhere = not any(image.origin.values())
    if image.unit is None and nowhere and {*image.pixel_size.values()} == {1.0}:
        image = replace(image, pixel_size={}, origin={})  # nobody has set them
    return replace(
        image,
        flavour="ome",
        name=str(meta["name"]),
        history=history_of(meta["metadata"]),
        labels=kind == "labels",
    )


def _rows_and_columns_last(image: ImageFile) -> ImageFile:
    """The same image in the order of axes that files have, where labels say another one."""
    order = [image.axes.index(a) for a in image.axes if a not in "YXS"]
    order += [image.axes.index(a) for a in "YXS" if a in image.axes]
    axes = "".join(image.axes[at] for at in order)
    return replace(image, data=image.data.transpose(order), axes=axes)


def _is_channel_beside(one: ImageFile, other: ImageFile) -> bool:
    """Whether two layers show the same place, pixel by pixel."""
    kinds = ((e.axes, e.data.shape, e.data.dtype, e.unit, e.pixel_size, e.origin, e.labels)
             for e in (one, other))  # fmt: skip
    return len({*map(repr, kinds)}) == 1 and not {"C", "S"} & {*one.axes} and not one.labels


def _together(path: Path, images: Sequence[ImageFile]) -> ImageFile:
    """One image whose channels they are, before slices and after times."""
    import dask.array as da

    first = images[0]
    at = int(first.axes.startswith("T"))
    return replace(
        first,
        data=da.stack([da.asarray(each.data) for each in images], at),
        axes=f"{first.axes[:at]}C{first.axes[at:]}",
        channels=tuple(channel for each in images for channel in each.channels),
        name=path.name.partition(".")[0],
        history=_shared([each.history for each in images]),
    )


def _shared(histories: Sequence[History]) -> History:
    """The steps that all channels went through, with the range of each; none where they differ."""
    steps = [[(step.operation, step.model, step.scale) for step in each] for each in histories]
    if any(each != steps[0] for each in steps):
        return ()
    return tuple(
        replace(same[0], value_range=tuple(limits for step in same for limits in step.value_range))
        for same in zip(*histories, strict=True)
    )
