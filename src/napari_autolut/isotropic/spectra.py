"""How coarse a stack is along z: its spectra along z and in the plane, made comparable.

Belongs here: estimates of the axial blur, and of detail that the structures themselves lack along
z. What they are used for is ``learning.py``.

Where a stack is thinned along x with the right blur, its spectra along z and x are the same: both
axes have lost the same. (Comparing z with x as it is would not do: slices that were averaged along
z have lost their oblique detail, too.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_autolut.isotropic.blur import AxialBlur, thinned

SIGMAS = (0.3125, 0.375, 0.4375, 0.5, 0.5625, 0.625, 0.75, 0.875, 1.0, 1.25, 1.5)
"""Gaussians that are tried, in distances of slices: narrower ones are no other than the mean."""

DETAILS = (0.125, 0.175, 0.2125, 0.25, 0.3, 0.375)
"""Lacking detail that is tried, in distances of slices."""

CLEARLY = 0.85
"""Misfit, as a fraction of that of the simpler explanation, from which another one is believed."""

OF_NOISE = 6.0
"""Mean square of the second differences of white noise of variance 1."""

BANDS = 16
MIN_SLICES = 8

Column = NDArray[np.float32]


def estimated_blur(column: Column, factor: int) -> AxialBlur | None:
    """Find the blur after which slices thinned in the plane look as the stack does along z.

    Parameters
    ----------
    column : ndarray of float32, shape (Z, H, W)
        All or many neighbouring slices of a stack.
    factor : int
        Distance of slices in pixels of the plane.

    Returns
    -------
    AxialBlur or None
        The mean over the slice unless a Gaussian fits clearly better; None where there are too few
        slices or pixels.
    """
    if not _enough(column, factor):
        return None
    area = _misfit(column, factor, AxialBlur())
    sigmas = [share * factor for share in SIGMAS]
    misfits = [_misfit(column, factor, AxialBlur(sigma)) for sigma in sigmas]
    best = int(np.argmin(misfits))
    return AxialBlur(sigmas[best]) if misfits[best] < CLEARLY * area else AxialBlur()


def lacking_detail(column: Column, factor: int, blur: AxialBlur) -> float:
    """Find how much coarser structures are along z than in the plane, whatever the blur.

    Parameters
    ----------
    column : ndarray of float32, shape (Z, H, W)
        As for :func:`estimated_blur`.
    factor : int
        Likewise.
    blur : AxialBlur
        What is to be undone.

    Returns
    -------
    float
        Standard deviation in pixels, of a Gaussian that makes detail in the plane as coarse; 0
        where it is no coarser or not known.
    """
    if not _enough(column, factor):
        return 0.0
    details = [0.0, *(share * factor for share in DETAILS)]
    misfits = [_misfit(column, factor, blur, detail) for detail in details]
    best = min(misfits)
    if not best < CLEARLY * misfits[0]:
        return 0.0
    pairs = zip(details, misfits, strict=True)
    return next(detail for detail, misfit in pairs if misfit * CLEARLY <= best)


def finer_by(column: Column, factor: int, blur: AxialBlur, noise: float = 0.0) -> float:
    """Find how much more detail a stack has along z than a blur would have left.

    A table that undoes such a blur makes spikes of what is there.

    Parameters
    ----------
    column, factor, blur : as for :func:`lacking_detail`
        What is to be undone.
    noise : float, default 0.0
        Variance of white noise, which no blur has taken away.

    Returns
    -------
    float
        Mean square of the second differences of slices over that of rows and columns that were
        thinned with that blur: 1 where it was that blur, 0 where there are too few slices. First
        differences tell less: what they have of coarse detail is the same behind any blur.
    """
    thin = [
        thinned(rows[: len(rows) // factor * factor], factor, blur)
        for rows in (column.swapaxes(0, 1), column.swapaxes(0, 2))
        if len(rows) >= 3 * factor
    ]
    if len(column) < 3 or not thin:
        return 0.0
    left = float(np.mean([_bend(each) for each in thin]))
    return (_bend(column) - OF_NOISE * noise) / max(left, float(np.finfo(np.float32).tiny))


def _bend(column: Column) -> float:
    """Mean square of second differences."""
    return float(np.mean(np.diff(column, n=2, axis=0) ** 2))


def _enough(column: Column, factor: int) -> bool:
    slices, height, width = column.shape
    return bool(slices >= MIN_SLICES and max(height, width) >= MIN_SLICES * factor)


def _misfit(column: Column, factor: int, blur: AxialBlur, detail: float = 0.0) -> float:
    """Deviation of the log ratio of the spectra: 0 where they have the same shape."""
    from scipy.ndimage import gaussian_filter1d  # takes its time to import

    ratios = []
    for axis in (1, 2):
        rows = np.moveaxis(column, axis, 0)
        length = len(rows) // factor
        if length < MIN_SLICES:
            continue
        rows = rows[: length * factor]
        along_z = thinned(rows, factor, blur)
        smooth = gaussian_filter1d(rows, detail, axis=0, mode="reflect") if detail else rows
        in_plane = thinned(smooth, factor, blur) if detail else along_z
        window = min(length, len(column))
        ratios.append(
            _spectrum(np.moveaxis(along_z, 1, -1), window)
            - _spectrum(np.moveaxis(in_plane, 0, -1), window)
        )
    return float(np.std(np.mean(ratios, axis=0)))


def _spectrum(signals: NDArray[np.float32], window: int) -> NDArray[np.float64]:
    """Log power in 16 bands along the last axis, in windows that overlap by half."""
    step = max(1, window // 2)
    taper = np.hanning(window + 2)[1:-1]
    power = np.zeros(window // 2 + 1)
    for start in range(0, signals.shape[-1] - window + 1, step):
        part = signals[..., start : start + window].reshape(-1, window).astype(np.float64)
        part = (part - part.mean(-1, keepdims=True)) * taper
        power += np.square(np.abs(np.fft.rfft(part, axis=-1))).mean(0)
    places = (np.arange(BANDS) + 0.5) / BANDS * (len(power) - 1)
    values = np.interp(places, np.arange(len(power)), power)
    return np.log(np.maximum(values, np.finfo(np.float64).tiny))
