"""Pixels from which error tables are fitted: their neighbourhood in LR images, and their errors.

Belongs here: which images, how they are made smaller, and what is measured. How quantiles become a
table is ``expected_error.py``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from skimage.io import imread

from napari_autolut.arrays import (
    Axes,
    NoisyTask,
    Range,
    Task,
    finish,
    resize,
    resolve_range,
    run,
    task_for,
)
from napari_autolut.arrays.error_features import RADIUS, features
from napari_autolut.arrays.expected_error import range_of_map
from napari_autolut.arrays.noisy import NoisyEnlarger
from napari_autolut.engine import plane_engine
from napari_autolut.evaluation.scenes import as_dtype
from napari_autolut.model import LutModel

SIDE, NOISY_SIDE, PIXELS = 96, 256, 1200
"""Of the piece that is taken of an image, of one in which noise is to be found, and how many of its
pixels are looked at."""

PHOTONS = (1000.0, 200.0, 50.0)
DEGRADATIONS = 3
"""How many of all an image is made smaller with."""

LEVELS = 0, 0, 200, 60
"""Grey levels that an image has then, one of these by chance; 0 for its own."""

NOISE_FLOOR = 0.02
"""Added to errors in intensities before their logarithm is taken: half a level of 12 bits."""

Floats = NDArray[np.float64]


class Sample(NamedTuple):
    """Pixels of N places in many images.

    Parameters
    ----------
    features : ndarray of float64, shape (N, 3)
        What errors are looked up by.
    errors : ndarray of float64, shape (N,)
        Binary logarithms.
    sigmas : ndarray of float64, shape (N,)
        Deviation of the noise that the table for their image knows; 0 for clean ones.
    photons : ndarray of float64, shape (N,)
        At white, in the noise that was added to their image; 0 where none was.
    given : ndarray of str, shape (N,)
        How their image is given: with its own bits, or with few levels of 8 bits.
    sources : ndarray of str, shape (N,)
        Whose they are.
    """

    features: Floats
    errors: Floats
    sigmas: Floats
    photons: Floats
    given: NDArray[np.str_]
    sources: NDArray[np.str_]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether the noise of their image is known: none was found, or some was added."""
        found: NDArray[np.bool_] = (self.sigmas == 0) | (self.photons > 0)
        return found

    def of(self, which: NDArray[np.bool_]) -> Sample:
        """Some of the pixels."""
        return Sample._make(part[which] for part in self)


def images(micrographs: Path, photographs: Path) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """A plane of every micrograph and every fourth photograph, and the name of its source."""
    with (micrographs / "SOURCES.csv").open(encoding="utf-8") as listed:
        sources = {row["file"]: row["source"] for row in csv.DictReader(listed)}
    for path in sorted(micrographs.glob("*.png")):
        yield sources.get(path.name, path.stem), _one_plane(imread(path))
    for number, path in enumerate(sorted(photographs.glob("*.webp"))[::4]):
        yield f"photographs {number % 8}", _one_plane(imread(path))


def _one_plane(image: NDArray[np.generic]) -> NDArray[np.generic]:
    return image[..., 1] if image.ndim == 3 else image


def sample(
    model: LutModel, micrographs: Path, photographs: Path, random: np.random.Generator
) -> Sample:
    """Pixels of all images, as a model enlarges them."""
    side = NOISY_SIDE if model.noisy else SIDE
    parts = [
        (
            *measured(model, hr, degradation, limits, random),
            np.full(PIXELS, how),
            np.full(PIXELS, source),
        )
        for source, image in images(micrographs, photographs)
        for piece, own in pieces(image, model.scale, side, random)
        for degradation in random.choice(2 + len(PHOTONS), DEGRADATIONS, replace=False)
        for how, hr, limits in [given(piece, own, random.choice(LEVELS))]
    ]
    return Sample._make(np.concatenate(each) for each in zip(*parts, strict=True))


def pieces(
    image: NDArray[np.generic], scale: int, side: int, random: np.random.Generator
) -> Iterator[tuple[NDArray[np.generic], Range]]:
    """A piece of an image that has contrast, and the range of all of it."""
    limits = resolve_range(image, "auto", rgb=False)
    size = [min(side, length) // scale * scale for length in image.shape]
    top, left = (
        random.integers(0, length - part + 1)
        for length, part in zip(image.shape, size, strict=True)
    )
    if not limits.is_flat:
        yield image[top : top + size[0], left : left + size[1]], limits


def given(
    piece: NDArray[np.generic], limits: Range, levels: int
) -> tuple[str, NDArray[np.generic], Range]:
    """An image in its own bits or with few levels of 8 bits: which, its pixels and its range."""
    if not levels:
        return f"{8 * piece.dtype.itemsize} bits", piece, limits
    scaled = (piece.astype(np.float64) - limits.lo) / (limits.hi - limits.lo) * levels
    return f"{levels} levels", as_dtype(scaled, np.dtype(np.uint8)), Range(0, levels)


def measured(
    model: LutModel,
    piece: NDArray[np.generic],
    degradation: int,
    limits: Range,
    random: np.random.Generator,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Features, errors, sigmas and photons of some pixels of a piece that is made smaller.

    The range is that of the LR image, as it is where no other one is known.
    """
    scale, hr = model.scale, piece.astype(np.float64)
    photons = PHOTONS[degradation - 2] if degradation > 1 else 0.0
    height, width = (side // scale for side in hr.shape)
    lr = hr.reshape(height, scale, width, scale).mean((1, 3))
    if degradation == 0:
        lr = np.asarray(resize(hr, Fraction(1, scale)))
    elif photons:
        unit = (limits.hi - limits.lo) / photons
        lr = limits.lo + unit * random.poisson((lr - limits.lo).clip(0) / unit)
    small = as_dtype(lr, piece.dtype)
    found = resolve_range(small, "auto", rgb=False)
    limits = limits if found.is_flat else found
    task = task_for(small, Axes((0, 1)), (limits,), model)
    answer = finish(run(task, plane_engine("auto")))
    sigma = noise_sigma(task)
    seen_as = range_of_map(small, limits)
    rows, columns = (random.integers(0, side, PIXELS) for side in hr.shape)
    errors = abs(answer - hr)[rows, columns] / seen_as.unit
    plane = np.pad(((small - seen_as.lo) / seen_as.unit).astype(np.float32), RADIUS, mode="edge")
    looks = np.stack(features(plane), -1)[rows // scale, columns // scale]
    return (
        looks.astype(np.float64),
        np.log2(errors + NOISE_FLOOR),
        np.full(PIXELS, sigma),
        np.full(PIXELS, photons),
    )


def noise_sigma(task: Task) -> float:
    """Deviation of the noise that the table of a task's plane knows; 0 for a clean one."""
    (enlarger,) = task.enlargers if isinstance(task, NoisyTask) else (None,)
    return enlarger.levels.sigma if isinstance(enlarger, NoisyEnlarger) else 0.0
