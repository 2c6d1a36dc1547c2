"""Runs on a CUDA device: recorded steps are the CPU's steps, and runs end, resume and grow."""

import numpy as np
import pytest
import torch

from autolut_training.data.dataset import Dataset
from autolut_training.data.parts import Pair
from autolut_training.loop.cuda_graph import STEPS_BEFORE, GraphedStep
from autolut_training.loop.run import Run
from autolut_training.settings import Settings
from napari_autolut.model import Card

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

SMALL = Settings.of(scale=2, channels=(2, 1), branches=2, window=3, steps=40, minutes=None,
                 grids=((0.0, 3),), batch=2, crop=16, multi_scale=(), intensity_augmentation=0.0,
                 device="cuda")  # fmt: skip
NETWORKS = SMALL.changed(channels=(1, 1), skip=False, route="network", features=8,
                   distill_start=0.5, grids=((0.0, 5),))  # fmt: skip
DISTILLED = SMALL.changed(route="distilled", label_weight=0.5, distill_start=0.5, features=8,
                          blocks=1, precision="bfloat16")  # fmt: skip


def new_run(settings, out):
    hr = np.random.default_rng(0).integers(0, 256, (2, 1, 40, 40), np.uint8)
    pairs = [Pair(f"{i}", plane, plane[:, ::2, ::2].copy()) for i, plane in enumerate(hr)]
    dataset = Dataset(tuple(pairs[:1]), tuple(pairs[1:]), (), {}, ())
    return Run(dataset, settings, out, Card("card"))


def crops(count):
    generator = torch.Generator().manual_seed(0)
    small = 255 * torch.rand(count, 2, 1, 16, 16, generator=generator)
    return small, small.repeat_interleave(2, -1).repeat_interleave(2, -2)


@pytest.mark.parametrize("shape", ["rotated", "filter"])
def test_recorded_steps_are_the_cpus_steps(tmp_path, shape):
    """Sums in another order are told apart by large steps, so these are small ones."""
    losses = {}
    for device in ("cpu", "cuda"):
        run = new_run(SMALL.changed(shape=shape, device=device), tmp_path / "t.safetensors")
        assert isinstance(run._graphed, GraphedStep) == (device == "cuda")
        step = run._graphed or run._optimised
        for group in run.optimiser.param_groups:
            group["lr"].fill_(group["peak"] / 10)
        sides = zip(*crops(3 * STEPS_BEFORE), strict=True)
        losses[device] = [float(step(lr.to(device), hr.to(device))) for lr, hr in sides]
    np.testing.assert_allclose(losses["cuda"], losses["cpu"], rtol=1e-3)


@pytest.mark.parametrize(
    "settings", [SMALL, NETWORKS, DISTILLED], ids=["tables", "networks", "distilled"]
)
def test_a_run_ends_and_resumes(tmp_path, settings):
    run = new_run(settings, tmp_path / "t.safetensors")
    while run.step < 30:
        loss = run.advance(*run.schedule.point)
    run.save(tmp_path / "t.checkpoint")
    resumed = new_run(settings, tmp_path / "t.safetensors")
    resumed.restore(tmp_path / "t.checkpoint")
    for one in (run, resumed):
        while one.step < 40:
            loss = one.advance(*one.schedule.point)
        assert torch.isfinite(loss)
    assert resumed.validate()[0] == pytest.approx(run.validate()[0], abs=0.05)


def test_the_rate_of_a_recorded_step_changes(tmp_path):
    run = new_run(SMALL, tmp_path / "t.safetensors")
    lr, hr = (side[0].cuda() for side in crops(1))
    for _ in range(2 * STEPS_BEFORE):
        run._graphed(lr, hr)
    for group in run.optimiser.param_groups:
        group["lr"].fill_(0)
    before = [p.detach().clone() for p in run.cascade.parameters()]
    run._graphed(lr, hr)
    assert all(map(torch.equal, before, run.cascade.parameters()))
