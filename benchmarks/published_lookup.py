"""The baseline: a direct numpy transcription of MuLUT's published look-up, as described in papers.

For every mode and every rotation: pad, gather the sixteen corner rows of the cell of every pixel,
then sort the pixels into the 24 orders of their four fractions and blend five corners in each.
"""

from __future__ import annotations

from itertools import pairwise, permutations
from typing import Any

import numpy as np

from napari_autolut.model import PATTERNS, LutModel, SpatialNode, Table

INTERVAL, SIZE = 16, 17


def upscale_plane(model: LutModel, plane: np.ndarray) -> np.ndarray:
    """Run a two-stage MuLUT model (fixed patterns, L = 17) on one plane of whole numbers."""
    result = plane.astype(np.float32)
    for node in model.nodes:
        assert isinstance(node, SpatialNode)
        total = np.zeros(1, np.float32)
        for branch in node.windowed:
            assert isinstance(branch.table, Table)
            pattern = next(p for p in "SDY" if same_taps(branch.windows, p))
            for rotation in range(4):
                looked_up = four_simplex(branch.table.values, np.rot90(result, rotation), pattern,
                                         node.upscale)  # fmt: skip
                total = total + np.rot90(looked_up, -rotation)
        result = np.round(np.clip(total / node.divisor + node.bias, 0, 255))
    return result


def same_taps(windows: np.ndarray, pattern: str) -> bool:
    """Whether one-hot windows are those of a pattern."""
    return [tuple(tap[1:]) for tap in np.argwhere(windows)] == list(PATTERNS[pattern])


def four_simplex(table: np.ndarray, plane: np.ndarray, pattern: str, upscale: int) -> np.ndarray:
    """One mode on one rotation, (H * r, W * r)."""
    height, width = plane.shape
    reach = max(max(tap) for tap in PATTERNS[pattern])
    padded = np.pad(plane, (0, reach), mode="edge").astype(np.int32)
    taps = [padded[y : y + height, x : x + width] for y, x in PATTERNS[pattern]]
    bases = [tap // INTERVAL for tap in taps]
    fractions = [tap % INTERVAL for tap in taps]

    corners = {}
    for corner in np.ndindex(2, 2, 2, 2):
        row = np.zeros((height, width), np.int64)
        for base, step in zip(bases, corner, strict=True):
            row = row * SIZE + base + step
        corners[corner] = table[row.reshape(-1)].astype(np.float32)

    flat = [fraction.reshape(-1, 1).astype(np.float32) for fraction in fractions]
    out = np.zeros((height * width, table.shape[1]), np.float32)
    done = np.zeros(height * width, bool)
    for order in permutations(range(4)):
        case = ~done
        for larger, smaller in pairwise(order):
            case = case & (flat[larger] >= flat[smaller])[:, 0]
        done |= case
        place = [0, 0, 0, 0]
        bounds: list[Any] = [INTERVAL, *(flat[j][case] for j in order), 0]
        blended = (bounds[0] - bounds[1]) * corners[tuple(place)][case]
        for step, j in enumerate(order, 1):
            place[j] = 1
            blended = blended + (bounds[step] - bounds[step + 1]) * corners[tuple(place)][case]
        out[case] = blended
    blocks = (out / INTERVAL).reshape(height, width, upscale, upscale)
    return blocks.transpose(0, 2, 1, 3).reshape(height * upscale, width * upscale)
