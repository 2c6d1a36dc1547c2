"""Clean images from 0 to about 1 in which noise is looked for, each of a kind of structure.

The tests of noise use them, too.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Floats = NDArray[np.float64]


def soft(rng: Generator, side: int, width: float = 12.0) -> Floats:
    """Structure without edges."""
    image: Floats = gaussian_filter(rng.normal(size=(side, side)), width)
    image -= image.min()
    image /= image.max()
    return image


def cells(rng: Generator, side: int) -> Floats:
    """Bright discs on dark ground."""
    rows, columns = np.mgrid[:side, :side]
    image = np.zeros((side, side))
    for row, column in rng.uniform(0, side, (side * side // 3000, 2)):
        disc = np.hypot(rows - row, columns - column) < rng.uniform(6, 18)
        image[disc] = np.maximum(image[disc], rng.uniform(0.3, 1))
    gaussian_filter(image, 1.2, output=image)
    return image


def tissue(rng: Generator, side: int) -> Floats:
    """Fine structure everywhere, on soft one."""
    return (soft(rng, side, 2.0) + soft(rng, side, 15.0)) / 2


def threads(rng: Generator, side: int) -> Floats:
    """Threads everywhere, behind the blur of a microscope."""
    count, image = side // 5, np.zeros((side, side))
    angles = np.cumsum(rng.normal(0, 0.05, (count, 2 * side)), 1)
    angles += rng.uniform(0, 2 * np.pi, (count, 1))
    starts = rng.uniform(0, side, (2, count, 1))
    rows, columns = starts + np.cumsum([np.sin(angles), np.cos(angles)], 2)
    np.add.at(image, (rows.astype(int) % side, columns.astype(int) % side), 1)
    gaussian_filter(image, 1.3, output=image)
    return image / np.quantile(image, 0.998)


def spots(rng: Generator, side: int) -> Floats:
    """Points behind the blur of a microscope, most of the ground free."""
    image = np.zeros((side, side))
    count = side * side // 800
    image[tuple(rng.integers(0, side, (2, count)))] = rng.uniform(0.3, 1, count)
    gaussian_filter(image, 1.5, output=image)
    image /= image.max()
    return image
