"""How a stack lost detail along z: the axial blur, and the blurring and thinning it stands for.

Belongs here: what is asked for, and pairs of what was and what is left of it. Which blur a stack
has is ``spectra.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.util.text import counted, quoted

AREA, AUTO, EITHER, PLANES = "area", "auto", "either", "planes"

MAX_SIGMA = 64.0
"""Widest Gaussian, in pixels of the plane: more than any stack of use has."""

RADIUS = 4.0
"""Standard deviations at which a Gaussian ends."""

PSF = Any
"""``"either"``, ``"area"``, ``"planes"``, ``"auto"``, a standard deviation, or an AxialBlur."""


@dataclass(frozen=True)
class AxialBlur:
    """What a slice is of the finer slices that an isotropic stack would have.

    Parameters
    ----------
    sigma : float, optional
        Standard deviation of a Gaussian in pixels of the plane; 0 where slices are single planes.
        By default a slice is the mean over its thickness, from half-way to the slice before to
        half-way to the next.

    Raises
    ------
    ValueError
        If the standard deviation is not from 0 to 64.
    """

    sigma: float | None = None

    def __post_init__(self) -> None:
        if self.sigma is not None and not 0 <= self.sigma <= MAX_SIGMA:
            raise ValueError(
                f"psf: found a Gaussian of {counted(str(self.sigma), 'pixel')}, expected 0 (single "
                f"planes) to {MAX_SIGMA:g}"
            )

    @property
    def is_plane(self) -> bool:
        """Whether a slice is one fine slice alone."""
        return self.sigma == 0

    def weights(self, factor: int) -> tuple[int, NDArray[np.float64]]:
        """What a slice takes of finer ones.

        Parameters
        ----------
        factor : int
            Fine slices for each one that there is.

        Returns
        -------
        first : int
            The first fine slice, counted from the first of its ``factor``.
        weights : ndarray of float64
            Of that one and those that follow, symmetric about the middle; their sum is 1. A single
            plane is the middle one, or that behind the middle.
        """
        if self.sigma is None:
            return 0, np.full(factor, 1 / factor)
        if self.is_plane:
            return factor // 2, np.ones(1)
        middle = (factor - 1) / 2
        first = math.floor(middle - RADIUS * self.sigma)
        places = np.arange(first, factor - first) - middle
        weights = np.exp(-0.5 * (places / self.sigma) ** 2)
        return first, weights / weights.sum()

    def __str__(self) -> str:
        if self.sigma is None:
            return "mean over the slice"
        if self.is_plane:
            return "single planes"
        return f"Gaussian of {counted(f'{self.sigma:.3g}', 'pixel')}"


def asked_blur(psf: PSF) -> AxialBlur | str:
    """Read what was asked for; ``"either"`` or ``"auto"`` where the blur is not known.

    Parameters
    ----------
    psf : "either", "area", "planes", "auto", float, ("gaussian", float) or AxialBlur
        A number is the standard deviation of a Gaussian, in pixels of the plane.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if isinstance(psf, AxialBlur):
        return psf
    if isinstance(psf, (tuple, list)) and len(psf) == 2 and psf[0] == "gaussian":
        psf = psf[1]
    if psf in (AUTO, EITHER):
        return str(psf)
    if psf == AREA:
        return AxialBlur()
    if psf == PLANES:
        return AxialBlur(0.0)
    try:
        sigma = float("" if isinstance(psf, bool) else psf)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            f"psf: found {quoted(psf)}, expected 'either', 'area', 'planes', 'auto' or the "
            "standard deviation of a Gaussian in pixels of the plane, such as 2.0"
        ) from None
    return AxialBlur(sigma)


def thinned(images: NDArray[np.float32], factor: int, blur: AxialBlur) -> NDArray[np.float32]:
    """Blur images along their rows and keep one row of each ``factor``, as a microscope does in z.

    Parameters
    ----------
    images : ndarray of float32, shape (H, ...)
        The first axis is the one that is thinned; its length is a multiple of ``factor``.
    factor : int
        Rows for each one that is left.
    blur : AxialBlur
        How they are mixed.

    Returns
    -------
    ndarray of float32, shape (H / factor, ...)
        Mirrored at the borders where the blur looks beyond.
    """
    first, weights = blur.weights(factor)
    length = len(images)
    result = np.zeros((length // factor, *images.shape[1:]), np.float32)
    for offset, weight in enumerate(weights.astype(np.float32), first):
        places = (np.arange(len(result)) * factor + offset) % (2 * length)
        result += weight * images[np.minimum(places, 2 * length - 1 - places)]
    return result
