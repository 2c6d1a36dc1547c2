"""Measuring a model on a folder of images, as the super-resolution papers do.

Belongs here: which images are compared, and the figures of one model. Several methods and their
times are ``evaluation_methods.py``; the metrics are ``metrics.py``; tables and JSON are
``evaluation_report.py``.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import bicubic
from napari_autolut.arrays.upscaling import upscale
from napari_autolut.evaluation.metrics import SSIM_WINDOW, psnr_y, ssim_y
from napari_autolut.io.files import READABLE_SUFFIXES, read_image
from napari_autolut.io.image_file import ImageFileError
from napari_autolut.model.graph import LutModel
from napari_autolut.storage.catalogue import load_model

COLOURS = {2: "grey", 3: "RGB"}  # by number of axes


class EvaluationError(ValueError):
    """Images that cannot be compared: which ones, why, and what to do."""


@dataclass(frozen=True)
class Pair:
    """A true image and, unless it is to be made, its low-resolution version."""

    name: str
    hr: Path
    lr: Path | None


@dataclass(frozen=True)
class Score:
    """PSNR on luma in dB (infinite for equal images) and SSIM on luma."""

    psnr: float
    ssim: float


@dataclass(frozen=True)
class Row:
    """What a model, and the baseline, make of one image."""

    image: str
    model: Score
    baseline: Score


@dataclass(frozen=True)
class Evaluation:
    """The figures of a model on a set of images.

    ``baseline`` says what the model is compared with: ``"bicubic"`` interpolation, or at scale 1
    the ``"input"`` as it is.
    """

    model: str
    scale: int
    baseline: str
    rows: tuple[Row, ...]

    @property
    def mean(self) -> Row:
        """Means over the images."""
        return Row(
            "mean",
            mean_score(row.model for row in self.rows),
            mean_score(row.baseline for row in self.rows),
        )


def evaluate(
    model: str | os.PathLike[str] | LutModel,
    hr_folder: str | os.PathLike[str],
    lr_folder: str | os.PathLike[str] | None = None,
    *,
    engine: str = "auto",
) -> Evaluation:
    """Measure a model against the truth, beside bicubic interpolation.

    The truth is cropped to a multiple of the scale r. Without ``lr_folder`` the model's input is
    made of it by MATLAB's bicubic interpolation, rounded to the image's type. PSNR and SSIM are on
    luma with a border of r pixels cut. 8-bit images are measured on 0..255; images of 16 bits and
    floats on the true image's own minimum to maximum, and the model runs on the range that
    `upscale` takes by default. Alpha does not count.

    Parameters
    ----------
    model : str or path-like or LutModel
        Name in the catalogue, path of a model file, or a model.
    hr_folder : str or path-like
        PNG, JPEG, WebP, BMP or TIFF files of one picture each; other files are passed over.
    lr_folder : str or path-like, optional
        The model's inputs, named as the true images, or with a suffix such as ``x4``.
    engine : str, default "auto"
        ``"auto"``, ``"fast"`` or ``"reference"``.

    Raises
    ------
    EvaluationError
        If a folder has no images, an input is missing, or sizes or types do not fit.
    ImageFileError
        If an image cannot be read.
    """
    loaded = load_model(model)
    pairs = find_pairs(loaded, hr_folder, lr_folder)
    return summary(loaded, [evaluate_pair(loaded, pair, engine=engine) for pair in pairs])


def summary(model: LutModel, rows: Iterable[Row]) -> Evaluation:
    """Put rows from `evaluate_pair` together."""
    return Evaluation(model.name, model.scale, baseline_name(model.scale), tuple(rows))


def baseline_name(scale: int) -> str:
    """Say what a model of that scale is compared with."""
    return "bicubic" if scale > 1 else "input"


def find_pairs(
    model: LutModel,
    hr_folder: str | os.PathLike[str],
    lr_folder: str | os.PathLike[str] | None = None,
) -> list[Pair]:
    """Match true images with inputs by name; parameters and errors as `evaluate`."""
    truths = _images(Path(hr_folder))
    if lr_folder is None:
        if model.scale == 1:
            raise EvaluationError(
                f"{model.name} keeps the size: its inputs cannot be made of the true images; give "
                "a folder of them as well"
            )
        return [Pair(path.stem, path, None) for path in truths]
    inputs = list(_images(Path(lr_folder)))
    return [Pair(path.stem, path, _input_of(path, inputs, model.scale)) for path in truths]


def _images(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise EvaluationError(f"{folder}: found no folder, expected a folder of images")
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in READABLE_SUFFIXES and not path.name.startswith(".")
    ]
    if not found:
        raise EvaluationError(f"{folder}: found no images ({', '.join(READABLE_SUFFIXES)})")
    return found


def _input_of(truth: Path, inputs: list[Path], scale: int) -> Path:
    """Find the input whose stem is the true image's, but for HR, LR and the scale at the end."""
    key = _without_suffixes(truth.stem, scale)
    matches = [path for path in inputs if path.stem == truth.stem] or [
        path for path in inputs if _without_suffixes(path.stem, scale) == key
    ]
    if len(matches) != 1:
        found = ", ".join(path.name for path in matches) or "none"
        folder = inputs[0].parent
        raise EvaluationError(
            f"{folder}: found {found} for {truth.name}, expected one image named {truth.stem} or "
            f"{truth.stem}x{scale}"
        )
    return matches[0]


