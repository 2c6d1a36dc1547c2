"""From the request of a training to its settings: the recipe, and what replaces parts of it.

Belongs here: what needs no image, no torch and no card, so that a request can be checked where it
is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from autolut_training.settings.recipe import frozen, read_recipe
from autolut_training.settings.settings import GROUPS, Settings, SettingsError
from napari_autolut.storage import SUFFIX
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.request import TrainRequest
from napari_autolut.util.paths import name_problem
from napari_autolut.util.text import shortened

DEFAULT_RECIPE = "standard"
NOISY_RECIPE = "noisy"

NOT_DEGRADED: dict[str, Any] = {
    "method": "given",
    "sigma": 0.0,
    "noise": 0.0,
    "photons": 0.0,
    "jpeg": 0,
    "extra_downscales": (),
}
"""What a recipe's degradation becomes where LR images are given."""

IN_A_GROUP = rf"^({'|'.join(GROUPS)})(\.|: )(?=\w)"

DEGRADATION = tuple(each.name for each in fields(Degradation))


def settings_of(
    request: TrainRequest, scale_of_pairs: Callable[[Path, Path], int]
) -> tuple[Settings, dict[str, Any]]:
    """Settings and card texts that a request stands for.

    Parameters
    ----------
    request : TrainRequest
        What is asked for.
    scale_of_pairs : callable
        Asked for the scale where LR images are given and the request names none; with the folders
        of HR and LR images.

    Returns
    -------
    settings : Settings
        The recipe's, but for what the request replaces.
    texts : dict
        What the recipe has for the card.

    Raises
    ------
    SettingsError
        If a setting is unknown or impossible, or settings do not go together.
    """
    check_output(request.out)
    usual = NOISY_RECIPE if request.noisy else DEFAULT_RECIPE
    settings, texts = read_recipe(usual if request.recipe is None else request.recipe)
    if request.noisy != bool(settings.data.noise_sigma):
        raise SettingsError(
            f"recipe: found {request.recipe} {'with' if request.noisy else 'without'} --noisy, "
            f"expected --noisy with a recipe such as {NOISY_RECIPE}, and only there"
        )
    if request.lr is not None:
        scale = request.scale or scale_of_pairs(request.images, request.lr)
        settings = settings.changed(**NOT_DEGRADED, scale=scale)
    changes = _changes(request)
    try:
        return settings.changed(**changes), texts
    except SettingsError as error:  # those who ask know no groups, which are a recipe's
        raise SettingsError(re.sub(IN_A_GROUP, "", str(error))) from error


def check_output(out: Path) -> None:
    """Refuse a model file whose name no list of models would show, or no system could write.

    Raises
    ------
    SettingsError
        With what is wrong with it.
    """
    if out.suffix != SUFFIX:
        raise SettingsError(f"output: found {out.name}, expected a name that ends with {SUFFIX}")
    if problem := name_problem(out.name.removesuffix(SUFFIX)):
        raise SettingsError(f"output: found {out.name!r}, {problem}; choose another name")


def _changes(request: TrainRequest) -> dict[str, Any]:
    """Settings that replace the recipe's, by name."""
    for name in request.degradation:
        if name not in DEGRADATION:
            raise SettingsError(
                f"degradation.{shortened(name)}: found no such setting, expected "
                f"{', '.join(DEGRADATION)}"
            )
    given = {"scale": request.scale, "seed": request.seed, "device": request.device}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if request.minutes is not None or request.steps is not None:
        changes |= {"minutes": request.minutes, "steps": request.steps}
    return {**changes, **request.degradation, **frozen(request.settings)}
