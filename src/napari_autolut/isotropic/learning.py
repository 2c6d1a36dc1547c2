"""Learning a table on a stack's own slices.

Belongs here: the normal equations and their solution, in closed form: no steps, no chance, no
torch. The sums are those of ``kernels.py``, the pairs those of ``pairs.py``; how good the table is
on held-out slices is ``measuring.py``.

Filters that are mirror images of each other are tied: what is seen in one direction is known in
all four (mirrored in z, in x and both).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Progress
from napari_autolut.engine.threads import thread_count
from napari_autolut.isotropic.kernels import (
    Sums,
    add_base,
    structures_of,
    sum_base,
    sum_structures,
)
from napari_autolut.isotropic.measuring import best_of
from napari_autolut.isotropic.pairs import Loss, Pair, Slices, pairs_of
from napari_autolut.isotropic.table import (
    ANGLES,
    BASE_TAPS,
    COHERENCES,
    RADIUS_X,
    RADIUS_Z,
    STRENGTHS,
    STRUCTURES,
    TAPS,
    AxialTable,
    cubic_table,
)
from napari_autolut.noise import NoiseModel

BASE_RIDGE = 1e-4
"""Of the filters along z: a fraction of the mean variance of the taps."""

RIDGE = 1e-3
"""Of the filters of a structure."""

PRIOR_PIXELS = 30 * TAPS
"""Pixels of all structures together that count for each one: rare structures stay ordinary."""

MIN_PIXELS = 2000
"""Thinned pixels below which nothing is learned."""

HELD_OUT = 5
"""Every fifth slice tells how good the table is, and is not learned from."""

STRUCTURE_SAMPLES = 8
"""Planes of a pair that are looked at for the limits between structures."""

Learning = Generator[Progress, None, AxialTable]
Array = NDArray[np.float64]


def learn_steps(
    slices: Slices,
    losses: Sequence[Loss],
    noise: NoiseModel | None = None,
    shares: Sequence[Sequence[float]] = ((1.0,),),
) -> Learning:
    """Learn a table in steps that can be watched and stopped.

    Parameters
    ----------
    slices : ndarray of float32, shape (n, H, W)
        Slices of the stack in levels of a range of 255, n at least 2.
    losses : sequence of Loss
        What detail along z may have been lost by, of one factor; the first is what the table is
        named by.
    noise : NoiseModel, optional
        White noise of the slices, in levels. Thinning averages noise, which real slices have in
        full: it is added where the table is measured.
    shares : sequence of sequence of float, default ((1.0,),)
        How much each loss counts; of several, that of which the table is best by
        :func:`~napari_autolut.isotropic.measuring.best_of`.

    Returns
    -------
    AxialTable
        Where slices are too few or too small, or cubic interpolation is as good on the held-out
        ones, it is that, with a note that says why.

    Yields
    ------
    Progress
    """
    held_out = np.zeros(len(slices), bool)
    held_out[HELD_OUT // 2 :: HELD_OUT] = True
    if not held_out.any():
        held_out[-1] = True
    pairs_of_each = [list(pairs_of(slices[~held_out], loss)) for loss in losses]
    pairs, loss = [pair for each in pairs_of_each for pair in each], losses[0]
    if sum(pair.target[:, 0].size for pair in pairs) < MIN_PIXELS * len(losses):
        size = " x ".join(map(str, slices.shape))
        return cubic_table(
            loss.factor, loss.blur, f"slices of {size} pixels are too small to learn from"
        )
    weights = [np.repeat(each, list(map(len, pairs_of_each))) for each in shares]
    total, done = 3 * len(pairs), 0
    base_sums: list[tuple[Array, Array]] = []
    found = _in_threads(_summed_base, pairs)
    for weight, (products, targets) in zip(np.mean(weights, axis=0), found, strict=True):
        base_sums.append((weight * products, weight * targets))
        done += 1
        yield Progress(done, total)
    base = _solved_base(base_sums)
    limits = _limits(pairs)
    structure_sums: list[Sums] = []
    for sums in _in_threads(lambda pair: _summed_structures(pair, base, limits), pairs):
        structure_sums.append(sums)
        done += 2
        yield Progress(done, total)
    tables = [
        AxialTable(
            loss.factor,
            base,
            _solved_filters(structure_sums, each),
            *limits,
            loss.blur,
            loss.detail,
        )
        for each in weights
    ]
    return best_of(tables, slices[held_out], losses, noise)


def _in_threads(work: Callable[[Pair], Any], pairs: Sequence[Pair]) -> Iterator[Any]:
    """Results in the order of the pairs, however many threads there are."""
    with ThreadPoolExecutor(thread_count()) as pool:
        futures: list[Future[Any]] = [pool.submit(work, pair) for pair in pairs]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _summed_base(pair: Pair) -> tuple[Array, Array]:
    products = np.zeros((BASE_TAPS, BASE_TAPS))
    targets = np.zeros((BASE_TAPS, pair.target.shape[1]))
    sum_base(pair.volume, pair.target, products, targets)
    return products, targets


def _solved_base(parts: Sequence[tuple[Array, Array]]) -> NDArray[np.float32]:
    products = _total([part[0] for part in parts])
    targets = _total([part[1] for part in parts])
    products += products[::-1, ::-1]
    targets += targets[::-1, ::-1]
    return _solved(products + BASE_RIDGE * _scale(products) * np.eye(BASE_TAPS), targets)


def _limits(pairs: Sequence[Pair]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Limits between weak, middle and strong, and less and more coherent: a third each."""
    found = []
    for pair in pairs:
        found.append(structures_of(pair.volume, -(-pair.volume.shape[1] // STRUCTURE_SAMPLES)))
    strength, coherence = np.concatenate(found, axis=1)
    thirds = np.linspace(0, 1, STRENGTHS + 1)[1:-1], np.linspace(0, 1, COHERENCES + 1)[1:-1]
    return (
        np.quantile(strength, thirds[0]).astype(np.float32),
        np.quantile(coherence, thirds[1]).astype(np.float32),
    )


def _summed_structures(
    pair: Pair, base: NDArray[np.float32], limits: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> Sums:
    factor = pair.target.shape[1]
    filled = np.empty_like(pair.target)
    add_base(pair.volume, base, filled, 0, filled.shape[2])
    sums = Sums(
        np.zeros((STRUCTURES, TAPS, TAPS)),
        np.zeros((STRUCTURES, TAPS, factor)),
        np.zeros(STRUCTURES, np.int64),
    )
    sum_structures(pair.volume, pair.target - filled, limits, sums)
    return sums


def _solved_filters(parts: Sequence[Sums], weights: Array) -> NDArray[np.float32]:
    """Ridge regression for each structure, towards the filters of all structures together."""
    weighted = [
        _total([weight * part[i] for weight, part in zip(weights, parts, strict=True)])
        for i in range(3)
    ]
    sums = mirrored(Sums(*weighted))
    count = max(1.0, float(sums.counts.sum()))
    mean_products, mean_targets = sums.products.sum(0) / count, sums.targets.sum(0) / count
    scale = _scale(mean_products)
    filters = np.empty(sums.targets.shape, np.float32)
    for number in range(STRUCTURES):
        pixels = sums.counts[number]
        left = sums.products[number] + PRIOR_PIXELS * mean_products
        left += (RIDGE * pixels + RIDGE * PRIOR_PIXELS) * scale * np.eye(TAPS)
        filters[number] = _solved(left, sums.targets[number] + PRIOR_PIXELS * mean_targets)
    return filters


def mirrored(sums: Sums) -> Sums:
    """Add to each structure's sums those of its mirror images.

    Parameters
    ----------
    sums : Sums
        With the upper triangles of the products alone.

    Returns
    -------
    Sums
        With whole products.
    """
    upper = np.triu(np.ones((TAPS, TAPS)))
    products = sums.products * upper
    products = products + products.swapaxes(1, 2) * np.triu(np.ones((TAPS, TAPS)), 1).T
    grid = np.arange(TAPS).reshape(2 * RADIUS_Z + 1, 2 * RADIUS_X + 1)
    numbers = np.arange(STRUCTURES).reshape(ANGLES, STRENGTHS * COHERENCES)
    opposite = numbers[::-1].reshape(-1)
    in_z, in_x, both = (g.reshape(-1) for g in (grid[::-1], grid[:, ::-1], grid[::-1, ::-1]))
    total, targets, counts = products.copy(), sums.targets.copy(), sums.counts.copy()
    for taps, structures, step in (
        (both, numbers.reshape(-1), -1),
        (in_z, opposite, -1),
        (in_x, opposite, 1),
    ):
        total += products[structures][:, taps][:, :, taps]
        targets += sums.targets[structures][:, taps, ::step]
        counts += sums.counts[structures]
    return Sums(total, targets, counts)


def _total(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The sum, always in the same order."""
    result = parts[0].copy()
    for part in parts[1:]:
        result += part
    return result


def _scale(products: Array) -> float:
    """Mean variance of the taps; 1 where nothing varies, so that all weights become 0."""
    return float(np.trace(products)) / len(products) or 1.0


def _solved(products: Array, targets: Array) -> NDArray[np.float32]:
    return np.linalg.solve(products, targets).astype(np.float32)
