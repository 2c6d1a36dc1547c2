"""Measuring a table on held-out images, and bicubic interpolation on the same pixels.

Belongs here: which pixels are measured, and PSNR. When it is measured is in ``trainer.py``; figures
of finished tables on benchmark images are ``napari_autolut.evaluation.benchmark``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from autolut_training.data.parts import Pair
from napari_autolut.arrays import resize
from napari_autolut.engine import plane_engine
from napari_autolut.model import LutModel
from napari_autolut.training.degradation import Degradation

VIEW_SIDE = 96
"""LR pixels a side of what is measured of an image."""

MAX_VIEWS, MAX_OF_ONE = 24, 4
"""Places that are measured in all, and of one image."""

FAINT = 4
"""Levels that a place with something on it spans at least."""

View = tuple[NDArray[np.float32], NDArray[np.float32]]
"""HR and LR of the same place, in [0, 255]."""

Enlarger = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Makes (H * r, W * r) of an (H, W) plane, both in [0, 255]."""


def validation_views(pairs: Sequence[Pair], scale: int, degradation: Degradation) -> list[View]:
    """What is measured: the middle of each of many images, several places of each of few.

    HR and LR with its noise, float32 in [0, 255]. Places with hardly anything on them are left out:
    interpolation gets them nearly exactly, and their PSNRs of up to 148 dB would decide the mean.
    """
    count = min(MAX_OF_ONE, max(1, MAX_VIEWS // len(pairs)))
    places = [(pair, place) for pair in pairs[:MAX_VIEWS] for place in _places(pair, count)]
    views = [
        _view(*each, scale, degradation, np.random.default_rng(number))
        for number, each in enumerate(places)
    ]
    return [view for view in views if any(np.ptp(image) > FAINT for image in view)] or views


def _places(pair: Pair, count: int) -> list[tuple[int, int, int]]:
    """Plane, LR row and column of some views that do not overlap, spread evenly."""
    planes, *size = pair.lr.shape
    if count == 1:
        return [(planes // 2, *((n - min(n, VIEW_SIDE)) // 2 for n in size))]
    rows, columns = ([n * VIEW_SIDE for n in range(max(1, each // VIEW_SIDE))] for each in size)
    places = [(p, row, column) for p in range(planes) for row in rows for column in columns]
    chosen = np.unique(np.linspace(0, len(places) - 1, min(count, len(places))).round().astype(int))
    return [places[number] for number in chosen]


def _view(
    pair: Pair,
    place: tuple[int, int, int],
    scale: int,
    degradation: Degradation,
    random: np.random.Generator,
) -> View:
    plane, top, left = place
    height, width = pair.lr.shape[1:]
    rows, columns = min(height, VIEW_SIDE), min(width, VIEW_SIDE)
    lr = pair.lr[plane, top : top + rows, left : left + columns]
    hr = pair.hr[
        plane,
        top * scale : (top + rows) * scale,
        left * scale : (left + columns) * scale,
    ]
    seen, clean = degradation.observed(lr.astype(np.float32), hr.astype(np.float32), random)
    return clean, seen


def by_table(model: LutModel) -> Enlarger:
    """What a model makes of a plane."""
    run = plane_engine("fast")
    return lambda plane: run(model, plane)


def psnr_of(view: View, enlarge: Enlarger, scale: int) -> float:
    """PSNR in dB, a border of ``scale`` pixels left out."""
    hr, lr = view
    return _psnr(enlarge(lr), hr, scale)


def bicubic_psnr(view: View, scale: int) -> float:
    """What bicubic interpolation reaches on the same view."""
    return psnr_of(view, lambda lr: enlarged(lr, scale), scale)


def enlarged(lr: NDArray[np.float32], scale: int) -> NDArray[np.float32]:
    """A plane by bicubic interpolation, clipped to [0, 255]."""
    result: NDArray[np.float32] = np.clip(resize(lr, scale), 0, 255)
    return result


def mean_psnr(values: list[float]) -> float:
    """Mean in dB, as the field's tables give it."""
    return float(np.mean(values))


def _psnr(result: NDArray[np.float32], truth: NDArray[np.float32], border: int) -> float:
    inner = slice(border, -border)
    error = result[inner, inner].astype(np.float64) - truth[inner, inner]
    return float(10 * np.log10(255**2 / max(float(np.mean(error**2)), 1e-10)))
