"""Image files: which suffixes can be read and written, and which reader or writer does it.

Belongs here: the choice by suffix, and checks of an output before any work is done. Pillow's
formats are in ``pillow.py``, TIFF in ``tiff``, OME-Zarr in ``zarr``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

from napari_autolut.io.foreign import FOREIGN_SUFFIXES
from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.io.pillow import pillow_history, pillow_series, read_pillow, write_pillow
from napari_autolut.io.provenance import History
from napari_autolut.io.series import SeriesInfo, chosen_series
from napari_autolut.io.tiff.reading import read_tiff, tiff_history, tiff_series
from napari_autolut.io.tiff.writing import write_tiff_series
from napari_autolut.io.zarr import SUFFIX as ZARR_SUFFIX
from napari_autolut.io.zarr import is_zarr
from napari_autolut.util.atomic import (
    atomic_write,
    check_folder_takes_files,
    check_replaceable,
)
from napari_autolut.util.paths import is_same_file

PILLOW_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
TIFF_SUFFIXES = (".tif", ".tiff")
READABLE_SUFFIXES = (*PILLOW_SUFFIXES, *TIFF_SUFFIXES, ZARR_SUFFIX, *FOREIGN_SUFFIXES)
WRITABLE_SUFFIXES = (".png", ".jpg", ".jpeg", *TIFF_SUFFIXES, ZARR_SUFFIX)
MAX_JPEG_SIDE = 65500


def read_image(
    path: str | os.PathLike[str], *, series: int | None = None, memmap_above: float = math.inf
) -> ImageFile:
    """Read an image of a PNG, JPEG, WebP, BMP or TIFF file, or of an OME-Zarr folder.

    Files of microscopes (CZI, ND2, LIF, ...) are read by bioio or a napari plugin, if installed.

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
        Pixels beyond this many bytes stay on disk. Those of a TIFF are a read-only memory map, in
        the file's byte order, where its colours allow that; of a Zarr is read what is indexed.

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
    path = Path(path)
    if is_zarr(path):
        from napari_autolut.io.zarr.reading import read_zarr

        return read_zarr(path, series=series, memmap_above=memmap_above)
    suffix = _readable_suffix(path)
    if suffix in FOREIGN_SUFFIXES:
        from napari_autolut.io.foreign.reading import read_foreign

        return read_foreign(path, series=series, memmap_above=memmap_above)
    if suffix in TIFF_SUFFIXES:
        return read_tiff(path, series=series, memmap_above=memmap_above).placed()
    if series is not None:
        chosen_series(path, pillow_series(path), series)
    return read_pillow(path).placed()


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
    path = Path(path)
    if is_zarr(path):
        from napari_autolut.io.zarr.reading import zarr_series

        return zarr_series(path)
    suffix = _readable_suffix(path)
    if suffix in FOREIGN_SUFFIXES:
        from napari_autolut.io.foreign.reading import foreign_series

        return foreign_series(path)
    return tiff_series(path) if suffix in TIFF_SUFFIXES else pillow_series(path)


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
    return tiff_history(path) if suffix in TIFF_SUFFIXES else pillow_history(path)


