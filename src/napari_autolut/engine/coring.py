"""Coring: where a result hardly differs from bicubic interpolation, it is that interpolation.

Belongs here: what that means, in numpy. Rows in the fast engine are ``kernels.py`` and
``coring_steps.py``, the weights of the interpolation ``util/keys_cubic.py``.

Tables answer smooth images with small errors of their own: steps on a ramp, a grid on flat ground.
Bicubic interpolation has none there. A difference ``d`` between a table's answer and it becomes
``d - c**2 / d``: none below the model's coring ``c``, nearly all of it far above. At a scale of 1
the image itself takes the interpolation's place.

Sources: coring is what television calls it (Rossi, SMPTE J. 87, 1978), the shrinkage is the
non-negative garrote (Gao, J. Comput. Graph. Stat. 7, 1998).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model import Padding
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS, TAPS, phases

Floats = NDArray[np.float32]


def cored(result: Floats, plane: Floats, coring: float, padding: Padding) -> Floats:
    """A result with coring.

    Parameters
    ----------
    result : ndarray of float32, shape (H * r, W * r)
        What look-ups gave, in [0, 255].
    plane : ndarray of float32, shape (H, W)
        What they were given.
    coring : float
        The model's coring, in levels; 0 for none.
    padding : {"edge", "reflect"}
        How the plane goes on beyond its border.

    Returns
    -------
    ndarray of float32, shape (H * r, W * r)
        Values in [0, 255].
    """
    if not coring:
        return result
    padded = np.pad(plane, BICUBIC_RADIUS, mode=padding)
    scale = len(result) // len(plane)
    wide = _enlarged(padded.T, scale).T
    base = np.clip(_enlarged(wide, scale), np.float32(0), np.float32(255))
    difference = result - base
    square, threshold = difference * difference, np.float32(coring) * np.float32(coring)
    kept = square > threshold
    reduced = difference - threshold / np.where(kept, difference, np.float32(1))
    return base + np.where(kept, reduced, np.float32(0))


def _enlarged(padded: Floats, scale: int) -> Floats:
    """Rows of a plane with two more on either side, interpolated to r times as many."""
    count = len(padded) - 2 * BICUBIC_RADIUS
    made = np.empty((count, scale, padded.shape[1]), np.float32)
    for phase, (offset, weights) in enumerate(zip(*phases(scale), strict=True)):
        first = BICUBIC_RADIUS + offset
        taps = [padded[first + tap : first + tap + count] * weights[tap] for tap in range(TAPS)]
        made[:, phase] = ((taps[0] + taps[1]) + taps[2]) + taps[3]
    return made.reshape(count * scale, padded.shape[1])
