"""What a step makes smaller.

Belongs here: the cost of a batch. That of a network is ``models/label_network.py``, that of noisy
images alone ``report/renoised.py``.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from autolut_training.models.label_network import LabelNetwork
from autolut_training.report.renoised import renoised_loss
from autolut_training.settings import Settings

SMALLEST_ERROR = 0.1
"""Mean squared error of a crop below which smaller ones bring no more, in levels of 255."""


def loss_and_cost(
    model: nn.Module,
    lr: torch.Tensor,
    hr: torch.Tensor,
    settings: Settings,
    random: np.random.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean squared error as it is reported, and what a step makes smaller."""
    if sigma := settings.data.noise_sigma:
        cost = renoised_loss(model, hr, sigma, int(random.integers(2**62)))
        return cost.detach(), cost
    answers = model(lr)
    loss = torch.nn.functional.mse_loss(answers, hr)
    if isinstance(model, LabelNetwork):
        return loss.detach(), model.cost(answers, hr)
    power = settings.optimiser.error_power
    return loss.detach(), loss if power == 1 else crop_cost(answers, hr, power)


def crop_cost(answers: torch.Tensor, hr: torch.Tensor, power: float) -> torch.Tensor:
    """Mean over crops of their mean squared errors to a power."""
    errors = (answers - hr).square().flatten(1).mean(1)
    return (errors + SMALLEST_ERROR).pow(power).mean()
