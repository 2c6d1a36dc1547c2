"""What a run trains: tables or networks, new or from a model file, on its device.

Belongs here: the choice by settings, and the learning rate of every parameter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from autolut_training.data.degradation import Degradation
from autolut_training.models.cascade import Cascade
from autolut_training.models.networks import Networks
from autolut_training.models.teacher_network import TeacherNetwork
from autolut_training.settings import Settings, SettingsError
from napari_autolut.model.graph import Card
from napari_autolut.storage.catalogue import load_model

Trainee = Cascade | Networks | TeacherNetwork

LEAST_SHARE, LARGEST_SHARE = 0.03, 0.3
"""Of learning rates, where a model is trained on with few images and with many."""

FULL_SHARE_PIXELS = 10_000_000
"""Pixels of images that would be worth full rates."""

TABLE_BETAS, NETWORK_BETAS = (0.9, 0.999), (0.9, 0.99)
"""Adam's memory of gradients and of their squares."""


def require_device(settings: Settings) -> None:
    """Get a card ready, or refuse one that is not there, before any data is read for it.

    Raises
    ------
    SettingsError
        if there is no such device
    """
    if settings.device != "cpu" and not torch.cuda.is_available():
        raise SettingsError(f"device: found no CUDA device for {settings.device}, expected cpu")
    # Sampled grey levels must not be rounded to the ten bits of TF32.
    torch.backends.cudnn.allow_tf32 = False


def new_trainee(settings: Settings) -> Trainee:
    """What the settings ask to be trained, before the first step.

    Raises
    ------
    ModelFileError, ModelError
        if the model to start from cannot be read, trained on or given another scale
    """
    return _built(settings).to(settings.device)


def _built(settings: Settings) -> Trainee:
    first = settings.grid_size_at(0)
    reduced = settings.precision == "bfloat16"
    if settings.route == "direct":
        return _tables(settings, first)
    if settings.route == "taught":
        size = settings.features, settings.blocks
        return TeacherNetwork(settings.scale, *size, settings.seed, reduced=reduced)
    networks = Networks(settings.architecture, first, settings.features, settings.seed)
    networks.compute(reduced=reduced)
    return networks


def _tables(settings: Settings, grid_size: int) -> Cascade:
    """New tables, or those of the model to start from on the grid that they have."""
    if not settings.start:
        return Cascade(settings.architecture, grid_size, settings.seed)
    model = load_model(settings.start_model)
    cascade = Cascade.from_model(model)
    if model.scale != settings.scale:
        cascade.rescale(settings.scale)
    return cascade


def grown(trainee: Trainee, settings: Settings, progress: float, grid_size: int) -> Trainee | None:
    """What is trained from a part of the run on, if its parameters are new ones; else None.

    Networks become tables when it is time, or tables are begun that learn from one; tables, and the
    grid that networks are read off on, are refined to ``grid_size``. The tables let real values
    flow through, also where the networks were trained to round: 16-bit images need them.
    """
    if isinstance(trainee, TeacherNetwork):
        if progress < settings.tables_from:
            return None
        return _tables(settings, grid_size).to(settings.device)
    changed = False
    if isinstance(trainee, Networks) and progress >= settings.tables_from:
        trainee, changed = _as_tables(trainee).to(settings.device), True
    # A model that is trained on may have a grid that the settings' one does not refine.
    fits = isinstance(trainee, Networks) or (grid_size - 1) % (trainee.grid_size - 1) == 0
    if grid_size > trainee.grid_size and fits:
        trainee.refine(grid_size)
        changed = changed or isinstance(trainee, Cascade)
    return trainee if changed else None


def _as_tables(networks: Networks) -> Cascade:
    tables = Cascade.from_model(networks.to_model(Card("networks")))
    tables.rounded = False
    # A model leaves out residual weights that are 0; they go on learning.
    for stage, network in zip(tables.stages, networks.stages, strict=True):
        stage.plan = network.plan
    return tables


def share_of_rates(settings: Settings, pixels: int) -> float:
    """Part of the learning rates at which a run with so many pixels of images trains a model on.

    What a shipped model knows of how bicubic makes images small is only spoiled at full rates, and
    all the more by few images, see ``docs/training.md``. Another degradation, a new model, or what
    a network makes of the images, is learned at full rates.
    """
    direct = settings.start and settings.route == "direct"
    if not direct or settings.degradation != Degradation():
        return 1.0
    return min(LARGEST_SHARE, max(LEAST_SHARE, pixels / FULL_SHARE_PIXELS))


def parameter_groups(
    trainee: nn.Module, settings: Settings, share: float = 1.0
) -> list[dict[str, Any]]:
    """Parameters by kind, each with its learning rate as ``peak``, the ``share`` of the settings'.

    The rate of a step lies where the parameters do: steps that are recorded read it there.
    """
    rates = {
        "tables": settings.table_rate,
        "logits": settings.window_rate,
        "residuals": settings.residual_rate,
        "filters": settings.filter_rate,
        "mixtures": settings.filter_rate,
    }
    kinds: dict[float, list[nn.Parameter]] = {}
    named: Iterable[tuple[str, nn.Parameter]] = trainee.named_parameters()
    for name, parameter in named:
        rate = rates.get(name.rsplit(".", 1)[-1], settings.network_rate)
        kinds.setdefault(rate, []).append(parameter)
    return [
        {
            "params": parameters,
            "peak": share * rate,
            "lr": torch.zeros((), device=parameters[0].device),
            "betas": NETWORK_BETAS if isinstance(trainee, TeacherNetwork) else TABLE_BETAS,
        }
        for rate, parameters in kinds.items()
    ]
