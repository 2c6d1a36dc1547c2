"""Fit the error tables of models: how far their answers are from the truth, by the LR image.

Belongs here: what is measured, on which images, and how quantiles become a table. How a table is
looked up is ``napari_autolut/arrays/error_features.py``. No torch; about a minute a model.

    python training/expected_error.py MICROGRAPHS PHOTOGRAPHS luts/natural-x2.safetensors ...

MICROGRAPHS holds a SOURCES.csv with the columns ``file`` and ``source``: images of one laboratory
are left out together. Every image is binned or made smaller bicubically, without noise and with
that of photons; the truth is the image that was made smaller, without that noise.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage import io

from napari_autolut.arrays import Range, resize, resolve_range, upscale
from napari_autolut.arrays.error_features import RADIUS, features
from napari_autolut.model import ErrorTable, LutModel
from napari_autolut.storage import load_model_file, save_model

COVERAGE = 0.9
NODES = (20, 10, 12)
SIDE, PIXELS = 96, 1200
"""Of the piece that is taken of an image, and how many of its pixels are looked at."""

PHOTONS = (1000.0, 200.0, 50.0)
DEGRADATIONS = 3
"""How many of all an image is made smaller with."""

FOLDS = 4
NOISE_FLOOR = 0.02
"""Added to errors in intensities before their logarithm is taken: half a level of 12 bits."""

WIDTHS = (0.6, 1.2, 2.5, 5, 10, 20)
"""Of the Gaussians that smooth a table, in nodes: the narrowest that sees enough pixels."""

ENOUGH, FULL = 20, 300
"""Pixels that a node needs, and that it counts at most."""

CALIBRATION_BINS = 12

Floats = NDArray[np.float64]


class Sample(NamedTuple):
    """Pixels of many images: (N, 3) features, (N,) logarithms of errors, and whose they are."""

    features: Floats
    errors: Floats
    sources: NDArray[np.str_]

    def of(self, which: NDArray[np.bool_]) -> Sample:
        """Some of the pixels."""
        return Sample(*(part[which] for part in self))


def images(micrographs: Path, photographs: Path) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """A plane of every micrograph and every fourth photograph, and the name of its source."""
    with (micrographs / "SOURCES.csv").open(encoding="utf-8") as listed:
        sources = {row["file"]: row["source"] for row in csv.DictReader(listed)}
    for path in sorted(micrographs.glob("*.png")):
        yield sources.get(path.name, path.stem), _one_plane(io.imread(path))
    for number, path in enumerate(sorted(photographs.glob("*.webp"))[::4]):
        yield f"photographs {number % 8}", _one_plane(io.imread(path))


def _one_plane(image: NDArray[np.generic]) -> NDArray[np.generic]:
    return image[..., 1] if image.ndim == 3 else image


def sample(
    model: LutModel, micrographs: Path, photographs: Path, random: np.random.Generator
) -> Sample:
    """Pixels of all images, as a model enlarges them."""
    parts = [
        (*measured(model, hr, degradation, limits, random), np.full(PIXELS, source))
        for source, image in images(micrographs, photographs)
        for hr, limits in pieces(image, model.scale, random)
        for degradation in random.choice(2 + len(PHOTONS), DEGRADATIONS, replace=False)
    ]  # fmt: skip
    return Sample(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def pieces(
    image: NDArray[np.generic], scale: int, random: np.random.Generator
) -> Iterator[tuple[Floats, Range]]:
    """A piece of an image that has contrast, and the range of all of it."""
    limits = resolve_range(image, "auto", rgb=False)
    size = [min(SIDE, side) // scale * scale for side in image.shape]
    top, left = (
        random.integers(0, side - part + 1) for side, part in zip(image.shape, size, strict=True)
    )
    if not limits.is_flat:
        yield image[top : top + size[0], left : left + size[1]].astype(np.float64), limits


def measured(
    model: LutModel, hr: Floats, degradation: int, limits: Range, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Features and logarithms of errors of some pixels of an image that is made smaller."""
    scale = model.scale
    height, width = (side // scale for side in hr.shape)
    lr = hr.reshape(height, scale, width, scale).mean((1, 3))
    if degradation == 0:
        lr = np.asarray(resize(hr, Fraction(1, scale)))
    elif degradation > 1:
        unit = (limits.hi - limits.lo) / PHOTONS[degradation - 2]
        lr = limits.lo + unit * random.poisson((lr - limits.lo).clip(0) / unit)
    lr = np.rint(lr) if limits.hi > 2 else lr
    answer = upscale(lr, model, rgb=False, value_range=(limits.lo, limits.hi))
    rows, columns = (random.integers(0, side, PIXELS) for side in hr.shape)
    errors = abs(answer - hr)[rows, columns] / limits.unit
    plane = np.pad(((lr - limits.lo) / limits.unit).astype(np.float32), RADIUS, mode="edge")
    found = np.stack(features(plane), -1)[rows // scale, columns // scale]
    return found.astype(np.float64), np.log2(errors + NOISE_FLOOR)


def fitted(pixels: Sample) -> ErrorTable:
    """Quantiles of the errors of pixels with about the same features, smoothed."""
    lows, highs = np.quantile(pixels.features, (0.002, 0.998), axis=0)
    steps = (highs - lows) / (np.array(NODES) - 1)
    nearest = np.rint((pixels.features - lows) / steps).astype(int).clip(0, np.array(NODES) - 1)
    cells = np.ravel_multi_index(tuple(nearest.T), NODES)
    order = np.lexsort((pixels.errors, cells))
    weights = _weights(pixels.sources)[order]
    quantiles, counts = np.zeros(np.prod(NODES)), np.zeros(np.prod(NODES))
    found, starts = np.unique(cells[order], return_index=True)
    for cell, start, stop in zip(found, starts, [*starts[1:], len(order)], strict=True):
        total = np.cumsum(weights[start:stop])
        place = start + int(np.searchsorted(total, COVERAGE * total[-1]))
        quantiles[cell] = pixels.errors[order[min(place, stop - 1)]]
        counts[cell] = min(stop - start, FULL)
    values = _smoothed(quantiles.reshape(NODES), counts.reshape(NODES))
    limits = tuple((float(lo), float(hi)) for lo, hi in zip(lows, highs, strict=True))
    return ErrorTable(values.astype(np.float32), limits)


def _weights(sources: NDArray[np.str_]) -> Floats:
    """A laboratory with many images counts more than one with few, but not in proportion."""
    _, which, counts = np.unique(sources, return_inverse=True, return_counts=True)
    result: Floats = 1 / np.sqrt(counts[which])
    return result


def _smoothed(quantiles: Floats, counts: Floats) -> Floats:
    """Each node the mean of those around it, as far around as it takes to see enough pixels."""
    result = np.full(quantiles.shape, np.nan)
    for width in WIDTHS:
        total = ndimage.gaussian_filter(quantiles * counts, width, mode="nearest")
        count = ndimage.gaussian_filter(counts, width, mode="nearest")
        new = np.isnan(result) & (count > ENOUGH)
        result[new] = total[new] / count[new]
    result[np.isnan(result)] = np.nanmax(result)
    return result


def predicted(table: ErrorTable, found: Floats) -> Floats:
    """Binary logarithms of what a table expects, by (N, 3) features."""
    places = [
        (values - lo) / (hi - lo) * (nodes - 1)
        for values, (lo, hi), nodes in zip(found.T, table.limits, table.values.shape, strict=True)
    ]
    beyond = (found[:, 0] - table.limits[0][1]).clip(0)
    expected: Floats = ndimage.map_coordinates(table.values, places, order=1, mode="nearest")
    return expected + beyond


def left_out(pixels: Sample, random: np.random.Generator) -> Floats:
    """What is expected of each pixel by a table that saw no image of its laboratory."""
    result = np.empty(len(pixels.errors))
    for fold in np.array_split(random.permutation(np.unique(pixels.sources)), FOLDS):
        here = np.isin(pixels.sources, fold)
        result[here] = predicted(fitted(pixels.of(~here)), pixels.features[here])
    return result


def calibration(expected: Floats, pixels: Sample) -> tuple[Floats, Floats]:
    """What must be added to a prediction for its coverage, at some predictions in their order."""
    edges = np.quantile(expected, np.linspace(0, 1, CALIBRATION_BINS + 1))
    which = np.searchsorted(edges[1:-1], expected)
    centres, more = [], []
    for number in range(CALIBRATION_BINS):
        here = which == number
        order = np.argsort(lacking := pixels.errors[here] - expected[here])
        total = np.cumsum(_weights(pixels.sources)[here][order])
        more.append(lacking[order][np.searchsorted(total, COVERAGE * total[-1])])
        centres.append(np.median(expected[here]))
    return np.array(centres), np.array(more)


def calibrated(table: ErrorTable, centres: Floats, more: Floats) -> ErrorTable:
    """The table with what laboratories it did not see had to have added."""
    values = table.values + np.interp(table.values, centres, more)
    return replace(table, values=values.astype(np.float32))


def main(micrographs: Path, photographs: Path, paths: list[Path]) -> None:
    """Put an error table into every model file, and say how good it is on other laboratories."""
    for path in paths:
        model, random = load_model_file(path), np.random.default_rng(0)
        pixels = sample(model, micrographs, photographs, random)
        expected = left_out(pixels, random)
        centres, more = calibration(expected, pixels)
        table = calibrated(fitted(pixels), centres, more)
        save_model(replace(model, expected_error=table), path, overwrite=True)
        held_out = expected + np.interp(expected, centres, more)
        sys.stdout.write(f"{path.stem}: {_figures(held_out, pixels)}\n")
        sys.stdout.flush()


def _figures(expected: Floats, pixels: Sample) -> str:
    """Coverage in all, where little and where much is expected, and rank correlation."""
    inside = pixels.errors <= expected
    low, high = np.quantile(expected, (0.1, 0.9))
    ranks = [np.argsort(np.argsort(each)) for each in (expected, pixels.errors)]
    least, most = inside[expected <= low].mean(), inside[expected >= high].mean()
    return (
        f"coverage {inside.mean():.3f}, of the smallest tenth {least:.3f}, "
        f"of the largest {most:.3f}; "
        f"Spearman {np.corrcoef(*ranks)[0, 1]:.3f}; laboratories "
        + " ".join(
            f"{inside[pixels.sources == source].mean():.2f}" for source in np.unique(pixels.sources)
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(argument) for argument in sys.argv[3:]])
