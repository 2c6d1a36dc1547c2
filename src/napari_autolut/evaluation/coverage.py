"""How far expected errors are to be believed: coverage and rank correlation on HR images.

Belongs here: comparing the map of an upscaling with its errors. The map is
``arrays/expected_error.py``; scenes are ``scenes.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import (
    ErrorTask,
    NoisyTask,
    finish,
    image_and_axes,
    resolve_range,
    run,
    settled_task,
)
from napari_autolut.arrays.noisy import NoisyEnlarger
from napari_autolut.engine import plane_engine
from napari_autolut.evaluation.pairs import Pair
from napari_autolut.evaluation.scenes import Scene, load_scenes
from napari_autolut.model import LutModel
from napari_autolut.util.ranks import rank_correlation
from napari_autolut.util.warning import about

MAX_PIXELS = 50_000
"""Pixels of an image that are looked at."""

TENTH = 0.1


class ErrorSample(NamedTuple):
    """Expected and true absolute errors of some pixels, on the scale of 0 to 1.

    And whether noise was found in their image and taken away.
    """

    expected: NDArray[np.float64]
    errors: NDArray[np.float64]
    noisy: bool = False


@dataclass(frozen=True)
class ErrorFigures:
    """How good a map of expected errors is.

    Parameters
    ----------
    coverage : float, 0 to 1
        Fraction of pixels whose error is at most what was expected; 0.9 is promised.
    smallest, largest : float, 0 to 1
        The same of the tenth of pixels with the smallest and the largest expectation.
    spearman : float, -1 to 1
        Rank correlation of expected and true errors.
    noisy : float, 0 to 1
        Fraction of images whose own noise was found and taken away. The truth has it still, and
        maps are of errors without it.
    """

    coverage: float
    smallest: float
    largest: float
    spearman: float
    noisy: float = 0.0

    def __str__(self) -> str:
        figures = (
            f"{self.coverage:.1%} of the pixels are within it (of the tenth with the smallest "
            f"{self.smallest:.1%}, the largest {self.largest:.1%}), Spearman {self.spearman:.2f}"
        )
        if not self.noisy:
            return figures
        return (
            f"{figures}; of {self.noisy:.0%} of the images noise was taken away that the truth has "
            "and the map does not count: fewer of their pixels are within it"
        )

    def as_json(self) -> dict[str, Any]:
        """Give the figures by name; None for a correlation where all errors are equal."""
        return {key: None if math.isnan(number) else number for key, number in vars(self).items()}


def measured_errors(
    models: Sequence[tuple[str, LutModel]], pairs: Sequence[Pair], *, engine: str = "auto"
) -> dict[str, ErrorFigures]:
    """Figures of all models that have an error table, by the names that they have here."""
    return {
        name: error_figures(
            sample for pair in pairs for sample in about(pair.name, _samples(model, pair, engine))
        )
        for name, model in models
        if model.expected_error is not None
    }


def _samples(model: LutModel, pair: Pair, engine: str) -> Generator[ErrorSample, None, None]:
    for scene in load_scenes(pair, model.scale):
        if isinstance(scene, Scene):
            yield error_sample(model, scene, engine=engine)


def error_sample(model: LutModel, scene: Scene, *, engine: str = "auto") -> ErrorSample:
    """Take pixels of an image that a model enlarges; each colour is a pixel of its own."""
    array, axes = image_and_axes(scene.lr, None, scene.rgb)
    task = settled_task(array, axes, (resolve_range(array, "auto", rgb=axes.rgb),), model)
    result, expected = (
        finish(run(each, plane_engine(engine))) for each in (task, ErrorTask.of(task))
    )
    enlargers = task.enlargers if isinstance(task, NoisyTask) else ()
    noisy = any(isinstance(each, NoisyEnlarger) for each in enlargers)
    lo, hi = scene.value_range
    errors = abs(result.astype(np.float64) - scene.hr.astype(np.float64)).reshape(-1)
    count = min(MAX_PIXELS, errors.size)
    some = np.random.default_rng(0).choice(errors.size, count, replace=False)
    chosen = expected.reshape(-1)[some].astype(np.float64)
    return ErrorSample(chosen / (hi - lo), errors[some] / (hi - lo), noisy)


def error_figures(samples: Iterable[ErrorSample]) -> ErrorFigures:
    """Figures of the pixels of all images."""
    parts = list(samples)
    expected = np.concatenate([part.expected for part in parts])
    errors = np.concatenate([part.errors for part in parts])
    inside = errors <= expected
    low, high = np.quantile(expected, (TENTH, 1 - TENTH))
    return ErrorFigures(
        float(inside.mean()),
        float(inside[expected <= low].mean()),
        float(inside[expected >= high].mean()),
        rank_correlation(expected, errors),
        float(np.mean([part.noisy for part in parts])),
    )
