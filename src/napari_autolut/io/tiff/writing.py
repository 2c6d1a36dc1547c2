"""Writing TIFF: OME, ImageJ or plain, so that axes and pixel sizes survive.

Belongs here: which dialect a file gets, and its pixels. What the dialects say is in
``ome/writing.py``, ``imagej.py`` and ``metadata.py``; reading is in ``reading.py``.
"""

from __future__ import annotations

import errno
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_autolut.io.exif import tiff_tags
from napari_autolut.io.image_file import Flavour, ImageFile, in_native_order
from napari_autolut.io.tiff.imagej import imagej_colours, imagej_description
from napari_autolut.io.tiff.metadata import plain_metadata, resolution_tags
from napari_autolut.io.tiff.ome.writing import fits_ome, ome_xml

OME_SUFFIXES = (".ome.tif", ".ome.tiff")
IMAGEJ_ORDER = "TZCYXS"
IMAGEJ_DTYPES = ("uint8", "uint16", "float32")
MAX_CLASSIC_BYTES = MAX_IMAGEJ_BYTES = 2**32 - 2**25
"""ImageJ files are classic TIFFs: 4 GB, with room for the tags of one page."""

PAGE_BYTES = 512
"""Of the tags of a page, at most."""


def write_tiff_series(path: Path, images: Sequence[ImageFile]) -> None:
    """Write images as series of one file: an OME-TIFF if there are several and it can be.

    Raises
    ------
    OSError
        If the system did not take all of it.
    """
    images = [_rows_and_columns_last(image) for image in images]
    flavour = flavour_of(path, images)
    big = sum(map(_file_bytes, images)) > MAX_CLASSIC_BYTES
    imagej = flavour == "imagej"
    try:
        with tifffile.TiffWriter(path, bigtiff=big, ome=False, imagej=imagej) as writer:
            for image, options in zip(images, write_arguments(images, flavour), strict=True):
                data = _in_imagej_order(image) if imagej else image.data
                writer.write(in_native_order(data), **options)
    except OSError as error:
        if error.errno is not None:
            raise
        # numpy writes arrays past Python, and says no more than how many numbers were written.
        problem = "not all of it could be written; the disk may be full"
        raise OSError(errno.EIO, problem) from error


def _file_bytes(image: ImageFile) -> int:
    """About as many bytes as an image and the tags of its pages take."""
    in_a_page = math.prod(image.data.shape[-2 - image.rgb :])
    return int(image.data.nbytes) + PAGE_BYTES * (image.data.size // max(1, in_a_page))


def write_arguments(images: Sequence[ImageFile], flavour: Flavour) -> list[dict[str, Any]]:
    """Arguments of ``tifffile.TiffWriter.write`` for each image, apart from the pixels.

    Parameters
    ----------
    images : sequence of ImageFile
        The images of a file, with rows and columns last or before colours.
    flavour : {"plain", "imagej", "ome"}
        Dialect of the file, as :func:`flavour_of` gives it.

    Returns
    -------
    list of dict
        One for each image; the writer is one with ``ome=False``, for OME-XML is ours.
    """
    arguments = [_arguments(image, flavour) for image in images]
    if flavour == "ome":
        arguments[0]["description"] = ome_xml(images)
    return arguments


def _arguments(image: ImageFile, flavour: Flavour) -> dict[str, Any]:
    options = resolution_tags(image, physical=flavour != "imagej")
    options["extratags"] = tiff_tags(image.exif)
    metadata: dict[str, Any] | None = None
    if flavour == "imagej":
        metadata = imagej_description(image) | {"axes": IMAGEJ_ORDER}
    elif flavour == "plain":
        metadata = plain_metadata(image)
    if image.rgb:
        options |= {"photometric": "rgb", "planarconfig": "contig"}
        if image.data.shape[-1] == 4:
            options["extrasamples"] = ["unassalpha"]
    else:
        options["photometric"] = "minisblack"
        options |= imagej_colours(image) if flavour == "imagej" else {}
    return options | {"metadata": metadata, "iccprofile": image.icc_profile}


def flavour_of(path: Path, images: Sequence[ImageFile], *, tiled: bool = False) -> Flavour:
    """Dialect by name, by origin, or by what keeps the axes of a stack.

    Parameters
    ----------
    path : Path
        The file; ``.ome.tif`` asks for OME-TIFF.
    images : sequence of ImageFile
        What it will hold.
    tiled : bool, default False
        Whether it is written in tiles, which ImageJ does not know.

    Returns
    -------
    {"plain", "imagej", "ome"}
        The dialect.
    """
    images = [_rows_and_columns_last(image) for image in images]  # as they are written
    asked = path.name.lower().endswith(OME_SUFFIXES) or images[0].flavour == "ome"
    asked = asked or any(map(_needs_ome, images))
    stack = any(len(image.axes.rstrip("S")) > 2 for image in images)
    one = len(images) == 1 and not tiled
    if one and not asked and (stack or images[0].flavour == "imagej") and _fits_imagej(images[0]):
        return "imagej"
    return "ome" if (asked or stack) and all(map(fits_ome, images)) else "plain"


def _needs_ome(image: ImageFile) -> bool:
    """Whether only OME has words for what another file than a TIFF says of an image."""
    said = image.place_is_known or any(each.name or each.colour for each in image.channels)
    return image.flavour == "plain" and said


def _rows_and_columns_last(image: ImageFile) -> ImageFile:
    """Put the axes in an order that all dialects know."""
    colours = "S" * image.rgb
    axes = "".join(axis for axis in image.axes if axis not in "YXS") + "YX" + colours
    order = [image.axes.index(axis) for axis in axes]
    return (
        image if axes == image.axes else replace(image, data=image.data.transpose(order), axes=axes)
    )


def _fits_imagej(image: ImageFile) -> bool:
    colours = ("uint8",) if image.rgb else IMAGEJ_DTYPES
    return (
        str(image.data.dtype) in colours
        and set(image.axes) <= set(IMAGEJ_ORDER)
        and not (image.rgb and image.data.shape[-1] == 4)
        and image.data.nbytes <= MAX_IMAGEJ_BYTES
    )


def _in_imagej_order(image: ImageFile) -> NDArray[Any]:
    """All six axes: tifffile takes a last axis of length 1 for colours if they are not there."""
    there = [axis for axis in IMAGEJ_ORDER if axis in image.axes]
    data = np.transpose(image.data, [image.axes.index(axis) for axis in there])
    return np.expand_dims(data, [i for i, axis in enumerate(IMAGEJ_ORDER) if axis not in there])
