"""The trainable cascade is the model that it exports."""

import numpy as np
import pytest
import torch

from autolut_training.models.cascade import Cascade
from autolut_training.models.quantise import in_16_bits, nearest_int8
from autolut_training.models.sampling import PRUNE_BELOW
from autolut_training.settings.architecture import Architecture
from napari_autolut.engine import fast, reference
from napari_autolut.model import INPUT, Card, ModelError, Signal

ARCHITECTURES = [
    Architecture(2, (1,)),
    Architecture(4, (1, 1)),
    Architecture(3, (2, 1), branches=2, skip=True),
    Architecture(1, (1, 1), window=3),
    Architecture(2, (2, 2, 1), branches=1, skip=True),
    Architecture(2, (2, 1), branches=(3, 1), skip=True),
]


def stirred(architecture, seed=0):
    """A cascade with parameters far from their start, windows included."""
    cascade = Cascade(architecture, 5, seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in cascade.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter += noise * (20 if name.endswith("tables") else 0.3)
            if name.endswith("residuals"):
                parameter.copy_(noise.abs().clamp(0, 1))
    return cascade


def test_branches_and_residuals_of_every_stage():
    plans = Architecture(2, (2, 2, 1), branches=(3, 1, 2), skip=True).plans
    assert [len(plan.sources) for plan in plans] == [3, 2, 6]
    first, second, third = (plan.previous for plan in plans)
    assert set(first) == {None}
    assert set(second) == {INPUT}
    assert set(third) == {Signal(1, 0), Signal(1, 1), INPUT}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": (1, 2)}, "a list that ends with 1"),
        ({"window": 2}, "at least 3"),
        ({"shape": "round"}, "shape: found round"),
        ({"branches": (3, 2, 1)}, "one number, or one for each of channels"),
        ({"branches": (3, 2), "graph": "spf"}, "one number, or one for each of channels"),
    ],
)
def test_architectures_that_cannot_be(changes, message):
    with pytest.raises(ModelError, match=message):
        Architecture(**{"scale": 2, "channels": (1, 1), **changes})


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_export_is_what_was_trained(architecture):
    cascade = stirred(architecture)
    plane = 255 * torch.rand(1, 1, 16, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        trained = cascade(plane).clamp(0, 255)[0, 0].numpy()
    model = cascade.to_model(Card("x"), quantise=False)
    assert model.scale == architecture.scale
    # Only window weights below PRUNE_BELOW are dropped on export.
    slope = 25 * PRUNE_BELOW * 255
    np.testing.assert_allclose(reference.upscale_plane(model, plane[0, 0].numpy()), trained,
                               atol=slope)  # fmt: skip


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_new_cascade_repeats_the_pixel(architecture):
    """Every table starts as the identity, so training starts from nearest-neighbour upscaling."""
    plane = torch.full((1, 1, 16, 16), 100.0)
    with torch.no_grad():
        out = Cascade(architecture, 5)(plane)
    assert out.shape == (1, 1, 16 * architecture.scale, 16 * architecture.scale)
    torch.testing.assert_close(out, torch.full_like(out, 100.0), rtol=0, atol=6)


def test_refining_keeps_the_function():
    cascade = stirred(Architecture(2, (2, 1), skip=True))
    plane = 255 * torch.rand(2, 1, 16, 16)
    with torch.no_grad():
        before = cascade(plane)
        cascade.refine(9)
        after = cascade(plane)
    assert cascade.grid_size == 9
    torch.testing.assert_close(after, before, rtol=1e-4, atol=2e-2)
    with pytest.raises(ModelError, match="expected a refinement of 9"):
        cascade.refine(12)


def test_stored_tables_are_close_to_the_trained_ones():
    values = np.linspace(-500, 770, 3000, dtype=np.float32).reshape(-1, 3)
    stored, scale = nearest_int8(values)
    assert stored.dtype == np.int8
    assert abs(stored * scale - values).max() <= scale / 2 + 1e-3
    zeros, scale = nearest_int8(np.zeros((4, 1), np.float32))
    assert scale > 0 and not zeros.any()


def test_quantised_export_uses_the_whole_range():
    model = stirred(Architecture(2, (1, 1))).to_model(Card("x"))
    for table in model.tables:
        assert table.values.dtype == np.int8
    assert max(abs(table.values.astype(int)).max() for table in model.tables) == 127


@pytest.mark.parametrize("shape", ["rotated", "filter"])
def test_16_bits_are_as_good_as_floats(shape):
    cascade = Cascade(Architecture(2, (2, 1), skip=True, shape=shape, window=3), 3)
    with torch.no_grad():
        for stage in cascade.stages:
            stage.tables[0, 5] += 400
    exact = cascade.to_model(Card("x"), quantise=False)
    plane = np.random.default_rng(0).uniform(0, 30, (16, 20)).astype(np.float32)
    expected = fast.upscale_plane(exact, plane)
    errors = [
        np.abs(fast.upscale_plane(model, plane) - expected).max()
        for model in (in_16_bits(exact), cascade.to_model(Card("x")))
    ]
    assert errors[0] < 0.05 < errors[1]
    assert {table.values.dtype for table in in_16_bits(exact).tables} == {np.dtype(np.int16)}
