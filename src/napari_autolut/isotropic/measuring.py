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

SHARES = np.array([0, 0.125, 0.25, 0.5, 0.75, 1])
"""Of a table in its mixture with cubic interpolation."""

LEAST = 0.005
"""Part of cubic interpolation's error that a table is to take away at least: 0.02 dB."""

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


def best_of(
    tables: Sequence[AxialTable],
    slices: Slices,
    losses: Sequence[Loss],
    noise: NoiseModel | None,
) -> AxialTable:
    """Choose between tables, cubic interpolation and mixtures of both, on held-out slices.

    Parameters
    ----------
    tables : sequence of AxialTable
        What was learned.
    slices, losses, noise : various
        As for :func:`~napari_autolut.isotropic.learning.learn_steps`.

    Returns
    -------
    AxialTable
        That whose smallest gain, over all losses, is largest: it is above cubic interpolation
        whichever of them there was. Its gain is that for the first of them. Cubic interpolation
        alone, and why, where there is no gain.
    """
    losses = [each for each in losses if each.worth]
    loss = losses[0]
    cubic = cubic_table(loss.factor, loss.blur)
    pairs_of_each = [list(pairs_of(slices, each)) for each in losses]
    plain = np.array([_errors(tables, cubic, pairs) for pairs in pairs_of_each])
    scale = np.maximum(plain[..., :1], np.finfo(np.float64).tiny)
    note = "the table was no better on slices kept to measure it"
    gains = (plain[..., :1] - plain) / scale
    if noise is not None and gains[0].max() > LEAST:
        note = "a table would add more noise than detail to this stack; denoise it first"
        of_each = zip(pairs_of_each, losses, strict=True)
        noisy = [_noisy(pairs, slices, each, noise) for pairs, each in of_each]
        errors = np.array([_clean_errors(tables, cubic, pairs) for pairs in noisy])
        gains = np.minimum(gains, (errors[..., :1] - errors) / scale)
    least = np.min([each.worth * gain for each, gain in zip(losses, gains, strict=True)], axis=0)
    number, share = divmod(int(np.argmax(least)), len(SHARES))
    if least[number, share] < LEAST:
        return replace(cubic, note=note)
    table = _mixed(tables[number], cubic, float(SHARES[share]))
    return replace(table, gain=_decibels(plain[0, number, 0], plain[0, number, share]))


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
    pairs = list(pairs_of(slices[:: -(-len(slices) // MEASURED)], loss))
    (errors,) = _errors([table], cubic_table(table.factor), pairs)
    return _decibels(errors[0], errors[-1])


def _decibels(before: float, after: float) -> float:
    tiny = np.finfo(np.float64).tiny
    return float(10 * np.log10(max(before, tiny) / max(after, tiny)))


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


def _errors(
    tables: Sequence[AxialTable], cubic: AxialTable, pairs: Sequence[Pair]
) -> NDArray[np.float64]:
    """Squared errors of the mixtures of each table, shape (tables, SHARES)."""
    sums = np.zeros((len(tables), 3))
    for volume, target in pairs:
        smooth = _filled(cubic, volume, target)
        rest = smooth - target
        for number, table in enumerate(tables):
            own = _filled(table, volume, target) - smooth
            sums[number] += _product(rest, rest), 2 * _product(rest, own), _product(own, own)
    found: NDArray[np.float64] = sums @ np.stack([SHARES**0, SHARES, SHARES**2])
    return found


def _clean_errors(
    tables: Sequence[AxialTable], cubic: AxialTable, pairs: Sequence[NoisyPair]
) -> NDArray[np.float64]:
    """Squared errors against what the targets would be without noise, but for a constant.

    Thinned slices hold some of the target's own noise, so that a table that gives it back comes
    closer to the target. How much it gives back is measured with noise that is added (Stein's
    unbiased risk estimate, by one draw as in Ramani et al., IEEE Trans. Image Process. 17(9),
    2008).
    """
    found = _errors(tables, cubic, [Pair(pair.volume, pair.target) for pair in pairs])
    for volume, target, more, drawn in pairs:
        given = [
            _product(_filled(each, volume + more, target) - _filled(each, volume, target), drawn)
            for each in (cubic, *tables)
        ]
        for number, own in enumerate(given[1:]):
            found[number] += 2 * ((1 - SHARES) * given[0] + SHARES * own)
    return found


def _product(one: Volume, other: Volume) -> float:
    return float(np.multiply(one, other, dtype=np.float64).sum())


def _filled(table: AxialTable, volume: Volume, target: Volume) -> Volume:
    """What a table makes of a volume; the target says how large that is."""
    filled = np.empty_like(target)
    planes = filled.shape[2]
    add_base(volume, table.base, filled, 0, planes)
    if not table.is_cubic:
        add_structures(volume, Filters.of(table), filled, np.float32(1), 0, planes)
    return filled
