"""What the expected error of a model is looked up by: how rough and how bright an image is there.

Belongs here: the features and the look-up, on planes of intensities. Every value depends on the
pixels within ``RADIUS`` alone, in the same way wherever a block begins: tiles have the bits of the
whole. Which blocks there are is ``expected_error.py``.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.value_range import Range
from napari_autolut.model import ErrorTable
from napari_autolut.noise import NoiseModel
from napari_autolut.util.optional import compiled

Floats = NDArray[np.float32]

NEAR, WIDE = 1, 2
"""Radius of the means over what is around a pixel: of how rough it is, and how bright."""

RADIUS = NEAR + 1
"""Pixels around a place that its features depend on."""

DARK = np.float32(4)
"""Intensity below which all is equally dark: ranges end there by chance."""

FINER = 4
"""Nodes of the grid that is looked up for one of the table."""

SMALLEST = np.float32(0.05)
"""Feature, in intensities of 0 to 255, below which none is told from none at all."""


class SmoothNoise(NamedTuple):
    """What correlated noise lacks in differences of neighbours, for what it does to a result.

    Tables are measured with white noise. Correlated noise is smoother, yet more of it stays. It is
    taken for white noise, as strong as the geometric mean of its own strength and of that in its
    widest waves, which look like structure. With that, nine in ten pixels are within the maps;
    without it, six in ten where noise is strong.

    Parameters
    ----------
    slope, base : float
        Its variance at intensity x of 0 to 255 is ``slope * x + base``.
    gradient, second : float
        How much of that gradients and second differences lack.
    """

    slope: float
    base: float
    gradient: float
    second: float

    @classmethod
    def of(cls, noise: NoiseModel, value_range: Range) -> SmoothNoise:
        """That of the noise of pixels whose range becomes 0 to 255."""
        unit, lowest = value_range.unit, value_range.lo
        near, second, *_ = (*noise.correlation, 0.0, 0.0)
        strength = float(np.sqrt(noise.widest_waves))
        return cls(
            noise.gain / unit,
            (noise.gain * lowest + noise.offset_variance) / unit**2,
            max(0.0, strength - (1 - second)),
            max(0.0, strength - (6 - 8 * near + 2 * second) ** 2 / 36),
        )

    def variance(self, intensities: Floats) -> Floats:
        """Its variance at intensities of 0 to 255."""
        result: Floats = (np.float32(self.slope) * intensities + np.float32(self.base)).clip(0)
        return result


def features(padded: Floats, noise: SmoothNoise | None = None) -> tuple[Floats, Floats, Floats]:
    """Binary logarithms of three features of a plane.

    White noise of deviation s has gradients and second differences of s, as they are scaled here.
    An edge has far larger gradients, so that their ratio tells structure from noise. How much noise
    there may be is told by intensity: noise of photons grows with it.

    Parameters
    ----------
    padded : ndarray of float32, shape (H + 2 * RADIUS, W + 2 * RADIUS)
        Intensities, and those around.
    noise : SmoothNoise, optional
        Where their noise is correlated, what differences lack of it.

    Returns
    -------
    tuple of three ndarray of float32, shape (H, W)
        RMS gradient near the pixel; RMS second difference near it, relative to that gradient; mean
        intensity around it.
    """
    gradient: Floats = padded[1:-1, 2:] - padded[1:-1, :-2]
    down = padded[2:, 1:-1] - padded[:-2, 1:-1]
    gradient *= gradient
    down *= down
    gradient += down
    gradient *= np.float32(0.25)
    bent: Floats = padded[:, 2:] - 2 * padded[:, 1:-1] + padded[:, :-2]
    bent = bent[2:] - 2 * bent[1:-1] + bent[:-2]
    second: Floats = bent * bent
    second *= np.float32(1 / 36)
    steep, bent = _mean(gradient, NEAR), _mean(second, NEAR)
    bright = _mean(padded, WIDE).clip(0)
    if noise is not None:
        variance = noise.variance(bright)
        steep += np.float32(noise.gradient) * variance
        bent += np.float32(noise.second) * variance
    bright *= bright
    bright += DARK * DARK
    near = _logarithm(steep)
    return near, _logarithm(bent) - near, _logarithm(bright)


def expected(table: ErrorTable, padded: Floats, noise: SmoothNoise | None = None) -> Floats:
    """(H, W) errors in intensities, by the features of a padded plane."""
    fine = _fine(table)
    found = features(padded, noise)
    place = np.zeros(found[0].shape, np.float32)  # it holds whole numbers to 2**24, and is faster
    for values, (lo, hi), nodes in zip(found, table.limits, fine.shape, strict=True):
        position = values - np.float32(lo)
        position *= np.float32((nodes - 1) / (hi - lo))
        position += np.float32(0.5)
        place *= nodes
        place += np.floor(position.clip(0, nodes - 1, out=position), out=position)
    # Rougher than all that was ever seen: the error grows as the roughness does.
    beyond = (found[0] - np.float32(table.limits[0][1])).clip(0)
    errors: Floats = fine.reshape(-1)[place.astype(np.intp)]
    errors *= np.exp2(beyond, out=beyond)
    return errors


_fine_tables: WeakKeyDictionary[ErrorTable, Floats] = WeakKeyDictionary()


def _fine(table: ErrorTable) -> Floats:
    """Errors on a grid so fine that the nearest node will do: a fifth of the time."""
    if table not in _fine_tables:
        values = table.values
        for axis, nodes in enumerate(values.shape):
            places = np.linspace(0, nodes - 1, FINER * (nodes - 1) + 1, dtype=np.float32)
            first = np.minimum(places.astype(np.intp), nodes - 2)
            part = np.expand_dims(places - first, tuple({0, 1, 2} - {axis}))
            below, above = (values.take(first + side, axis) for side in (0, 1))
            values = below + part.astype(np.float32) * (above - below)
        _fine_tables[table] = np.exp2(values)
    return _fine_tables[table]


def put_enlarged(padded: Floats, scale: int, out: Floats) -> None:
    """Write a plane (H + 2, W + 2), linearly interpolated, into ``out`` (H * r, W * r)."""
    firsts, parts = _places(scale)
    kernels = compiled("napari_autolut.arrays.resampling_kernels")
    if kernels is not None:
        rows = out if out.flags.c_contiguous else np.empty(out.shape, np.float32)
        kernels.linear_rows(padded, firsts, parts, rows)
        if rows is not out:
            out[...] = rows
        return
    height, width = (side - 2 for side in padded.shape)
    steps = padded[:, 1:] - padded[:, :-1]
    lines = np.empty((height + 2, width, scale), np.float32)
    for phase, (first, part) in enumerate(zip(firsts, parts, strict=True)):
        here = slice(first, first + width)
        lines[:, :, phase] = padded[:, here] + part * steps[:, here]
    lines = lines.reshape(height + 2, width * scale)
    steps = lines[1:] - lines[:-1]
    for phase, (first, part) in enumerate(zip(firsts, parts, strict=True)):
        here = slice(first, first + height)
        out[phase::scale] = lines[here] + part * steps[here]


def _places(scale: int) -> tuple[NDArray[np.intp], Floats]:
    """Of each phase the first of two pixels it lies between, one the own, and how far from it."""
    offsets = (np.arange(scale) + 0.5) / scale + 0.5
    return np.floor(offsets).astype(np.intp), (offsets % 1).astype(np.float32)


def _mean(values: Floats, radius: int) -> Floats:
    """Means over windows, those inside the plane alone, in an order that no block changes."""
    sides = 2 * radius + 1
    rows = len(values) - 2 * radius
    total = values[:rows].copy()
    for k in range(1, sides):
        total += values[k : k + rows]
    columns = total.shape[1] - 2 * radius
    result = total[:, :columns].copy()
    for k in range(1, sides):
        result += total[:, k : k + columns]
    result /= np.float32(sides**2)
    return result


def _logarithm(squares: Floats) -> Floats:
    """Binary logarithm of the root of squares."""
    result: Floats = squares + SMALLEST * SMALLEST
    np.log2(result, out=result)
    result *= np.float32(0.5)
    return result
