"""Whether a run that is resumed has the images that it began with.

Belongs here: what a checkpoint notes of images, and what has changed since, in words. Among other
images others are held out, of which some may have been learned from: figures would be too good.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autolut_training.data.dataset import Dataset
from autolut_training.data.parts import Pair
from autolut_training.loop.checkpoint import CheckpointError
from napari_autolut.util.spelling import composed
from napari_autolut.util.text import first_names

SAMPLES = 16
"""Pixels that are noted of each image."""

SAME_MEAN, SAME_PIXEL = 0.25, 4
"""Levels by which an image may differ that another system has decoded."""

Notes = dict[str, list[float]]
"""Of each image, by what it serves for and its name: sizes, mean, deviation, and some pixels."""


def noted(dataset: Dataset) -> Notes:
    """What a checkpoint keeps of the images of a run."""
    parts = {"learned from": dataset.train, "held out": dataset.held_out}
    return {
        f"{use}/{composed(pair.name)}": _note(pair)
        for use, pairs in parts.items()
        for pair in pairs
    }


def _note(pair: Pair) -> list[float]:
    sides = [pair.lr] if pair.hr is pair.lr else [pair.lr, pair.hr]
    numbers: list[float] = []
    for planes in sides:
        places = np.linspace(0, planes.size - 1, SAMPLES).astype(np.intp)
        moments = planes.mean(dtype=np.float64), planes.std(dtype=np.float64)
        pixels = planes.reshape(-1)[places] if planes.flags.c_contiguous else planes.flat[places]
        numbers += [*planes.shape, *(round(float(each), 3) for each in (*moments, *pixels))]
    return numbers


def check_same_images(path: Any, then: Notes | None, now: Notes) -> None:
    """Refuse to resume with other images than those of the checkpoint at ``path``.

    Raises
    ------
    CheckpointError
        With the images that came, went or changed.
    """
    if then is None or (changes := _changes(then, now)) == "":
        return
    raise CheckpointError(
        f"{path}: found other images than this training began with ({changes}), expected the same, "
        "as those that are held out must never have been learned from; put them back, or begin "
        "anew under another name"
    )


def _changes(then: Notes, now: Notes) -> str:
    """Say what has changed; empty where nothing has."""
    if then.keys() == now.keys() and all(_alike(then[key], now[key]) for key in now):
        return ""
    before, after = ({key.partition("/")[2] for key in notes} for notes in (then, now))
    kinds = {"new": after - before, "gone": before - after}
    if before == after:  # among others, other parts of an image serve
        kinds["changed"] = {
            key.partition("/")[2]
            for key in then.keys() | now.keys()
            if key not in then or key not in now or not _alike(then[key], now[key])
        }
    return "; ".join(
        f"{kind}: {first_names(sorted(names))}" for kind, names in kinds.items() if names
    )


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two notes are of one image."""
    if len(one) != len(other):
        return False
    difference = np.abs(np.subtract(one, other)).reshape(-1, 3 + 2 + SAMPLES)
    bounds = np.array([0] * 3 + [SAME_MEAN] * 2 + [SAME_PIXEL] * SAMPLES)
    return bool((difference <= bounds).all())
