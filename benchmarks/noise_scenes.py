"""Clean images from 0 to about 1 in which noise is looked for, each of a kind of structure.

The tests of noise use them, too.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter


def soft(rng, side, width=12.0):
    """Structure without edges."""
    image = gaussian_filter(rng.normal(size=(side, side)), width)
    return (image - image.min()) / np.ptp(image)


def cells(rng, side):
    """Bright discs on dark ground."""
    rows, columns = np.mgrid[:side, :side]
    image = np.zeros((side, side))
    for row, column in rng.uniform(0, side, (side * side // 3000, 2)):
        disc = np.hypot(rows - row, columns - column) < rng.uniform(6, 18)
        image[disc] = np.maximum(image[disc], rng.uniform(0.3, 1))
    return gaussian_filter(image, 1.2)


def tissue(rng, side):
    """Fine structure everywhere, on soft one."""
    return (soft(rng, side, 2.0) + soft(rng, side, 15.0)) / 2


def threads(rng, side):
    """Threads everywhere, behind the blur of a microscope."""
    count, image = side // 5, np.zeros((side, side))
    angles = np.cumsum(rng.normal(0, 0.05, (count, 2 * side)), 1)
    angles += rng.uniform(0, 2 * np.pi, (count, 1))
    starts = rng.uniform(0, side, (2, count, 1))
    rows, columns = starts + np.cumsum([np.sin(angles), np.cos(angles)], 2)
    np.add.at(image, (rows.astype(int) % side, columns.astype(int) % side), 1)
    image = gaussian_filter(image, 1.3)
    return image / np.quantile(image, 0.998)


def spots(rng, side):
    """Points behind the blur of a microscope, most of the ground free."""
    image = np.zeros((side, side))
    count = side * side // 800
    image[tuple(rng.integers(0, side, (2, count)))] = rng.uniform(0.3, 1, count)
    image = gaussian_filter(image, 1.5)
    return image / image.max()
