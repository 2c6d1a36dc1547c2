"""An image as a file holds it: pixels, named axes, pixel sizes, and what else was said of it.

Belongs here: the type that readers give and writers take. Choosing a reader or writer by suffix is
in ``files.py``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.provenance import History
from napari_autolut.util.grid import factor_made

Flavour = Literal["plain", "imagej", "ome"]

BLACK = "000000"


class ImageFileError(ValueError):
    """An image file that cannot be read or written: which one, what is wrong, what to do.

    Parameters
    ----------
    path : str or path-like
        The file.
    problem : str
        What was found, what was expected, and what to do.
    """

    def __init__(self, path: str | os.PathLike[str], problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = Path(path), problem

    def __str__(self) -> str:
        return f"{os.fspath(self.path)}: {self.problem}"


class PixelsError(ImageFileError):
    """Pixels that cannot be decoded, where all that is said of their image can be read."""


@dataclass(frozen=True)
class Channel:
    """What a file says of one channel, for it to be shown.

    Parameters
    ----------
    name : str, default ""
        Such as the dye.
    colour : str, optional
        Six hexadecimal digits, red first. Black, in which nothing would be seen, is what programs
        write that know of none.
    window : tuple of float, optional
        Pixel values shown as black and as full colour.
    emission, excitation : float, optional
        Wavelengths in nm.
    shown : bool, default True
        Whether viewers show it at first.
    limits : tuple of float, optional
        The range that viewers offer for ``window``.
    """

    name: str = ""
    colour: str | None = None
    window: tuple[float, float] | None = None
    emission: float | None = None
    excitation: float | None = None
    shown: bool = True
    limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if self.colour == BLACK:
            object.__setattr__(self, "colour", None)


@dataclass(frozen=True, eq=False)
class ImageFile:
    """An image with what its file said about it.

    Parameters
    ----------
    data : ndarray
        Array with one dimension for each letter of ``axes``. Of a large file it may be one that
        reads from disk what is indexed, with shape, dtype and basic indexing alone.
    axes : str
        Letters as in tifffile, such as ``"YX"``, ``"YXS"`` or ``"TZCYX"``. ``S`` (colours: 3, or
        4 with alpha) is always last; ``Y`` and ``X`` are always there.
    pixel_size : mapping of str to float, optional
        Size of a pixel along an axis, where the file says: ``Y``, ``X`` and ``Z`` in ``unit``,
        ``T`` in seconds.
    unit : str, optional
        ``"nm"``, ``"µm"``, ``"mm"``, ``"cm"``, ``"m"``, or None where the file gives none.
    flavour : {"plain", "imagej", "ome"}, default "plain"
        The TIFF dialect it was read from; a TIFF is written in the same one.
    metadata : mapping of str to object, optional
        What only that dialect can hold, such as ImageJ's display ranges.
    icc_profile : bytes, optional
        The colour profile, as bytes.
    origin : mapping of str to float, optional
        Where the centre of the first pixel lies along an axis, in the units of ``pixel_size``; 0
        where nothing is said.
    channels : tuple of Channel, optional
        One for each position of the ``C`` axis (or colour of ``S``), where the file says.
    history : tuple of ProcessingStep, optional
        What napari-autolut did to the image before it was written.
    not_kept : tuple of str, optional
        What the file holds besides, that no result will have, such as drawings on its pixels.
    remarks : tuple of str, optional
        What else there is to say of how its pixels were read.
    labels : bool, default False
        Whether values are numbers of things, which have no mean.
    name : str, default ""
        What its file calls it, such as a position of the stage.
    exif : bytes, optional
        What a camera said of it that stays true of a result, as a block of EXIF.
    """

    data: NDArray[Any]
    axes: str
    pixel_size: Mapping[str, float] = field(default_factory=dict)
    unit: str | None = None
    flavour: Flavour = "plain"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    icc_profile: bytes | None = None
    origin: Mapping[str, float] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()
    history: History = ()
    not_kept: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    labels: bool = False
    name: str = ""
    exif: bytes | None = None

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

    def enlarged(self, data: NDArray[Any], *factors: float | Fraction) -> ImageFile:
        """Describe ``data`` with so many times the rows and columns, in the same place.

        Pixels are smaller, so that the centre of the first one moves towards the border. There is
        one factor, or one for rows and one for columns.
        """
        smaller, moved = dict(self.pixel_size), dict(self.origin)
        for axis, each in zip("YX", factors * (2 // len(factors)), strict=True):
            factor = float(each)
            if axis in smaller and factor != 1:
                size = smaller[axis]
                smaller[axis] = size / factor
                moved[axis] = moved.get(axis, 0.0) + size * (1 - factor) / (2 * factor)
        return replace(self, data=data, pixel_size=smaller, origin=moved)

    @property
    def place_is_known(self) -> bool:
        """Whether a file said where the image lies, and that is not where any would lie."""
        usual = replace(self, origin={}).placed().origin
        small = {axis: 1e-9 * self.pixel_size.get(axis, 1.0) for axis in self.origin}
        return any(
            not math.isclose(at, usual.get(axis, 0.0), abs_tol=small[axis])
            for axis, at in self.origin.items()
        )

    def placed(self) -> ImageFile:
        """Say where a result lies whose file has no place for it: about its source.

        The source's first pixel is taken to be at 0, as that of any file that does not say.
        """
        moved = {
            axis: self.pixel_size[axis] * (1 - factor) / 2
            for axis in "YX"
            if (factor := self._enlarged_along(axis)) > 1
            and axis in self.pixel_size
            and axis not in self.origin
        }
        return replace(self, origin={**moved, **self.origin}) if moved else self

    def place(self, axis: str) -> tuple[float, float]:
        """Size of a pixel along an axis and centre of the first, where they cannot be left open.

        What is not known is 1, as for viewers, and for a result a part of 1: it lies on its source.
        """
        if axis in self.pixel_size or axis not in "YX":
            return self.pixel_size.get(axis, 1.0), self.origin.get(axis, 0.0)
        size = 1 / self._enlarged_along(axis)
        return size, self.origin.get(axis, (size - 1) / 2)

    def _enlarged_along(self, axis: str) -> float:
        """By how much its rows or columns were enlarged, by its history."""
        scales = [step.scale for step in self.history if step.operation == "upscale"]
        return float(factor_made(self.lengths[axis], scales))


def check_intensities(path: str | os.PathLike[str], image: ImageFile) -> None:
    """Refuse labels where intensities are asked for.

    Raises
    ------
    ImageFileError
        With what was found.
    """
    if image.labels:
        raise ImageFileError(path, "found labels, whose numbers have no mean; expected an image")


def in_native_order(data: NDArray[Any]) -> NDArray[Any]:
    """Convert to the machine's byte order, contiguous."""
    return np.ascontiguousarray(data, data.dtype.newbyteorder("="))


def upright(
    data: NDArray[Any], orientation: int, *, axes: tuple[int, int] = (0, 1)
) -> NDArray[Any]:
    """Rotate and flip the rows and columns of an image as its EXIF orientation 1 to 8 asks.

    Parameters
    ----------
    data : ndarray
        The image.
    orientation : int
        As EXIF and TIFF number them.
    axes : tuple of int, default (0, 1)
        Numbers of the row and the column axis.

    Returns
    -------
    ndarray
        A view.
    """
    row, column = axes
    transposed = data.swapaxes(row, column) if orientation >= 5 else data
    if orientation in (3, 4, 7, 8):
        transposed = np.flip(transposed, row)
    return np.flip(transposed, column) if orientation in (2, 3, 6, 7) else transposed
