"""The published look-ups for one pixel at a time, from the raw arrays, with plain Python numbers.

Belongs here: an independent second computation for the importers' tests. It knows nothing of
models, engines or importers; planes are rotated and rotated back as the authors' programs do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

Row = Callable[[tuple[int, ...]], np.ndarray]
Windows = Sequence[dict[tuple[int, int], float]]

FIXED: dict[str, tuple[tuple[int, int], ...]] = {
    "s": ((0, 0), (0, 1), (1, 0), (1, 1)),
    "d": ((0, 0), (0, 2), (2, 0), (2, 2)),
    "y": ((0, 0), (1, 1), (1, 2), (2, 1)),
    "F": ((0, 0), (0, 1), (0, 2)),
    "V": ((0, 0), (0, 1)),
}


class Lookup(NamedTuple):
    """A table and what it looks at: weights of the window's pixels for each input."""

    find: Callable[[Sequence[float]], np.ndarray]
    taps: Windows
    residual: Sequence[float] | None = None


def fixed(branch: str) -> Windows:
    return [{place: 1.0} for place in FIXED[branch]]


def softmaxed(logits: np.ndarray) -> Windows:
    powers = np.exp(logits[:, 0].astype(float))
    return [dict(np.ndenumerate(p / p.sum())) for p in powers]


def simplex(row: Row, values: Sequence[float], interval: float) -> np.ndarray:
    """Walk from the lower corner, one axis at a time, in the order of the fractions."""
    nodes = [int(v // interval) for v in values]
    fractions = [v - n * interval for v, n in zip(values, nodes, strict=True)]
    total, left = 0.0, interval
    for axis in sorted(range(len(values)), key=lambda j: -fractions[j]):
        total = total + (left - fractions[axis]) * row(tuple(nodes))
        left = fractions[axis]
        nodes[axis] += 1
    return np.asarray((total + left * row(tuple(nodes))) / interval)


def grid(table: np.ndarray, size: int, inputs: int = 4) -> Callable[[Sequence[float]], np.ndarray]:
    dense = table.astype(float).reshape(*inputs * (size,), -1)
    return lambda values: simplex(lambda nodes: dense[nodes], values, 256 / (size - 1))


def diagonal(
    near: np.ndarray, far: np.ndarray, index: np.ndarray, width: int, far_size: int
) -> Callable[[Sequence[float]], np.ndarray]:
    """DFC: rows near the diagonal through the index, which wraps around, others on a grid."""
    coarse, interval = grid(far, far_size), 256 / (len(index) - 1)

    def row(nodes: tuple[int, ...]) -> np.ndarray:
        a, b, c, d = nodes
        span = index.shape[1]
        return near[index[a, (b - a) % span, (c - a) % span, (d - a) % span]].astype(float)

    def find(values: Sequence[float]) -> np.ndarray:
        inside = all(abs(values[0] - v) <= width * interval for v in values)
        return simplex(row, values, interval) if inside else coarse(values)

    return find


def stage(
    lookups: Sequence[tuple[Lookup, np.ndarray, np.ndarray | None]],
    upscale: int,
    divisor: float,
    bias: float,
    padding: str = "edge",
) -> list[np.ndarray]:
    """Planes of one stage: (lookup, its plane, the plane its residual mixes in) for each branch."""
    total = 0.0
    for lookup, plane, previous in lookups:
        for rotation in range(4):
            rotated = _look_up(
                lookup, np.rot90(plane, rotation), previous, rotation, upscale, padding
            )
            total = total + np.rot90(rotated, -rotation, axes=(1, 2))
    return list(np.clip(total / divisor + bias, 0, 255))


def _look_up(lookup, plane, previous, rotation, upscale, padding):
    height, width = plane.shape
    reach = max(max(place) for taps in lookup.taps for place in taps)
    padded = np.pad(plane, (0, reach), mode=padding)
    before = None if previous is None else np.pad(np.rot90(previous, rotation), (0, reach), padding)
    planes = None
    for y, x in np.ndindex(height, width):
        values = [_tap(padded, taps, y, x) for taps in lookup.taps]
        if before is not None:
            old = [_tap(before, taps, y, x) for taps in lookup.taps]
            values = [
                r * o + (1 - r) * v for r, o, v in zip(lookup.residual, old, values, strict=True)
            ]
        blocks = lookup.find(values).reshape(-1, upscale, upscale)
        if planes is None:
            planes = np.zeros((len(blocks), height * upscale, width * upscale))
        planes[:, y * upscale : (y + 1) * upscale, x * upscale : (x + 1) * upscale] = blocks
    return planes


def _tap(padded: np.ndarray, taps: dict[tuple[int, int], float], y: int, x: int) -> float:
    return float(sum(w * padded[y + row, x + column] for (row, column), w in taps.items()))
