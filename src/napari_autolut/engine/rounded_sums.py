"""Sums that are rounded after every look-up, as AutoLUT's own program makes them.

Belongs here: the rounding "running" and "branch" of imported tables. The kernel gives one look-up
at a time, the rest is plain numpy: slower, and needed by no table of ours.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from napari_autolut.engine.kernels import Rule, View
from napari_autolut.engine.taps import Taps
from napari_autolut.model import Rounding

Run = Callable[[Taps, Rule, View], None]


def rounded_sums(
    run: Run, taps: Taps, rule: Rule, target: View, rows: tuple[int, int], channels: int,
    rounding: Rounding,
) -> None:  # fmt: skip
    """Compute rows of a node into ``target``; ``run`` does so for the look-ups that taps name.

    With "running" a sum goes on over all branches, with "branch" each has one of its own.
    """
    size, height, width = target.flat.itemsize, (rows[1] - rows[0]) * rule.upscale, target.width
    start = target.start + rows[0] * rule.upscale * target.row_stride
    memory = np.empty((channels, height, target.row_stride), np.float32)
    place = -rows[0] * rule.upscale * target.row_stride
    piece = View(memory.reshape(-1), place, target.row_stride, memory[0].size, width)
    alone = rule._replace(divisor=np.float32(1), bias=np.float32(0), low=np.float32(-np.inf),
                          high=np.float32(np.inf), rounds=0)  # fmt: skip
    term = memory[..., :width]
    total, finished = np.zeros_like(term), np.zeros_like(term)
    for number, rotation in enumerate(taps.groups[:, 1]):
        if rounding == "branch" and rotation == 0:
            finished, total = finished + total, np.zeros_like(term)
        only = slice(number, number + 1)
        run(taps._replace(groups=taps.groups[only], bounds=taps.bounds[only]), alone, piece)
        total = np.rint(total + term)
    out = np.lib.stride_tricks.as_strided(
        target.flat[start:],
        term.shape,
        (target.channel_stride * size, target.row_stride * size, size),
    )
    out[...] = np.rint(np.clip((finished + total) / rule.divisor + rule.bias, rule.low, rule.high))
