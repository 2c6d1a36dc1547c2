"""Sums that are rounded after every look-up, as AutoLUT's own program makes them.

Belongs here: the rounding "running" and "branch" of imported tables. The kernel gives one look-up
at a time, the rest is plain numpy: slower, and needed by no table of ours.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from napari_autolut.engine.kernels import Rule, Taps, View
from napari_autolut.model import Rounding

Run = Callable[[Taps, Rule, View], None]


def rounded_sums(
    run: Run, taps: Taps, rule: Rule, target: View, rows: tuple[int, int], channels: int,
    rounding: Rounding,
) -> None:  # fmt: skip
    """Compute rows of a node into ``target``; ``run`` does so for the look-ups that taps name.

    With "running" a sum goes on over all branches, with "branch" each has one of its own.
    """
    out = values(target, rule, rows, channels)
    memory = np.empty((channels, out.shape[1], target.pitch), np.float32)
    start = -rows[0] * rule.upscale * target.pitch
    step = memory[0].size
    piece = View(memory.reshape(-1), start, target.pitch, step, target.width)
    term = values(piece, rule, rows, channels)
    alone = rule._replace(divisor=np.float32(1), bias=np.float32(0), low=np.float32(-np.inf),
                          high=np.float32(np.inf), rounds=0)  # fmt: skip
    total, finished = np.zeros_like(term), np.zeros_like(term)
    for number, rotation in enumerate(taps.groups[:, 1]):
        if rounding == "branch" and rotation == 0:
            finished, total = finished + total, np.zeros_like(term)
        only = slice(number, number + 1)
        run(taps._replace(groups=taps.groups[only], bounds=taps.bounds[only]), alone, piece)
        total = np.rint(total + term)
    out[...] = np.rint(np.clip((finished + total) / rule.divisor + rule.bias, rule.low, rule.high))


def values(view: View, rule: Rule, rows: tuple[int, int], channels: int) -> NDArray[np.float32]:
    """(channels, H * r, W * r) of a view, of some rows before they are enlarged."""
    first, last = (row * rule.upscale for row in rows)
    start, size = view.start + first * view.pitch, view.flat.itemsize
    return np.lib.stride_tricks.as_strided(
        view.flat[start:],
        (channels, last - first, view.width),
        (view.step * size, view.pitch * size, size),
    )