def _readable_suffix(path: Path) -> str:
    """Suffix of an image file that is there."""
    if path.is_dir():
        raise ImageFileError(path, "found a folder, expected an image file")
    suffix = _known_suffix(path, READABLE_SUFFIXES, "read")
    if not path.exists():
        raise ImageFileError(path, "no such file")
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

    A TIFF keeps axes, pixel size and dialect; ``.ome.tif`` asks for OME-TIFF; ``.zarr`` for
    OME-Zarr 0.5. A PNG holds one grey
    or colour image of 8 or 16 bits, a JPEG one of 8 bits without alpha.

    Parameters
    ----------
    path : str or path-like
        The file; its suffix says the format.
    image : ImageFile or sequence of ImageFile
        The image, or several; a TIFF holds them as series, other files hold one.
    overwrite : bool, default False
        Replace a file that exists.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ImageFileError
        If that kind of file cannot hold the image.
    FileExistsError
        If the file exists and ``overwrite`` is false.
    """
    path = Path(path)
    images = [image] if isinstance(image, ImageFile) else list(image)
    check_holds_series(path, images)
    if path.suffix.lower() == ZARR_SUFFIX:
        from napari_autolut.io.zarr.writing import write_zarr

        write_zarr(path, images[0], overwrite=overwrite)
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


def check_holds_series(
    path: str | os.PathLike[str], images: Sequence[ImageFile], *, factor: int = 1
) -> None:
    """Check that a file of that suffix can hold all the images; as :func:`check_holds`."""
    for image in images:
        check_holds(path, image, factor=factor)
    suffix = Path(path).suffix.lower()
    if len(images) > 1 and suffix not in TIFF_SUFFIXES:
        kind = suffix.removeprefix(".").upper()
        problem = f"a {kind} holds one image, not {len(images)} of one file"
        raise ImageFileError(path, f"{problem}; choose one with --series or write a TIFF")


def check_output_path(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Check a name to write to before any work is done for it.

    Raises
    ------
    ImageFileError
        If no image can be written under that suffix, the folder is missing, or it is a folder.
    FileExistsError
        If the file exists and ``overwrite`` is false, or it is a link that leads nowhere.
    OSError
        If the folder takes no files.
    """
    path = Path(path)
    if _known_suffix(path, WRITABLE_SUFFIXES, "written") == ZARR_SUFFIX:
        from napari_autolut.io.zarr.result import check_zarr_free
        from napari_autolut.util.optional import zarr, zarr_models

        zarr(), zarr_models()
        check_zarr_free(path, overwrite=overwrite)
        return
    check_free(path, overwrite=overwrite)


def check_free(path: Path, *, overwrite: bool) -> None:
    """Check that a file of any kind could be written there; errors as ``check_output_path``."""
    if path.is_dir():
        raise ImageFileError(path, "found a folder, expected the name of a file to write")
    if not path.absolute().parent.is_dir():
        raise ImageFileError(path, f"no folder {path.parent}; make it first")
    check_replaceable(path, overwrite=overwrite)
    check_folder_takes_files(Path(os.path.realpath(path)).parent, path)


def check_not_source(source: Path, out: Path) -> None:
    """Refuse to replace an image by its own result: what was measured would be gone.

    The same file may have several names: by links, and on disks that tell neither upper from lower
    case nor composed from decomposed letters.

    Raises
    ------
    ImageFileError
        If both are one file.
    """
    if is_same_file(source, out):
        raise ImageFileError(
            out, f"found the name of the source {source}, expected another one for the result"
        )


def check_holds(path: str | os.PathLike[str], image: ImageFile, *, factor: int = 1) -> None:
    """Check that a file of that suffix can hold such an image, ``factor`` times as large.

    Raises
    ------
    ImageFileError
        With what the file cannot hold and which kind of file can.
    """
    suffix = _known_suffix(Path(path), WRITABLE_SUFFIXES, "written")
    if suffix in TIFF_SUFFIXES:
        return
    if suffix == ZARR_SUFFIX:
        from napari_autolut.io.zarr.describing import written_axes

        written_axes(Path(path), image)
        return
    kind, dtypes = ("PNG", ("uint8", "uint16")) if suffix == ".png" else ("JPEG", ("uint8",))
    if image.axes not in ("YX", "YXS"):
        size = " x ".join(str(length) for length in image.data.shape)
        problem = f"a {kind} holds one image, not a stack with axes {image.axes} ({size})"
        raise ImageFileError(path, f"{problem}; write a TIFF")
    if str(image.data.dtype) not in dtypes:
        problem = f"a {kind} holds {' or '.join(dtypes)}, not {image.data.dtype}"
        raise ImageFileError(path, f"{problem}; write a TIFF")
    if kind == "JPEG" and image.rgb and image.data.shape[-1] == 4:
        raise ImageFileError(path, "a JPEG holds no transparency; write a PNG or TIFF")
    longest = factor * max(image.data.shape[:2])
    if kind == "JPEG" and longest > MAX_JPEG_SIDE:
        problem = f"a JPEG holds at most {MAX_JPEG_SIDE} pixels a side, not {longest}"
        raise ImageFileError(path, f"{problem}; write a PNG or TIFF")


def _known_suffix(path: Path, known: tuple[str, ...], verb: str) -> str:
    suffix = path.suffix.lower()
    if suffix not in known:
        found = f"the suffix {suffix}" if suffix else "no suffix"
        raise ImageFileError(path, f"found {found}; {', '.join(known)} can be {verb}")
    return suffix
