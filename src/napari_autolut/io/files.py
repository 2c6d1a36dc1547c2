"""Image files: which suffixes can be read and written, and which reader or writer does it.

Belongs here: the choice by suffix, and checks of an output before any work is done. Pillow's
formats are in ``pillow.py``, TIFF in ``tiff``, OME-Zarr in ``zarr``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.io.outputs import check_holds_series, known_suffix
from napari_autolut.io.pillow import pillow_history, pillow_series, read_pillow, write_pillow
from napari_autolut.io.provenance import History
from napari_autolut.io.series import SeriesInfo, chosen_series
from napari_autolut.io.suffixes import (
    FOREIGN_SUFFIXES,
    READ_AS_TIFF,
    READABLE_SUFFIXES,
    TIFF_SUFFIXES,
    ZARR_SUFFIX,
    is_named_zarr,
)
from napari_autolut.io.tiff.reading import OpenTiff, tiff_history
from napari_autolut.io.tiff.writing import write_tiff_series
from napari_autolut.io.zarr import check_outside_zarr, is_zarr
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.grid import NEAREST
from napari_autolut.util.library_lines import silent_libraries
from napari_autolut.util.paths import missing_words


@silent_libraries()
def read_image(
    path: str | os.PathLike[str], *, series: int | None = None, memmap_above: float = math.inf
) -> ImageFile:
    """Read an image of a PNG, JPEG, WebP, BMP or TIFF file, or of an OME-Zarr folder.

    TIFFs may have the suffixes of microscopes, such as LSM, STK or SVS. Files of other kinds (CZI,
    ND2, LIF, ...) are read by bioio or a napari plugin, if installed.

    Images come upright as their orientation says. Palettes, inks and YCbCr become RGB, grey with
    alpha RGBA, and alpha is straight; where white is zero, values are inverted. Greys of less than
    8 bits are stretched to 0..255, more bits and floats keep their values. Pages of a TIFF without
    named axes are ``Z``, samples that are no colours ``C``.

    Parameters
    ----------
    path : str or path-like
        The file.
    series : int, optional
        Which image of a file with several, as :func:`list_series` numbers them; by default the
        first that is no thumbnail.
    memmap_above : float, default math.inf
        Pixels beyond this many bytes stay on disk, where the colours of a TIFF allow that; read is
        what is indexed.

    Returns
    -------
    ImageFile
        The image.

    Raises
    ------
    ImageFileError
        If the file is missing, a folder, of an unknown kind, truncated or not readable.
    MissingDependencyError
        For a Zarr where the extra ``zarr`` is not installed.
    """
    return _as_labels(_read(Path(path), series, memmap_above))


def _as_labels(image: ImageFile) -> ImageFile:
    """Say of an image that it is labels, where it was made so or only tells true from false."""
    made = bool(image.history) and image.history[-1].model == NEAREST
    of_labels = made or image.data.dtype == np.bool_
    return replace(image, labels=True) if of_labels else image


def _read(path: Path, series: int | None, memmap_above: float) -> ImageFile:
    if is_zarr(path):
        from napari_autolut.io.zarr.reading import read_zarr

        return read_zarr(path, series=series, memmap_above=memmap_above)
    if _readable_suffix(path) in (*FOREIGN_SUFFIXES, *READ_AS_TIFF):
        with ExitStack() as files:
            return _opened(path, files).read_one(series, memmap_above)
    return _read_pillow(path, series)


def _read_pillow(path: Path, series: int | None = None, _: float = math.inf) -> ImageFile:
    if series is not None:
        chosen_series(path, pillow_series(path), series)
    return read_pillow(path).placed()


class OpenImages(NamedTuple):
    """The images of a file that is open: each is read when it is asked for.

    Parameters
    ----------
    series : tuple of SeriesInfo
        What it holds.
    read_one : callable
        Gives the image of a number, the first for None; pixels beyond so many bytes stay on disk.
    lost : str, default ""
        What is named and not there, in words.
    """

    series: tuple[SeriesInfo, ...]
    read_one: Callable[[int | None, float], ImageFile]
    lost: str = ""

    def read(self, series: int, memmap_above: float = math.inf) -> ImageFile:
        """Read an image as :func:`read_image` does."""
        with silent_libraries():
            return _as_labels(self.read_one(series, memmap_above))


@contextmanager
def open_images(path: str | os.PathLike[str]) -> Iterator[OpenImages]:
    """Open a file to list its images and read some of them.

    What the file says is read once, which takes long where it has thousands of pages or folders.

    Parameters
    ----------
    path : str or path-like
        The file.

    Yields
    ------
    OpenImages
        Not to be used once the file is closed; images that stay on disk still are.

    Raises
    ------
    ImageFileError
        As :func:`read_image`.
    """
    path = Path(path)
    with ExitStack() as files:
        with silent_libraries():
            opened = _opened(path, files)
        yield opened


def _opened(path: Path, files: ExitStack) -> OpenImages:
    """The images of a file, whichever reader has them; what stays open closes with ``files``."""
    if is_zarr(path):
        from napari_autolut.io.zarr.reading import OpenZarr

        zarr = OpenZarr(path)
        return OpenImages(zarr.series, zarr.read, zarr.lost)
    suffix = _readable_suffix(path)
    if suffix in FOREIGN_SUFFIXES:
        from napari_autolut.io.foreign.reading import OpenForeign

        foreign = OpenForeign(path)
        return OpenImages(foreign.series, foreign.read)
    if suffix in READ_AS_TIFF:
        tiff = files.enter_context(closing(OpenTiff(path)))
        return OpenImages(tiff.series, tiff.read)
    return OpenImages(pillow_series(path), partial(_read_pillow, path))


def list_series(path: str | os.PathLike[str]) -> tuple[SeriesInfo, ...]:
    """List the images of a file without reading their pixels.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    tuple of SeriesInfo
        At least one. All pages of one stack are one series; levels of a pyramid count once.

    Raises
    ------
    ImageFileError
        As :func:`read_image`.
    """
    with open_images(path) as opened:
        return opened.series


@silent_libraries()
def read_history(path: str | os.PathLike[str]) -> History:
    """Read what napari-autolut did to the image of a file, without its pixels.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    tuple of ProcessingStep
        The steps, the first one first; none for files of others.

    Raises
    ------
    ImageFileError
        As :func:`read_image`.
    """
    path = Path(path)
    if is_zarr(path):
        return read_image(path, memmap_above=0).history
    suffix = _readable_suffix(path)
    if suffix in FOREIGN_SUFFIXES:
        return ()
    return tiff_history(path) if suffix in READ_AS_TIFF else pillow_history(path)


def _readable_suffix(path: Path) -> str:
    """Suffix of an image file that is there."""
    if path.is_dir():
        raise ImageFileError(path, "found a folder, expected an image file")
    if not path.exists():
        raise ImageFileError(path, missing_words(path))
    suffix = known_suffix(path, READABLE_SUFFIXES, "read")
    if not path.is_file():
        raise ImageFileError(path, "found a pipe or device, expected a file")
    if suffix == ZARR_SUFFIX:
        raise ImageFileError(path, "found a file, expected the folder of a Zarr; unpack it first")
    return suffix


def write_image(
    path: str | os.PathLike[str],
    image: ImageFile | Sequence[ImageFile],
    *,
    overwrite: bool = False,
) -> Path:
    """Write an image file atomically; the folder must exist and the dtype is kept.

    A TIFF keeps axes, pixel size and dialect; ``.ome.tif`` asks for OME-TIFF, ``.zarr`` for
    OME-Zarr 0.5. A PNG holds one grey or colour image of 8 or 16 bits, a JPEG one of 8 bits without
    alpha.

    Parameters
    ----------
    path : str or path-like
        The file; its suffix says the format.
    image : ImageFile or sequence of ImageFile
        The image, or several; TIFF and OME-Zarr hold them as series, other files hold one.
    overwrite : bool, default False
        Replace a file that exists.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ImageFileError
        If that kind of file cannot hold the image, or it would lie in a Zarr.
    FileExistsError
        If the file exists and ``overwrite`` is false.
    """
    path = Path(path)
    images = [image] if isinstance(image, ImageFile) else list(image)
    check_holds_series(path, images)
    check_outside_zarr(path)
    if is_named_zarr(path):
        from napari_autolut.io.zarr.writing import write_zarr

        write_zarr(path, images, overwrite=overwrite)
        return path
    with atomic_write(path, overwrite=overwrite) as temporary:
        encode_images(temporary, images)
    return path


def encode_images(path: Path, images: Sequence[ImageFile]) -> None:
    """Write images that :func:`check_holds_series` found good, in the format of the suffix."""
    if path.suffix.lower() in TIFF_SUFFIXES:
        write_tiff_series(path, images)
    else:
        write_pillow(path, images[0])
