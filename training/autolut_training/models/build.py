"""What a run trains: tables or networks, new or from a model file, on its device.

Belongs here: the choice by settings, and the learning rate of every parameter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from autolut_training.models.cascade import Cascade
from autolut_training.models.label_network import LabelNetwork
from autolut_training.models.networks import Networks
from autolut_training.settings import Settings, SettingsError
from napari_autolut.model import Card
from napari_autolut.storage import load_model
from napari_autolut.training.degradation import Degradation

Trainable = Cascade | Networks | LabelNetwork

MIN_MULTIPLIER, MAX_MULTIPLIER = 0.03, 0.3
"""Of learning rates, where a model is trained on with few images and with many."""

FULL_LR_PIXELS = 10_000_000
"""Pixels of images that would be worth full rates."""

TABLE_BETAS, NETWORK_BETAS = (0.9, 0.999), (0.9, 0.99)
"""Adam's memory of gradients and of their squares."""


def require_device(settings: Settings) -> None:
    """Get a card ready, or refuse one that is not there, before any data is read for it.

    Raises
    ------
    SettingsError
        If there is no such device.
    """
    if settings.optimiser.device != "cpu" and not torch.cuda.is_available():
        raise SettingsError(
            f"device: found no CUDA device for {settings.optimiser.device}, expected cpu"
        )
    # Sampled grey levels must not be rounded to the ten bits of TF32.
    torch.backends.cudnn.allow_tf32 = False


def new_model(settings: Settings) -> Trainable:
    """What the settings ask to be trained, before the first step.

    Raises
    ------
    ModelFileError, ModelError
        If the model to fine-tune cannot be read, trained or given another scale.
    """
    return _built(settings).to(settings.optimiser.device)


def _built(settings: Settings) -> Trainable:
    first = settings.optimiser.grid_size_at(0)
    reduced = settings.optimiser.precision == "bfloat16"
    if settings.route == "direct":
        return _tables(settings, first)
    if settings.route == "distilled":
        size = settings.distillation.features, settings.distillation.blocks
        return LabelNetwork(settings.scale, *size, settings.optimiser.seed, reduced=reduced)
    networks = Networks(
        settings.model.architecture, first, settings.distillation.features, settings.optimiser.seed
    )
    networks.compute(reduced=reduced)
    return networks


def _tables(settings: Settings, grid_size: int) -> Cascade:
    """New tables, or those of the model to start from on the grid that they have."""
    if not settings.model.init_from:
        return Cascade(settings.model.architecture, grid_size, settings.optimiser.seed)
    model = load_model(settings.model.initial_model)
    cascade = Cascade.from_model(model)
    if model.scale != settings.scale:
        cascade.rescale(settings.scale)
    return cascade


def next_phase(
    model: Trainable, settings: Settings, progress: float, grid_size: int
) -> Trainable | None:
    """What is trained from a fraction of the run on, if its parameters are new ones; else None.

    Networks become tables when it is time, or tables are begun that learn from one; tables, and the
    grid that networks are read off on, are refined to ``grid_size``. The tables let real values
    flow through, also where the networks were trained to round: 16-bit images need them.
    """
    if isinstance(model, LabelNetwork):
        if progress < settings.distillation.distill_start:
            return None
        return _tables(settings, grid_size).to(settings.optimiser.device)
    changed = False
    if isinstance(model, Networks) and progress >= settings.distillation.distill_start:
        model, changed = _as_tables(model).to(settings.optimiser.device), True
    # A model that is trained on may have a grid that the settings' one does not refine.
    fits = isinstance(model, Networks) or (
        (grid_size - 1) % (model.grid_size - 1) == 0 and grid_size <= model.max_grid_size
    )
    if grid_size > model.grid_size and fits:
        model.refine(grid_size)
        changed = changed or isinstance(model, Cascade)
    return model if changed else None


def _as_tables(networks: Networks) -> Cascade:
    tables = Cascade.from_model(networks.to_model(Card("networks")))
    tables.rounded = False
    # A model leaves out residual weights that are 0; they go on learning.
    for stage, network in zip(tables.stages, networks.stages, strict=True):
        stage.plan = network.plan
    return tables


def lr_multiplier(settings: Settings, pixels: int) -> float:
    """Multiplier of the learning rates with which so many pixels of images fine-tune a model.

    Full rates, and few images all the more, only spoil what a shipped model knows of how bicubic
    makes images small, see ``docs/training.md``. Another degradation, a new model, or what
    a network makes of the images, is learned at full rates.
    """
    direct = settings.model.init_from and settings.route == "direct"
    if not direct or settings.degradation != Degradation():
        return 1.0
    return min(MAX_MULTIPLIER, max(MIN_MULTIPLIER, pixels / FULL_LR_PIXELS))


def parameter_groups(
    model: nn.Module, settings: Settings, multiplier: float = 1.0
) -> list[dict[str, Any]]:
    """Parameters by kind, each with its learning rate as ``peak``, times ``multiplier``.

    The rate of a step lies where the parameters do: a CUDA graph reads it there.
    """
    rates = {
        "tables": settings.optimiser.table_lr,
        "logits": settings.optimiser.window_lr,
        "residuals": settings.optimiser.residual_lr,
        "kernels": settings.optimiser.filter_lr,
        "centres": settings.optimiser.filter_lr,
    }
    kinds: dict[float, list[nn.Parameter]] = {}
    named: Iterable[tuple[str, nn.Parameter]] = model.named_parameters()
    for name, parameter in named:
        rate = rates.get(name.rsplit(".", 1)[-1], settings.optimiser.network_lr)
        kinds.setdefault(rate, []).append(parameter)
    return [
        {
            "params": parameters,
            "peak": multiplier * rate,
            "lr": torch.zeros((), device=parameters[0].device),
            "betas": NETWORK_BETAS if isinstance(model, LabelNetwork) else TABLE_BETAS,
        }
        for rate, parameters in kinds.items()
    ]
