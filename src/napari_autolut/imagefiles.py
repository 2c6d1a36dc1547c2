"""Image files: what is read from one and written to one, and by which suffix.

Belongs here: the picture in memory with its axes and pixel size, and the choice of the reader or
writer. Pillow's formats are in ``pictures.py``, TIFF in ``tiff_reading.py`` and
``tiff_writing.py``; upscaling a file is in ``file_upscaling.py``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Flavour = Literal["plain", "imagej", "ome"]

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
TIFF_SUFFIXES = (".tif", ".tiff")
READABLE_SUFFIXES = PICTURE_SUFFIXES + TIFF_SUFFIXES
WRITABLE_SUFFIXES = (".png", ".jpg", ".jpeg", *TIFF_SUFFIXES)
MOST_JPEG_PIXELS = 65500


class ImageFileError(ValueError):
    """An image file that cannot be read or written: which one, what is wrong, what to do."""

    def __init__(self, path: str | os.PathLike[str], problem: str) -> None:
        super().__init__(f"{os.fspath(path)}: {problem}")
        self.path = Path(path)


@dataclass(frozen=True, eq=False)
class ImageFile:
    """An image with what its file said about it.

    Parameters
    ----------
    data : array with one dimension for each letter of ``axes``
    axes : letters as in tifffile, such as ``"YX"``, ``"YXS"`` or ``"TZCYX"``
        ``S`` (colours: 3, or 4 with alpha) is always last; ``Y`` and ``X`` are always there.
    pixel_size : size of a pixel along an axis, where the file says
        ``Y``, ``X`` and ``Z`` in ``unit``, ``T`` in seconds.
    unit : ``"nm"``, ``"µm"``, ``"mm"``, ``"cm"``, ``"m"``, or None where the file gives none
    flavour : the TIFF dialect it was read from; a TIFF is written in the same one
    metadata : what only that dialect can hold, such as ImageJ's display ranges
    icc_profile : the colour profile, as bytes
    """

    data: NDArray[Any]
    axes: str
    pixel_size: Mapping[str, float] = field(default_factory=dict)
    unit: str | None = None
    flavour: Flavour = "plain"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    icc_profile: bytes | None = None

    def __post_init__(self) -> None:
        if len(self.axes) != self.data.ndim or len(set(self.axes)) != len(self.axes):
            raise ValueError(f"axes: found {self.axes!r}, expected {self.data.ndim} letters")
        if not {"Y", "X"} <= set(self.axes) or "S" in self.axes[:-1]:
            raise ValueError(f"axes: found {self.axes!r}, expected Y and X, and S only as the last")
        if self.rgb and self.data.shape[-1] not in (3, 4):
            raise ValueError(f"colours: found {self.data.shape[-1]}, expected 3, or 4 with alpha")

    @property
    def rgb(self) -> bool:
        """Whether the last axis holds colours."""
        return self.axes.endswith("S")

    @property
    def spatial_axes(self) -> tuple[int, int]:
        """Numbers of the row and the column axis."""
        return self.axes.index("Y"), self.axes.index("X")

    @property
    def lengths(self) -> dict[str, int]:
        """Length of each axis."""
        return dict(zip(self.axes, self.data.shape, strict=True))

    def enlarged(self, data: NDArray[Any], factor: int) -> ImageFile:
        """Describe ``data`` that has ``factor`` times the rows and columns: smaller pixels."""
        smaller = {
            axis: size / factor if axis in "YX" else size for axis, size in self.pixel_size.items()
        }
        return replace(self, data=data, pixel_size=smaller)


def read_image(path: str | os.PathLike[str], *, map_above: float = math.inf) -> ImageFile:
    """Read a PNG, JPEG, WebP, BMP or TIFF file whole.

    Pictures come upright as their EXIF orientation says. Palettes become RGB, 1-bit pictures
    uint8 of 0 and 255, grey with alpha RGBA; 16 bits and floats stay as they are. Pages of a TIFF
    without named axes are ``Z``. Pixels of a TIFF beyond ``map_above`` bytes stay on disk: the data
    are a read-only view of the file, in its byte order, where its colours allow that.

    Raises
    ------
    ImageFileError
        if the file is missing, a folder, of an unknown kind, truncated or not readable
    """
    path = Path(path)
    if path.is_dir():
        raise ImageFileError(path, "found a folder, expected an image file")
    suffix = _known_suffix(path, READABLE_SUFFIXES, "read")
    if not path.exists():
        raise ImageFileError(path, "no such file")
    if suffix in TIFF_SUFFIXES:
        from napari_autolut.tiff_reading import read_tiff

        return read_tiff(path, map_above=map_above)
    from napari_autolut.pictures import read_picture

    return read_picture(path)


def write_image(path: str | os.PathLike[str], image: ImageFile, *, overwrite: bool = False) -> Path:
    """Write an image file whole, or not at all; the folder must exist and the dtype is kept.

    A TIFF keeps axes, pixel size and dialect; ``.ome.tif`` asks for OME-TIFF. PNG holds one grey
    or colour picture of 8 or 16 bits, JPEG one of 8 bits without alpha.

    Raises
    ------
    ImageFileError
        if that kind of file cannot hold the image
    FileExistsError
        if the file exists and ``overwrite`` is false
    """
    from napari_autolut.storage import written_whole

    path = Path(path)
    check_holds(path, image)
    with written_whole(path, overwrite=overwrite) as temporary:
        if path.suffix.lower() in TIFF_SUFFIXES:
            from napari_autolut.tiff_writing import write_tiff

            write_tiff(temporary, image)
        else:
            from napari_autolut.pictures import write_picture

            write_picture(temporary, image)
    return path


def check_output_path(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Check a name to write to before any work is done for it.

    Raises
    ------
    ImageFileError
        if no image can be written under that suffix, the folder is missing, or it is a folder
    FileExistsError
        if the file exists and ``overwrite`` is false
    """
    path = Path(path)
    _known_suffix(path, WRITABLE_SUFFIXES, "written")
    check_free(path, overwrite=overwrite)


