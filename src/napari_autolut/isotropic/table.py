"""The learned table: filters that fill in the slices between two, chosen by what is around a pixel.

Belongs here: the frozen type, its rules, and the table that is cubic interpolation. How one is
learned is ``learning.py``; what it computes is ``kernels.py``; its file is ``table_file.py``.

For every pixel, the structure tensor of the xz (or yz) plane gives direction, strength and
coherence of the structure there. Each combination has filters of its own, one for each slice to be
filled in (after RAISR: Romano, Isidoro and Milanfar, IEEE Trans. Computational Imaging 3(1), 2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.isotropic.blur import AxialBlur
from napari_autolut.isotropic.sampling import MAX_FACTOR
from napari_autolut.model import require

BASE_RADIUS = 8
"""Slices above and below that the filters along z look at."""

RADIUS_Z, RADIUS_X = 3, 4
"""Slices and pixels around that the filters of a structure look at."""

BASE_TAPS = 2 * BASE_RADIUS + 1
TAPS = (2 * RADIUS_Z + 1) * (2 * RADIUS_X + 1)

ANGLES, STRENGTHS, COHERENCES = 16, 3, 3
STRUCTURES = ANGLES * STRENGTHS * COHERENCES

MAX_WEIGHT = 1e4
"""Of a filter; far beyond what is learned, and small enough that no sum overflows."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class AxialTable:
    """Filters that make ``factor`` slices of each one; intensities are levels of a range of 255.

    Parameters
    ----------
    factor : int
        Slices for each one, 2 to 16.
    base : ndarray of float32, shape (17, factor)
        Weights of the differences of the slices 8 above to 8 below to the one in the middle.
    filters : ndarray of float32, shape (144, 63, factor) or (0, 63, factor)
        Likewise, of 7 slices and 9 pixels, for each structure; added to what ``base`` gives.
    strengths, coherences : ndarray of float32, shape (2,)
        Limits between weak, middle and strong structures, and between incoherent and coherent ones.
    blur : AxialBlur
        What the table undoes.
    detail : float, default 0
        Standard deviation in pixels by which detail along z was found to be coarser than in the
        plane, whatever the blur.
    gain : float, default 0
        How much better than cubic interpolation it was on slices kept for that, in dB.
    note : str, default ""
        Why it is no more than cubic interpolation, where it is.
    remark : str, default ""
        What is not sure of the blur, on the stack that it was learned on.
    doubtful : bool, default False
        Whether that is a warning.

    Raises
    ------
    ModelError
        If a part is not like that.
    """

    factor: int
    base: Floats
    filters: Floats
    strengths: Floats
    coherences: Floats
    blur: AxialBlur = field(default_factory=AxialBlur)
    detail: float = 0.0
    gain: float = 0.0
    note: str = ""
    remark: str = ""
    doubtful: bool = False

    def __post_init__(self) -> None:
        factor = self.factor
        known = isinstance(factor, int) and 2 <= factor <= MAX_FACTOR
        require(known, "factor", factor, f"2 to {MAX_FACTOR}")
        shapes: dict[str, list[tuple[int, ...]]] = {
            "base": [(BASE_TAPS, factor)],
            "filters": [(STRUCTURES, TAPS, factor), (0, TAPS, factor)],
            "strengths": [(STRENGTHS - 1,)],
            "coherences": [(COHERENCES - 1,)],
        }
        for name, expected in shapes.items():
            array = getattr(self, name)
            fits = isinstance(array, np.ndarray) and array.shape in expected
            require(fits, name, getattr(array, "shape", array), " or ".join(map(str, expected)))
            require(array.dtype == np.float32, f"{name} dtype", array.dtype, "float32")
            bounded = bool((np.abs(array) <= MAX_WEIGHT).all())
            require(bounded, name, "numbers beyond", f"finite numbers up to {MAX_WEIGHT:g}")
        for name in ("strengths", "coherences"):
            rising = bool((np.diff(getattr(self, name)) >= 0).all())
            require(rising, name, getattr(self, name).tolist(), "rising numbers")
        for name in ("detail", "gain"):
            require(math.isfinite(getattr(self, name)), name, getattr(self, name), "a number")

    @property
    def is_cubic(self) -> bool:
        """Whether this is cubic interpolation: nothing was learned, or nothing of use."""
        return not len(self.filters)

    def __str__(self) -> str:
        if self.is_cubic:
            return f"cubic interpolation ({self.note})" if self.note else "cubic interpolation"
        gain = f"{self.gain:+.2f} dB over cubic on held-out slices"
        remark = f" ({self.remark})" if self.remark else ""
        return f"table for z x {self.factor}, {self.blur}, {gain}{remark}"


def cubic_table(factor: int, blur: AxialBlur | None = None, note: str = "") -> AxialTable:
    """Cubic spline interpolation along z as a table.

    Parameters
    ----------
    factor : int
        Slices for each one.
    blur : AxialBlur, optional
        What was asked for; it is not undone.
    note : str, default ""
        Why it is no better.
    """
    none = np.zeros((0, TAPS, factor), np.float32)
    limits = np.zeros(STRENGTHS - 1, np.float32), np.zeros(COHERENCES - 1, np.float32)
    blur = blur or AxialBlur()
    return AxialTable(factor, cubic_weights(factor), none, *limits, blur, note=note)


def cubic_weights(factor: int) -> Floats:
    """Weights of a cubic spline through 17 slices for the slices around the middle one."""
    from scipy.interpolate import make_interp_spline

    far = 4 * BASE_RADIUS
    impulse = np.zeros(2 * far + 1)
    impulse[far] = 1
    spline: Any = make_interp_spline(np.arange(-far, far + 1), impulse, k=3)
    places = (np.arange(factor) + 0.5) / factor - 0.5
    weights = spline(places - np.arange(-BASE_RADIUS, BASE_RADIUS + 1)[:, None])
    return np.asarray(weights / weights.sum(0), np.float32)
