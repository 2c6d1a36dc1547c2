"""Fit the error tables of models: how far their answers are from the truth, by the LR image.

Belongs here: how quantiles become a table. Which pixels are measured is ``error_samples.py``, how
good a table is ``error_figures.py``; how it is looked up,
``napari_autolut/arrays/error_features.py``. No torch; a minute a model, four with noise.

    python training/expected_error.py MICROGRAPHS PHOTOGRAPHS luts/natural-x2.safetensors ...

MICROGRAPHS holds a SOURCES.csv with the columns ``file`` and ``source``: images of one laboratory
are left out together. Every image is binned or made smaller bicubically, without noise and with
that of photons. It has its own bits, or few levels of 8 bits; the truth is the image that was made
smaller, without that noise.

A model that knows of noise gets a table for clean images, and one for each noise that it knows:
images are sorted by what is found in them. Where an image's own noise was found, it is part of the
truth, and no table sees it: tables for noise are calibrated on noise that was added. Of images
without added noise, those tables then cover too few pixels, and the table for clean images more.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from error_figures import put_figures
from error_samples import Floats, Sample, sample
from napari_autolut.model import ErrorTable
from napari_autolut.storage import load_model_file, save_model

COVERAGE = 0.9
"""Part of the pixels whose error is to be no larger than what is expected."""

BY_NOISE = 0.94, 0.92, 0.88
"""The same for known noise, of the tables for none, weak and strong noise of one model. Tables for
noise cover three in four pixels of images whose own noise was found, so that the clean table covers
more: together, nine in ten. Each table is used for images of several strengths, whose errors are
not as large; with these three, each strength is covered to 88 to 92 % on laboratories left out."""

NODES = (20, 10, 12)
"""Of a table, along each of the three features."""

FOLDS = 4
"""Parts of the laboratories, each of which is left out once."""

WIDTHS = (0.6, 1.2, 2.5, 5, 10, 20)
"""Of the Gaussians that smooth a table, in nodes: the narrowest that sees enough pixels."""

ENOUGH, FULL = 20, 300
"""Pixels that a node needs, and that it counts at most."""

CALIBRATION_BINS = 12
"""Parts of the pixels, by what is expected of them, that are calibrated one by one."""


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
    expected += beyond
    return expected


def left_out(pixels: Sample, random: np.random.Generator) -> Floats:
    """What is expected of each pixel by a table that saw no image of its laboratory."""
    result = np.empty(len(pixels.errors))
    for fold in np.array_split(random.permutation(np.unique(pixels.sources)), FOLDS):
        here = np.isin(pixels.sources, fold)
        result[here] = predicted(fitted(pixels.of(~here)), pixels.features[here])
    return result


def calibration(expected: Floats, pixels: Sample, coverage: float) -> tuple[Floats, Floats]:
    """What must be added to a prediction for its coverage, at some predictions in their order."""
    edges = np.quantile(expected, np.linspace(0, 1, CALIBRATION_BINS + 1))
    which = np.searchsorted(edges[1:-1], expected)
    centres, more = [], []
    for number in range(CALIBRATION_BINS):
        here = which == number
        order = np.argsort(lacking := pixels.errors[here] - expected[here])
        total = np.cumsum(_weights(pixels.sources)[here][order])
        more.append(lacking[order][np.searchsorted(total, coverage * total[-1])])
        centres.append(np.median(expected[here]))
    return np.array(centres), np.array(more)


def calibrated(table: ErrorTable, centres: Floats, more: Floats) -> ErrorTable:
    """The table with what laboratories it did not see had to have added."""
    values = table.values + np.interp(table.values, centres, more)
    return replace(table, values=values.astype(np.float32))


def measured_table(
    pixels: Sample, coverage: float, random: np.random.Generator
) -> tuple[ErrorTable, Floats]:
    """The table of some pixels, and what is expected of each by one that saw no such laboratory."""
    expected = left_out(pixels, random)
    known = pixels.known
    centres, more = calibration(expected[known], pixels.of(known), coverage)
    table = calibrated(fitted(pixels), centres, more)
    return table, expected + np.interp(expected, centres, more)


def main(micrographs: Path, photographs: Path, paths: list[Path]) -> None:
    """Put error tables into every model file, and into the page how good they are elsewhere."""
    for path in paths:
        model, random = load_model_file(path), np.random.default_rng(0)
        pixels = sample(model, micrographs, photographs, random)
        held_out, tables = np.empty(len(pixels.errors)), {}
        coverages = BY_NOISE if model.noisy else (COVERAGE,)
        for sigma, coverage in zip(np.unique(pixels.sigmas), coverages, strict=True):
            here = pixels.sigmas == sigma
            tables[sigma], held_out[here] = measured_table(pixels.of(here), coverage, random)
        put_figures(path.stem, held_out, pixels)
        noisy = [each._replace(expected_error=tables.get(each.sigma)) for each in model.noisy]
        card = replace(model.card, date=datetime.now(UTC).date().isoformat())
        model = replace(model, card=card, expected_error=tables[0.0], noisy=tuple(noisy))
        save_model(model, path, overwrite=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(argument) for argument in sys.argv[3:]])
