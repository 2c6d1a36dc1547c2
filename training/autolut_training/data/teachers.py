"""Learning from finished tables: what several of them make of an image, together, as its target.

Belongs here: the mean of the teachers' answers and its share in the HR images. A single pixel's HR
value is mostly chance, which a table with few images to learn from takes for a rule; what several
tables agree on is not. Source: knowledge distillation (Hinton, Vinyals and Dean 2015), from an
ensemble.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autolut_training.data.dataset import Dataset, Pair
from autolut_training.data.degradation import as_dtype
from autolut_training.data.planes import Plane
from autolut_training.report.validation import Enlarger, by_table
from napari_autolut.model.graph import LutModel, ModelError
from napari_autolut.storage.catalogue import load_model

VALUES = NDArray[np.float32]


def taught(dataset: Dataset, teachers: Sequence[str], share: float) -> Dataset:
    """The dataset with targets to learn from; held-out images stay as they are.

    Parameters
    ----------
    dataset : training and held-out images
    teachers : names or files of models of the dataset's scale
    share : part of the teachers' mean answer in every target, 0 to 1; the rest is HR

    Raises
    ------
    ModelError
        if a teacher has another scale than the images
    UnknownModelError, ModelFileError
        if a teacher cannot be loaded
    """
    models = [load_model(name) for name in teachers]
    for name, model in zip(teachers, models, strict=True):
        scale = dataset.train[0].hr.shape[1] // dataset.train[0].lr.shape[1]
        if model.scale != scale:
            raise ModelError(f"scale of the teacher {name}", model.scale, str(scale))
    train, again = (
        tuple(_taught_pair(pair, models, share) for pair in pairs)
        for pairs in (dataset.train, dataset.again)
    )
    return replace(dataset, train=train, again=again)


def _taught_pair(pair: Pair, teachers: Sequence[LutModel], share: float) -> Pair:
    targets: Plane = np.empty_like(pair.hr)
    for target, hr, lr in zip(targets, pair.hr, pair.lr, strict=True):
        target[:] = mixed(hr, mean_answer(teachers, lr.astype(np.float32)), share)
    return replace(pair, hr=targets)


def mixed(hr: Plane, answer: VALUES, share: float) -> Plane:
    """A target in the dtype of HR: ``share`` of an answer in [0, 255], and the rest HR."""
    return as_dtype((1 - share) * hr + share * answer, hr.dtype)


def mean_answer(teachers: Sequence[LutModel], plane: VALUES) -> VALUES:
    """(H * r, W * r) mean of what models make of an (H, W) plane, as it is and mirrored."""
    answers = [both_ways(_of_stacks(by_table(model)), plane[None])[0] for model in teachers]
    mean: VALUES = np.mean(answers, axis=0, dtype=np.float32)
    return mean


def _of_stacks(enlarge: Enlarger) -> Enlarger:
    return lambda planes: np.stack([enlarge(np.ascontiguousarray(plane)) for plane in planes])


def both_ways(teacher: Enlarger, planes: VALUES) -> VALUES:
    """Means of the answers to (N, H, W) planes and to their mirror images, asked for together.

    A teacher answers a mirrored image a little otherwise; the mean of both is nearer to the truth.
    """
    there, back = np.split(teacher(np.concatenate([planes, planes[..., ::-1]])), 2)
    mean: VALUES = (there + back[..., ::-1]) / np.float32(2)
    return mean
