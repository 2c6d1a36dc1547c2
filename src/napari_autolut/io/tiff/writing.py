"""Writing TIFF: OME, ImageJ or plain, so that axes and pixel sizes survive.

Belongs here: which dialect a file gets, and its pixels. What the metadata says is in
``metadata.py``; reading is in ``reading.py``.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_autolut.io.image_file import Flavour, ImageFile, native
from napari_autolut.io.tiff.metadata import imagej_description, ome_description, resolution_tags

OME_SUFFIXES = (".ome.tif", ".ome.tiff")
OME_AXES = "TZCYXSAPRHE"
OME_DTYPES = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "float32", "float64",
              "complex64", "complex128")  # fmt: skip
IMAGEJ_ORDER = "TZCYXS"
IMAGEJ_DTYPES = ("uint8", "uint16", "float32")
MAX_CLASSIC_BYTES = MAX_IMAGEJ_BYTES = 2**32 - 2**25
"""ImageJ files are classic TIFFs: 4 GB, with room for the tags."""


def write_tiff(path: Path, image: ImageFile) -> None:
    """Write all pixels to ``path``, in the image's dialect or the nearest that holds it.

    Raises
    ------
    OSError
        If the system did not take all of it.
    """
    imagej = _flavour(path, image) == "imagej"
    data = _in_imagej_order(image) if imagej else image.data
    try:
        tifffile.imwrite(path, native(data), **description(path, image))
    except OSError as error:
        if error.errno is not None:
            raise
        # numpy writes arrays past Python, and says no more than how many numbers were written.
        problem = "not all of it could be written; the disk may be full"
        raise OSError(errno.EIO, problem) from error


def write_tiff_series(path: Path, images: Sequence[ImageFile]) -> None:
    """Write several images as series of one file: an OME-TIFF if it can be, else a plain one.

    Raises
    ------
    OSError
        If the system did not take all of it.
    """
    if len(images) == 1:
        write_tiff(path, images[0])
        return
    arguments = series_descriptions(path, images)
    big = sum(image.data.nbytes for image in images) > MAX_CLASSIC_BYTES
    with tifffile.TiffWriter(path, bigtiff=big, ome=arguments[0].pop("ome")) as writer:
        for image, options in zip(images, arguments, strict=True):
            writer.write(native(image.data), **options)


def series_descriptions(path: Path, images: Sequence[ImageFile]) -> list[dict[str, Any]]:
    """Arguments of ``tifffile.TiffWriter.write`` for each image; the first has ``ome``, too."""
    stacks = any(len(image.axes.rstrip("S")) > 2 for image in images)
    asked = path.name.lower().endswith(OME_SUFFIXES) or images[0].flavour == "ome"
    ome = (asked or stacks) and all(_fits_ome(image) for image in images)
    flavour: Flavour = "ome" if ome else "plain"
    arguments = [_arguments(image, flavour) for image in images]
    for options in arguments:
        del options["imagej"], options["ome"]
    arguments[0]["ome"] = ome
    return arguments


def description(path: Path, image: ImageFile, *, tiled: bool = False) -> dict[str, Any]:
    """Arguments of ``tifffile.imwrite`` for a file of that name, apart from the pixels.

    ``tiled`` files are never ImageJ's, which knows none; their stacks become OME-TIFF.
    """
    flavour = _flavour(path, image)
    if tiled and flavour == "imagej":
        flavour = "ome" if _fits_ome(image) else "plain"
    return _arguments(image, flavour)


def _arguments(image: ImageFile, flavour: Flavour) -> dict[str, Any]:
    if flavour == "imagej":
        options = resolution_tags(image, physical=False)
        metadata = imagej_description(image) | {"axes": IMAGEJ_ORDER}
    else:
        options = resolution_tags(image, physical=True)
        metadata = ome_description(image) if flavour == "ome" else {"axes": image.axes}
    if image.rgb:
        options |= {"photometric": "rgb", "planarconfig": "contig"}
        if image.data.shape[-1] == 4:
            options["extrasamples"] = ["unassalpha"]
    else:
        options["photometric"] = "minisblack"
    return options | {
        "ome": flavour == "ome",
        "imagej": flavour == "imagej",
        "metadata": metadata,
        "iccprofile": image.icc_profile,
    }


def _flavour(path: Path, image: ImageFile) -> Flavour:
    """Dialect by name, by origin, or by what keeps the axes of a stack."""
    asked = path.name.lower().endswith(OME_SUFFIXES) or image.flavour == "ome"
    stack = len(image.axes.rstrip("S")) > 2
    if not asked and (stack or image.flavour == "imagej") and _fits_imagej(image):
        return "imagej"
    return "ome" if _fits_ome(image) and (asked or stack) else "plain"


def _fits_ome(image: ImageFile) -> bool:
    return str(image.data.dtype) in OME_DTYPES and set(image.axes) <= set(OME_AXES)


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
