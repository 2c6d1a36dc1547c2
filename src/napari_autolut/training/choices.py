"""What a dock offers before a training: presets in words, names that can be, and what cannot be.

Belongs here: texts and checks, no Qt and no torch. What is asked for is a `TrainRequest`
(``request.py``), what the trainer makes of it is ``autolut_training/settings/``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from napari_autolut.training.degradation import Degradation
from napari_autolut.training.request import TrainRequest
from napari_autolut.util.paths import name_problem
from napari_autolut.util.spelling import composed, plain_name

SMALLEST_SIDE = 32
"""Least rows and columns of a small image; the recipes for everybody cut larger pieces where all
images have room for them."""

LONGEST_NAME = 60


@dataclass(frozen=True)
class Preset:
    """How thoroughly a table is trained: a recipe, in words.

    Parameters
    ----------
    recipe : str
        Name of the recipe.
    title, words : str
        How it is called in a dock, and what it is good for.
    minutes : int
        How long it takes to be worth it.
    inner, per_pixel : int
        Bytes of the shipped table that it is fine-tuned from: those of all stages but the last, and
        of the last for each pixel of a block.
    """

    recipe: str
    title: str
    words: str
    minutes: int
    inner: int
    per_pixel: int

    def nbytes(self, scale: int) -> int:
        """About the size of the model file, in bytes, where 8 bits are enough for a value."""
        return self.inner + self.per_pixel * scale**2


PRESETS = (
    Preset(
        "light",
        "Light",
        "Small, and more than twice as quick to apply. Begins with natural-x4-light, a table for "
        "photographs, and learns how your images differ.",
        5,
        46_000,
        2_300,
    ),
    Preset(
        "standard",
        "Standard",
        "Begins with the shipped table for photographs, and learns how your images differ: right "
        "for most of them, a dozen or hundreds.",
        15,
        292_000,
        14_000,
    ),
    Preset(
        "thorough",
        "Thorough",
        "As standard, with twice as much in every step: for hundreds of images, or blur and noise "
        "that the shipped table does not know. With less than half an hour, standard is as good.",
        45,
        292_000,
        14_000,
    ),
)


def validation_error(request: TrainRequest) -> str:
    """Why nothing would be learned like this, in one sentence; empty where something would."""
    if request.scale != 1 or request.noisy or request.lr is not None:
        return ""
    if Degradation(**request.degradation).keeps_scale_1:
        return "At scale 1 there must be something to undo: choose blur, noise or JPEG."
    return ""


def name_error(name: str, taken: Collection[str]) -> str:
    """Why a model cannot have this name, in one sentence; empty where it can."""
    if not name:
        return "Give the model a name."
    problem = name_problem(name) or (
        "which is too long, so that it cannot be the name of a file"
        if len(name) > LONGEST_NAME
        else ""
    )
    if problem:
        return f"Found {name!r}, {problem}; choose another name."
    if plain_name(name) in map(plain_name, taken):
        return f"There is a model {name!r} already; choose another name."
    return ""


def suggested_name(origin: str, scale: int, taken: Collection[str], *, noisy: bool = False) -> str:
    """Name a model after where its images are from: ``my-cells-x2``, or ``my-cells-x2-2``."""
    words = re.sub(r"[^\w.+-]+", "-", composed(origin)).strip(".-_")[: LONGEST_NAME - 8] or "own"
    ending = f"x{scale}" if scale > 1 else "denoise" if noisy else "x1"
    return free_name(f"{words.lower()}-{ending}", taken)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, or with the first number that makes it a new one."""
    used, number, free = {*map(plain_name, taken)}, 2, name
    while plain_name(free) in used:
        free, number = f"{name}-{number}", number + 1
    return free
