"""Several models and plain interpolations on the same images: quality, size and time.

Belongs here: what can be compared, and measuring it in turns. Which images, and the figures of one
model, are ``evaluation.py``; tables are ``evaluation_report.py``, drawings ``evaluation_plot.py``.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_autolut.arrays.upscaling import upscale
from napari_autolut.evaluation.benchmark import (
    EvaluationError,
    Pair,
    Score,
    as_dtype,
    baseline_name,
    enlarged_bicubically,
    load_scene,
    mean_score,
)
from napari_autolut.model.graph import LutModel
from napari_autolut.storage.catalogue import load_model

ROUNDS = 3
"""How often every method is timed on an image, all methods in turn."""


@dataclass(frozen=True, eq=False)
class Method:
    """Something that makes a large image of a small one.

    Parameters
    ----------
    name : str
        How tables and drawings call it.
    run : callable
        (H, W) or (H, W, 3) to the same of r times the size, in the image's type.
    nbytes : int, default 0
        Size of the tables it needs; 0 for plain interpolation.
    """

    name: str
    run: Callable[[NDArray[Any]], NDArray[Any]]
    nbytes: int = 0


@dataclass(frozen=True)
class Trial:
    """What all methods made of one image: a score and seconds, in ``ROUNDS`` turns, of each."""

    image: str
    pixels: int
    scores: tuple[Score, ...]
    seconds: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Standing:
    """How a method did on all images.

    ``milliseconds`` are for a million pixels of result, on this machine, and None for an input
    that is taken as it is; ``scores`` are of the images in their order.
    """

    method: str
    nbytes: int
    milliseconds: float | None
    mean: Score
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Comparison:
    """Standings of the interpolations and then of the models, on images of one scale."""

    scale: int
    images: tuple[str, ...]
    standings: tuple[Standing, ...]


def load_models(names: Sequence[str]) -> list[tuple[str, LutModel]]:
    """Load models to be compared, each with a name that no other has.

    Two files whose cards give the same name are told apart by what the user called them.

    Raises
    ------
    EvaluationError
        If one is named twice, or their scales differ.
    UnknownModelError, ModelFileError
        If there is no such model.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise EvaluationError(f"found {twice[0]} twice, expected every model once; leave one out")
    models = [load_model(name) for name in names]
    if len({model.scale for model in models}) > 1:
        found = ", ".join(f"{model.name} (x{model.scale})" for model in models)
        raise EvaluationError(
            f"found models of different scales: {found}; compare those of one scale at a time"
        )
    uses = Counter(model.name for model in models)
    return [
        (model.name if uses[model.name] == 1 else name, model)
        for name, model in zip(names, models, strict=True)
    ]


def methods(models: Sequence[tuple[str, LutModel]], engine: str) -> list[Method]:
    """Interpolations that the models have to beat, and the models; at scale 1 the input itself."""
    scale = models[0][1].scale
    plain = [Method(baseline_name(scale), lambda image: enlarged_bicubically(image, scale))]
    if scale > 1:
        plain.append(Method("Lanczos", lambda image: enlarged_by_lanczos(image, scale)))
    return [*plain, *(_method(name, model, engine) for name, model in models)]


def _method(name: str, model: LutModel, engine: str) -> Method:
    def run(image: NDArray[Any]) -> NDArray[Any]:
        result: NDArray[Any] = upscale(image, model, rgb=image.ndim == 3, engine=engine)
        return result

    return Method(name, run, model.nbytes)


def enlarged_by_lanczos(image: NDArray[Any], scale: int) -> NDArray[Any]:
    """Enlarge by Pillow's Lanczos filter of 3 lobes, computed in float32 on each colour.

    Parameters
    ----------
    image : ndarray, shape (H, W) or (H, W, 3)
        TODO.

    Returns
    -------
    ndarray
        The same type; pixel centres lie where bicubic interpolation puts them.
    """
    if image.ndim == 3:
        colours = [enlarged_by_lanczos(image[..., c], scale) for c in range(image.shape[2])]
        return np.stack(colours, axis=-1)
    height, width = image.shape
    plane = Image.fromarray(np.ascontiguousarray(image, np.float32))
    larger = plane.resize((width * scale, height * scale), Image.Resampling.LANCZOS)
    return as_dtype(np.asarray(larger), image.dtype)


def try_all(pair: Pair, methods: Sequence[Method], scale: int) -> Trial:
    """Measure every method on one image; errors as `evaluation.evaluate`.

    The first run of each is scored and not timed: it may compile and fill caches.
    """
    scene = load_scene(pair, scale)
    scores = tuple(scene.score(method.run(scene.smaller)) for method in methods)
    rounds = [[_seconds(method, scene.smaller) for method in methods] for _ in range(ROUNDS)]
    height, width = scene.truth.shape[:2]
    return Trial(pair.name, height * width, scores, tuple(zip(*rounds, strict=True)))


def _seconds(method: Method, image: NDArray[Any]) -> float:
    start = time.perf_counter()
    method.run(image)
    return time.perf_counter() - start


def compare(methods: Sequence[Method], trials: Iterable[Trial], scale: int) -> Comparison:
    """Put trials of the same methods together."""
    trials = tuple(trials)
    standings = [
        Standing(
            method.name,
            method.nbytes,
            _milliseconds(trials, number) if method.nbytes or scale > 1 else None,
            mean_score(trial.scores[number] for trial in trials),
            tuple(trial.scores[number] for trial in trials),
        )
        for number, method in enumerate(methods)
    ]
    return Comparison(scale, tuple(trial.image for trial in trials), tuple(standings))


def _milliseconds(trials: Sequence[Trial], number: int) -> float:
    """Time of a method for a million pixels, from its ratios to the last method.

    A machine whose speed drifts slows both sides of a ratio, so that the ratio stays.
    """
    seconds = sum(
        statistics.median(trial.seconds[-1])
        * statistics.median(
            own / last for own, last in zip(trial.seconds[number], trial.seconds[-1], strict=True)
        )
        for trial in trials
    )
    return 1e9 * seconds / sum(trial.pixels for trial in trials)