def _without_suffixes(stem: str, scale: int) -> str:
    shorter = re.sub(rf"[ ._-]?x{scale}$", "", stem, flags=re.IGNORECASE)
    return re.sub(r"[ ._-](hr|lr)$", "", shorter, flags=re.IGNORECASE)


def evaluate_pair(model: LutModel, pair: Pair, *, engine: str = "auto") -> Row:
    """Measure a model on one image; errors as `evaluate`."""
    scene = load_scene(pair, model.scale)
    result = upscale(scene.smaller, model, rgb=scene.rgb, engine=engine)
    return Row(
        pair.name,
        scene.score(result),
        scene.score(enlarged_bicubically(scene.smaller, scene.scale)),
    )


@dataclass(frozen=True, eq=False)
class Scene:
    """A true image and what methods are given to make it of.

    Parameters
    ----------
    truth, smaller : ndarray, shape (H * r, W * r) and (H, W)
        With a last axis of 3 for colours, of one type.
    scale : int
        The factor r.
    value_range : tuple of float
        The values of black and white that errors are measured against.
    """

    truth: NDArray[Any]
    smaller: NDArray[Any]
    scale: int
    value_range: tuple[float, float]

    @property
    def rgb(self) -> bool:
        """Whether the last axis holds colours."""
        return self.smaller.ndim == 3

    def score(self, result: NDArray[Any]) -> Score:
        """Measure what a method made of the smaller image."""
        border, values = self.scale, self.value_range
        return Score(
            psnr_y(result, self.truth, border=border, value_range=values),
            ssim_y(result, self.truth, border=border, value_range=values),
        )


def load_scene(pair: Pair, scale: int) -> Scene:
    """Read the images of a pair; errors as `evaluate`."""
    truth = _truth(pair.hr, scale)
    smaller = _smaller(truth, scale) if pair.lr is None else _input(pair, truth, scale)
    return Scene(truth, smaller, scale, _value_range(pair.hr, truth))


def enlarged_bicubically(image: NDArray[Any], scale: int) -> NDArray[Any]:
    """Give what the field compares with, in the image's type; at scale 1 the image as it is."""
    return as_dtype(bicubic.resize(image, scale), image.dtype)


def _truth(path: Path, scale: int) -> NDArray[Any]:
    """Read a true image, cropped to a multiple of the scale."""
    image = _picture(path)
    height, width = (side - side % scale for side in image.shape[:2])
    least = 2 * scale + SSIM_WINDOW
    if min(height, width) < least:
        problem = f"found {image.shape[0]} x {image.shape[1]} pixels, expected at least {least}"
        raise EvaluationError(f"{path}: {problem} a side after cropping to a multiple of {scale}")
    return image[:height, :width]


def _picture(path: Path) -> NDArray[Any]:
    """(H, W) or (H, W, 3)."""
    image = read_image(path)
    if image.axes not in ("YX", "YXS"):
        problem = f"found a stack with axes {image.axes}, expected one picture"
        raise ImageFileError(path, f"{problem}; save its planes as single files")
    return image.data[..., :3] if image.rgb else image.data


def _smaller(truth: NDArray[Any], scale: int) -> NDArray[Any]:
    return as_dtype(bicubic.resize(truth, Fraction(1, scale)), truth.dtype)


def _input(pair: Pair, truth: NDArray[Any], scale: int) -> NDArray[Any]:
    """Read the input and check that the true image belongs to it."""
    assert pair.lr is not None
    smaller = _picture(pair.lr)
    expected = (truth.shape[0] // scale, truth.shape[1] // scale)
    if smaller.shape[:2] != expected:
        found = f"{smaller.shape[0]} x {smaller.shape[1]} pixels"
        raise EvaluationError(
            f"{pair.lr}: found {found}, expected {expected[0]} x {expected[1]}, 1/{scale} of "
            f"{pair.hr}"
        )
    if (smaller.dtype, smaller.ndim) != (truth.dtype, truth.ndim):
        found, wanted = (f"{each.dtype} {COLOURS[each.ndim]}" for each in (smaller, truth))
        raise EvaluationError(f"{pair.lr}: found {found}, expected {wanted} as {pair.hr}")
    return smaller


def as_dtype(image: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Round and clip as interpolation of images of that type would."""
    if dtype.kind != "f" and image.dtype != dtype:
        limits = np.iinfo(dtype)
        image = np.rint(np.clip(image, limits.min, limits.max))
    return image.astype(dtype, copy=False)


def _value_range(path: Path, truth: NDArray[Any]) -> tuple[float, float]:
    if truth.dtype == np.uint8:
        return 0, 255
    lo, hi = float(truth.min()), float(truth.max())
    if not (math.isfinite(hi - lo) and lo < hi):
        raise EvaluationError(
            f"{path}: found values from {lo} to {hi}, expected a range to measure errors against"
        )
    return lo, hi


def mean_score(scores: Iterable[Score]) -> Score:
    """Means of both figures."""
    both: Iterator[tuple[float, ...]] = zip(*((s.psnr, s.ssim) for s in scores), strict=True)
    psnrs, ssims = both
    return Score(sum(psnrs) / len(psnrs), sum(ssims) / len(ssims))
