"""What a step makes smaller: how much crops with large and with small errors count."""

import pytest
import torch

from autolut_training.loop.losses import SMALLEST_ERROR, crop_cost
from autolut_training.settings import Settings, SettingsError

HR = torch.zeros(2, 1, 4, 4)


def gradients(power: float) -> tuple[float, float]:
    """How fast the cost falls with the error of a crop that is off by 1 level, and by 10."""
    off = torch.tensor([1.0, 10.0], requires_grad=True)
    crop_cost(HR + off.reshape(2, 1, 1, 1), HR, power).backward()
    small, large = off.grad.tolist()
    return small, large


def test_the_whole_power_is_the_mean_squared_error():
    answers = HR + torch.arange(32.0).reshape(HR.shape)
    error = float(torch.nn.functional.mse_loss(answers, HR))
    assert float(crop_cost(answers, HR, 1.0)) == pytest.approx(error + SMALLEST_ERROR)
    small, large = gradients(1.0)
    assert large == pytest.approx(10 * small)


def test_with_a_small_power_crops_count_more_alike():
    small, large = gradients(0.25)
    assert large < small < 4 * large


def test_a_crop_without_errors_has_a_gradient():
    answers = HR.clone().requires_grad_()
    crop_cost(answers, HR, 0.25).backward()
    assert bool(torch.isfinite(answers.grad).all())


@pytest.mark.parametrize("power", [0.0, -1.0, 1.5])
def test_other_powers_are_refused(power):
    with pytest.raises(
        SettingsError, match=f"error_power: found {power}, expected more than 0, at most 1"
    ):
        Settings.of(error_power=power)
