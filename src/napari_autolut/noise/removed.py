"""What would be taken away of a plane as correlated noise.

Belongs here: a denoiser that needs no table, for a look at what it removes. The shipped ones are
``arrays/denoiser/plane.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.noise.blocks import SIDE, centred
from napari_autolut.noise.model import NoiseModel
from napari_autolut.noise.spectrum import block_powers

DEVIATIONS = 2.7
"""How much stronger than noise a coefficient of a block is at least, to stay: as is usual where
coefficients are cut off."""

STRIDE = 2
"""Distance of blocks in pixels."""

WEAKEST = 1e-4
"""Power of noise in a coefficient at least."""


def removed(part: NDArray[Any], noise: NoiseModel) -> NDArray[np.float32]:
    """What of a part no coefficient tells from noise, the mean over blocks around each pixel.

    Parameters
    ----------
    part : ndarray, shape (H, W)
        Stabilised intensities, of at least 3 blocks a side.
    noise : NoiseModel
        Their noise, whose correlation counts.

    Returns
    -------
    ndarray of float32, shape (H - 16, W - 16) or one row or column less
        Without a block's side around it, where fewer blocks meet.
    """
    from scipy.fft import dctn, idctn

    pixels, _ = centred(part)
    height, width = (side - side % STRIDE for side in pixels.shape)
    places = np.lib.stride_tricks.sliding_window_view(pixels[:height, :width], (SIDE, SIDE))
    coefficients = dctn(places[::STRIDE, ::STRIDE], axes=(2, 3), norm="ortho")
    thresholds = DEVIATIONS * np.sqrt(np.maximum(block_powers(noise), WEAKEST)).astype(np.float32)
    thresholds[0, 0] = 0.0
    coefficients[np.abs(coefficients) > thresholds] = 0.0
    blocks = idctn(coefficients, axes=(2, 3), norm="ortho", overwrite_x=True)
    total = np.zeros((height, width), np.float32)
    rows, columns = (count * STRIDE for count in blocks.shape[:2])
    for row in range(SIDE):
        for column in range(SIDE):
            total[row : row + rows : STRIDE, column : column + columns : STRIDE] += blocks[
                :, :, row, column
            ]
    total *= (STRIDE / SIDE) ** 2
    return total[SIDE:-SIDE, SIDE:-SIDE]
