"""Several models and plain interpolations on the same images: quality, size and time.

Belongs here: what can be compared, and measuring it in turns. Scenes and scores are in
``scenes.py``; tables are in ``report.py``, drawings in ``plot``.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_autolut.arrays import Colour, upscale
from napari_autolut.evaluation.pairs import EvaluationError, OnError, Pair
from napari_autolut.evaluation.scenes import (
    Scene,
    as_dtype,
    baseline_name,
    by_plane,
    enlarged_bicubically,
    load_scenes,
)
from napari_autolut.evaluation.scores import LeftOut, Score, equal_images, mean_score, parted
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model
from napari_autolut.util.errors import FILE_ERRORS
from napari_autolut.util.warning import about

ROUNDS = 3
"""Number of times that every method is timed on an image, all methods in turn."""


@dataclass(frozen=True, eq=False)
class Method:
    """Something that makes a large image of a small one.

    Parameters
    ----------
    name : str
        Its name in tables and drawings.
    run : callable
        Makes of an image one of r times the size, in the same type. It is told the image, (H, W),
        with slices before and colours behind where it has them, and whether it has colours.
    nbytes : int, default 0
        Size of the tables it needs; 0 for plain interpolation.
    """

    name: str
    run: Callable[[NDArray[Any], bool], NDArray[Any]]
    nbytes: int = 0


@dataclass(frozen=True)
class ImageResult:
    """What all methods made of one image.

    Parameters
    ----------
    image : str
        Name of the image.
    pixels : int
        Pixels of the HR image.
    scores : tuple of Score
        One for each method.
    seconds : tuple of tuple of float
        Times of each method, ``ROUNDS`` of them.
    """

    image: str
    pixels: int
    scores: tuple[Score, ...]
    seconds: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class MethodResult:
    """What a method made of all images.

    Parameters
    ----------
    method : str
        Its name.
    nbytes : int
        Size of the tables.
    milliseconds : float or None
        For a million pixels of result, on this machine; None for an input that is taken as it is.
    mean : Score
        Mean over the images that count.
    scores : tuple of Score
        One for each image.
    """

    method: str
    nbytes: int
    milliseconds: float | None
    mean: Score
    scores: tuple[Score, ...]


@dataclass(frozen=True)
class Comparison:
    """Results of the interpolations and then of the models, on images of one scale.

    Parameters
    ----------
    scale : int
        The factor r.
    images : tuple of str
        Names of the images that were measured.
    results : tuple of MethodResult
        One for each method.
    left_out : tuple of LeftOut
        Images that do not count in the means, measured or not.
    """

    scale: int
    images: tuple[str, ...]
    results: tuple[MethodResult, ...]
    left_out: tuple[LeftOut, ...] = ()


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


def methods(
    models: Sequence[tuple[str, LutModel]], engine: str, *, luma: bool = False
) -> list[Method]:
    """Interpolations that the models have to beat, and the models; at scale 1 the input itself.

    With ``luma`` each model that can comes twice: with colours apart, and through luma.
    """
    scale = models[0][1].scale

    def cubic(image: NDArray[Any], rgb: bool) -> NDArray[Any]:
        return enlarged_bicubically(image, scale, rgb=rgb)

    def lanczos(image: NDArray[Any], rgb: bool) -> NDArray[Any]:
        return by_plane(lambda plane: enlarged_by_lanczos(plane, scale), image, rgb)

    plain = [Method(baseline_name(scale), cubic)]
    if scale > 1:
        plain.append(Method("Lanczos", lanczos))
    for name, model in models:
        plain.append(_method(name, model, engine, "channels"))
        if luma and model.scale > 1 and not model.noisy:
            plain.append(_method(f"{name}, luma", model, engine, "luma"))
    return plain


def _method(name: str, model: LutModel, engine: str, colour: Colour) -> Method:
    def run(image: NDArray[Any], rgb: bool) -> NDArray[Any]:
        result: NDArray[Any] = upscale(
            image, model, rgb=rgb, colour=colour if rgb else "channels", engine=engine
        )
        return result

    return Method(name, run, model.nbytes)


def enlarged_by_lanczos(image: NDArray[Any], scale: int) -> NDArray[Any]:
    """Enlarge with Pillow's Lanczos filter of 3 lobes, computed in float32 on each colour.

    Parameters
    ----------
    image : ndarray, shape (H, W) or (H, W, 3)
        The image.
    scale : int
        The factor r.

    Returns
    -------
    ndarray
        The larger image in the same type; pixel centres lie where bicubic interpolation puts them.
    """
    if image.ndim == 3:
        colours = [enlarged_by_lanczos(image[..., c], scale) for c in range(image.shape[2])]
        return np.stack(colours, axis=-1)
    height, width = image.shape
    plane = Image.fromarray(np.ascontiguousarray(image, np.float32))
    larger = plane.resize((width * scale, height * scale), Image.Resampling.LANCZOS)
    return as_dtype(np.asarray(larger), image.dtype)


def measure_all(
    pair: Pair, methods: Sequence[Method], scale: int
) -> Generator[ImageResult | LeftOut, None, None]:
    """Measure every method on every channel of an image; errors as ``evaluate``.

    The first run of each is scored and not timed: it may compile and fill caches.
    """
    for scene in load_scenes(pair, scale):
        if isinstance(scene, LeftOut):
            yield scene
            continue
        scores = tuple(scene.score(method.run(scene.lr, scene.rgb)) for method in methods)
        rounds = [[_seconds(method, scene) for method in methods] for _ in range(ROUNDS)]
        pixels = scene.hr.size // (3 if scene.rgb else 1)
        yield ImageResult(scene.name, pixels, scores, tuple(zip(*rounds, strict=True)))


def measure_pairs(
    pairs: Iterable[Pair], methods: Sequence[Method], scale: int, on_error: OnError
) -> Iterator[tuple[Pair, list[ImageResult | LeftOut]]]:
    """Measure one pair after another, past those that cannot be read or do not belong together."""
    for pair in pairs:
        try:
            found = [*about(pair.name, measure_all(pair, methods, scale))]
        except FILE_ERRORS as error:
            on_error(pair.name, error)
        else:
            yield pair, found


def _seconds(method: Method, scene: Scene) -> float:
    start = time.perf_counter()
    method.run(scene.lr, scene.rgb)
    return time.perf_counter() - start


def compare(
    methods: Sequence[Method], found: Iterable[ImageResult | LeftOut], scale: int
) -> Comparison:
    """Put measurements of the same methods together."""
    measured, left_out = parted(found)
    images = tuple(image.image for image in measured)
    scores = [tuple(image.scores[number] for image in measured) for number in range(len(methods))]
    left_out = (*left_out, *equal_images(images, scores))
    results = [
        MethodResult(
            method.name,
            method.nbytes,
            _milliseconds(measured, number) if method.nbytes or scale > 1 else None,
            mean_score(images, scores[number], left_out),
            scores[number],
        )
        for number, method in enumerate(methods)
    ]
    return Comparison(scale, images, tuple(results), left_out)


def _milliseconds(measured: Sequence[ImageResult], number: int) -> float:
    """Time of a method for a million pixels, from its ratios to the last method.

    A machine whose speed drifts slows both sides of a ratio, so that the ratio stays.
    """
    seconds = sum(
        statistics.median(image.seconds[-1])
        * statistics.median(
            own / last for own, last in zip(image.seconds[number], image.seconds[-1], strict=True)
        )
        for image in measured
    )
    return 1e9 * seconds / sum(image.pixels for image in measured)
