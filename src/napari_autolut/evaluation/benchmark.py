"""The benchmark of one model on a folder of images, as the super-resolution papers do it.

Belongs here: ``evaluate`` and its figures. Pairs of files are in ``pairs.py``, what is measured on
each in ``scenes.py``; several models and their times are in ``methods.py``; tables and JSON are in
``report.py``.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace

from napari_autolut.arrays import upscale
from napari_autolut.evaluation.coverage import ErrorFigures, measured_errors
from napari_autolut.evaluation.pairs import Pair, find_pairs
from napari_autolut.evaluation.scenes import baseline_name, enlarged_bicubically, load_scenes
from napari_autolut.evaluation.scores import LeftOut, Score, equal_images, mean_score, parted
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model
from napari_autolut.util.arguments import checked_path
from napari_autolut.util.warning import about


@dataclass(frozen=True)
class Row:
    """What a model, and the baseline, make of one image.

    Parameters
    ----------
    image : str
        Name of the image.
    model, baseline : Score
        How near their results are to the HR image.
    """

    image: str
    model: Score
    baseline: Score


@dataclass(frozen=True)
class Evaluation:
    """The figures of a model on a set of images.

    Parameters
    ----------
    model : str
        Name of the model.
    scale : int
        Its upscaling factor.
    baseline : {"bicubic", "input"}
        What it is compared with: bicubic interpolation, or at scale 1 the input as it is.
    rows : tuple of Row
        One for each image.
    expected_error : ErrorFigures, optional
        How far its expected errors are to be believed, if it has an error table.
    left_out : tuple of LeftOut
        Images that do not count in the means: they have one value or NaN, and are not among the
        rows, or a result equals them.
    """

    model: str
    scale: int
    baseline: str
    rows: tuple[Row, ...]
    expected_error: ErrorFigures | None = None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def mean(self) -> Row:
        """Means over the images that count."""
        images = [row.image for row in self.rows]
        scores = ([row.model for row in self.rows], [row.baseline for row in self.rows])
        return Row("mean", *(mean_score(images, each, self.left_out) for each in scores))


def evaluate(
    model: str | os.PathLike[str] | LutModel,
    hr_folder: str | os.PathLike[str],
    lr_folder: str | os.PathLike[str] | None = None,
    *,
    engine: str = "auto",
) -> Evaluation:
    """Measure a model against HR images, beside bicubic interpolation.

    HR images are cropped to a multiple of the scale r. Without ``lr_folder`` the model's input
    is made of them by MATLAB's bicubic interpolation, rounded to the image's type. PSNR and
    SSIM are on luma with a border of r pixels cut. 8-bit images are measured on 0..255; images
    of 16 bits and floats on the HR image's own minimum to maximum. The model runs on the range
    that ``upscale`` takes by default. Alpha does not count.

    Parameters
    ----------
    model : str or path-like or LutModel
        Name in the catalogue, path of a model file, or a model.
    hr_folder : str or path-like
        The HR images: PNG, JPEG, WebP, BMP, TIFF and others; other files are skipped. Every image
        of a file and every channel of an image counts as one; a stack counts as a whole.
    lr_folder : str or path-like, optional
        The LR images, named as the HR images, or with a suffix such as ``x4``.
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
        What runs the model.

    Returns
    -------
    Evaluation
        Figures of every image, and their mean.

    Raises
    ------
    TypeError
        If a folder is no path.
    EvaluationError
        If a folder has no images, an LR image is missing, sizes or types do not fit, or no image
        can be measured.
    ImageFileError
        If an image cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from PIL import Image
    >>> from napari_autolut import evaluate
    >>> with TemporaryDirectory() as folder:
    ...     Image.fromarray(255 * np.eye(48, dtype=np.uint8)).save(Path(folder) / "line.png")
    ...     figures = evaluate("natural-x2", folder, engine="reference")
    >>> figures.scale, figures.baseline, [row.image for row in figures.rows]
    (2, 'bicubic', ['line'])
    """
    loaded = load_model(model)
    truths = checked_path(hr_folder, "hr_folder")
    inputs = None if lr_folder is None else checked_path(lr_folder, "lr_folder")
    pairs = find_pairs(loaded, truths, inputs)
    rows = (
        row
        for pair in pairs
        for row in about(pair.name, evaluate_pair(loaded, pair, engine=engine))
    )
    found = summary(loaded, rows)
    errors = measured_errors([(loaded.name, loaded)], pairs, engine=engine)
    return replace(found, expected_error=errors.get(loaded.name))


def summary(model: LutModel, found: Iterable[Row | LeftOut]) -> Evaluation:
    """Put together what ``evaluate_pair`` gives."""
    rows, left_out = parted(found)
    scores = ([row.model for row in rows], [row.baseline for row in rows])
    left_out = (*left_out, *equal_images([row.image for row in rows], scores))
    return Evaluation(model.name, model.scale, baseline_name(model.scale), rows, None, left_out)


def evaluate_pair(
    model: LutModel, pair: Pair, *, engine: str = "auto"
) -> Generator[Row | LeftOut, None, None]:
    """Measure a model on every channel of an image; errors as ``evaluate``."""
    for scene in load_scenes(pair, model.scale):
        if isinstance(scene, LeftOut):
            yield scene
            continue
        result = upscale(scene.lr, model, rgb=scene.rgb, colour="channels", engine=engine)
        plain = enlarged_bicubically(scene.lr, scene.scale, rgb=scene.rgb)
        yield Row(scene.name, scene.score(result), scene.score(plain))
