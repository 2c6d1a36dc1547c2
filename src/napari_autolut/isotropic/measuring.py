"""How good a learned table is on slices that it did not learn from, and what noise leaves of it.

Belongs here: the choice between the table, cubic interpolation and mixtures of both. Learning is
``learning.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.isotropic.kernels import Filters, add_base, add_structures
from napari_autolut.isotropic.pairs import Loss, Pair, Slices, pairs_of
from napari_autolut.isotropic.table import AxialTable, cubic_table
from napari_autolut.noise import NoiseModel

SHARES = (0.125, 0.25, 0.5, 0.75, 1.0)
"""Of the table in its mixture with cubic interpolation, where slices are noisy."""

MEASURED = 8
"""Slices that tell what a table is worth for another blur than its own."""

Volume = NDArray[np.float32]


class NoisyPair(NamedTuple):
    """A pair with as much noise as slices have that were not averaged, and noise to be added.

    Parameters
    ----------
    volume, target : ndarray of float32
        As for :class:`Pair`.
    more, drawn : ndarray of float32
        As much noise as the target has, as it is after thinning, and before.
    """

    volume: Volume
    target: Volume
    more: Volume
    drawn: Volume


def measured(
    table: AxialTable, slices: Slices, losses: Sequence[Loss], noise: NoiseModel | None
) -> AxialTable:
    """Measure a table on held-out slices.

    Parameters
    ----------
    table : AxialTable
        What was learned.
    slices, losses, noise : various
        As for :func:`~napari_autolut.isotropic.learning.learn_steps`.

    Returns
    -------
    AxialTable
        With its gain, mixed with cubic interpolation where there is noise; cubic interpolation
        alone, and why, where there is no gain. Where there are several losses, the first says
        which gain there is, and the mixture is the best one on average.
    """
    loss = losses[0]
    cubic = cubic_table(loss.factor, loss.blur)
    pairs = list(pairs_of(slices, loss))
    if not _error(table, pairs) < _error(cubic, pairs):
        return replace(cubic, note="the table was no better on slices kept to measure it")
    if noise is not None:
        noisy = [
            (each.share, pair)
            for each in losses
            for pair in _noisy(list(pairs_of(slices, each)), slices, each, noise)
        ]
        mixtures = [cubic, *(_mixed(table, cubic, share) for share in SHARES)]
        table = min(
            mixtures,
            key=lambda each: sum(share * _clean_error(each, pair) for share, pair in noisy),
        )
        if table is cubic:
            note = "a table would add more noise than detail to this stack; denoise it first"
            return replace(cubic, note=note)
    return replace(table, gain=_gain(table, pairs))


def gain_over_cubic(table: AxialTable, slices: Slices, loss: Loss) -> float:
    """How much better than cubic interpolation a table is where slices lost what it does not undo.

    Parameters
    ----------
    table : AxialTable
        Learned for any loss.
    slices : ndarray of float32, shape (n, H, W)
        Slices of the stack in levels; some of them are enough.
    loss : Loss
        What they have lost.

    Returns
    -------
    float
        In dB.
    """
    return _gain(table, list(pairs_of(slices[:: -(-len(slices) // MEASURED)], loss)))


def _gain(table: AxialTable, pairs: Sequence[Pair]) -> float:
    tiny = np.finfo(np.float64).tiny
    cubic = _error(cubic_table(table.factor), pairs)
    return float(10 * np.log10(max(cubic, tiny) / max(_error(table, pairs), tiny)))


def _mixed(table: AxialTable, cubic: AxialTable, share: float) -> AxialTable:
    """A table that gives so much of its own and the rest of cubic interpolation."""
    base = share * table.base + (1 - share) * cubic.base
    filters = share * table.filters
    return replace(table, base=base.astype(np.float32), filters=filters.astype(np.float32))


def _noisy(pairs: Sequence[Pair], slices: Slices, loss: Loss, noise: NoiseModel) -> list[NoisyPair]:
    """The pairs of slices, with noise."""
    random = np.random.default_rng(0)
    drawn = random.standard_normal(slices.shape) * np.sqrt(noise.variance(slices))
    _, weights = loss.blur.weights(loss.factor)
    lost = 1 - np.square(weights).sum()
    found = []
    for pair, more in zip(pairs, pairs_of(drawn.astype(np.float32), loss), strict=True):
        deviation = np.sqrt(noise.variance(pair.volume) * lost)
        volume = pair.volume + random.standard_normal(pair.volume.shape) * deviation
        found.append(NoisyPair(volume.astype(np.float32), pair.target, more.volume, more.target))
    return found


def _clean_error(table: AxialTable, pair: NoisyPair) -> float:
    """Squared error against what the target would be without its noise, but for a constant.

    Thinned slices hold some of the target's own noise, so that a table that gives it back comes
    closer to the target. How much it gives back is measured with noise that is added (Stein's
    unbiased risk estimate, by one draw as in Ramani et al., IEEE Trans. Image Process. 17(9),
    2008).
    """
    filled = _filled(table, pair.volume, pair.target)
    given_back = _filled(table, pair.volume + pair.more, pair.target) - filled
    error = np.square(filled - pair.target, dtype=np.float64).sum()
    return float(error + 2 * np.multiply(given_back, pair.drawn, dtype=np.float64).sum())


def _error(table: AxialTable, pairs: Sequence[Pair]) -> float:
    return sum(
        float(np.square(_filled(table, *pair) - pair.target, dtype=np.float64).sum())
        for pair in pairs
    )


def _filled(table: AxialTable, volume: Volume, target: Volume) -> Volume:
    """What a table makes of a volume; the target says how large that is."""
    filled = np.empty_like(target)
    planes = filled.shape[2]
    add_base(volume, table.base, filled, 0, planes)
    if not table.is_cubic:
        add_structures(volume, Filters.of(table), filled, np.float32(1), 0, planes)
    return filled
