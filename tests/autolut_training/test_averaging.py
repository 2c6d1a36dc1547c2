"""The mean of parameters, and trainings that store it."""

import pytest
import torch
from torch import nn

from autolut_training.loop.averaging import Average


def one(value):
    module = nn.Linear(1, 1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(value)
    return module


def values(module):
    return [float(p.detach()) for p in module.parameters()]


def test_the_mean_is_there_for_a_moment():
    module = one(0.0)
    average = Average(module, 0.5)
    with torch.no_grad():
        module.weight.fill_(8.0)
    average.update()
    with pytest.raises(ValueError, match="stop"), average.in_place():
        first = values(module)[0]
        raise ValueError("stop")
    assert 0 < first < 8
    assert values(module) == [8.0, 0.0]


def test_without_decay_parameters_are_what_they_are():
    module = one(1.0)
    average = Average(module, 0.0)
    average.update()
    with average.in_place():
        assert values(module) == [1.0, 1.0]
    assert average.tensors() == {}


def test_restored_means_go_on_as_before():
    module = one(0.0)
    average = Average(module, 0.9)
    for value in (1.0, 5.0, 3.0):
        with torch.no_grad():
            module.weight.fill_(value)
        average.update()
    again = Average(module, 0.9, average.steps)
    again.restore({name: mean.clone() for name, mean in average.tensors().items()})
    for each in (average, again):
        each.update()
    assert average.tensors()["average.0"] == again.tensors()["average.0"]