def check_free(path: Path, *, overwrite: bool) -> None:
    """Check that a file of any kind could be written there; errors as `check_output_path`."""
    if path.is_dir():
        raise ImageFileError(path, "found a folder, expected the name of a file to write")
    if not path.absolute().parent.is_dir():
        raise ImageFileError(path, f"no folder {path.parent}; make it first")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path}: exists already; choose another name or allow overwriting")


def check_holds(path: str | os.PathLike[str], image: ImageFile, *, factor: int = 1) -> None:
    """Check that a file of that suffix can hold such an image, ``factor`` times as large.

    Raises
    ------
    ImageFileError
        naming what the file cannot hold and which kind of file can
    """
    suffix = _known_suffix(Path(path), WRITABLE_SUFFIXES, "written")
    if suffix in TIFF_SUFFIXES:
        return
    kind, dtypes = ("PNG", ("uint8", "uint16")) if suffix == ".png" else ("JPEG", ("uint8",))
    if image.axes not in ("YX", "YXS"):
        size = " x ".join(str(length) for length in image.data.shape)
        problem = f"a {kind} holds one picture, not a stack with axes {image.axes} ({size})"
        raise ImageFileError(path, f"{problem}; write a TIFF")
    if str(image.data.dtype) not in dtypes:
        problem = f"a {kind} holds {' or '.join(dtypes)}, not {image.data.dtype}"
        raise ImageFileError(path, f"{problem}; write a TIFF")
    if kind == "JPEG" and image.rgb and image.data.shape[-1] == 4:
        raise ImageFileError(path, "a JPEG holds no transparency; write a PNG or TIFF")
    longest = factor * max(image.data.shape[:2])
    if kind == "JPEG" and longest > MOST_JPEG_PIXELS:
        problem = f"a JPEG holds at most {MOST_JPEG_PIXELS} pixels a side, not {longest}"
        raise ImageFileError(path, f"{problem}; write a PNG or TIFF")


def native(data: NDArray[Any]) -> NDArray[Any]:
    """Give the same values in the machine's byte order, contiguous."""
    return np.ascontiguousarray(data, data.dtype.newbyteorder("="))


def upright(data: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn a (rows, columns, ...) picture as its EXIF orientation 1 to 8 asks."""
    turned = data.swapaxes(0, 1) if orientation >= 5 else data
    rows = -1 if orientation in (3, 4, 7, 8) else 1
    columns = -1 if orientation in (2, 3, 6, 7) else 1
    return turned[::rows, ::columns]


def _known_suffix(path: Path, known: tuple[str, ...], verb: str) -> str:
    suffix = path.suffix.lower()
    if suffix not in known:
        found = f"the suffix {suffix}" if suffix else "no suffix"
        raise ImageFileError(path, f"found {found}; {', '.join(known)} can be {verb}")
    return suffix
