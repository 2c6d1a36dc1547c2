"""A CUDA card at work: models in the torch engine, and steps of training.

    python benchmarks/on_a_card.py IMAGES [--steps N]

Engine: one plane of 640 x 360 to 2560 x 1440 for ``engine="torch"`` on the card and the fast engine
on all cores, checked to give the same values. Training: steps per second of recipes on a folder of
images, of one process that has the card to itself, once compiled and recorded.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from timing import machine, median_milliseconds
from workloads import grey

from autolut_training.data.dataset import Dataset, read_folder
from autolut_training.loop.run import Run
from autolut_training.models.build import require_device
from autolut_training.settings import read_recipe
from napari_autolut import load_model
from napari_autolut.engine import plane_engine
from napari_autolut.engine.torch.upscaling import upscale_tensor
from napari_autolut.model import Card

MODELS = ("natural-x4", "natural-x4-fast", "natural-x4-light", "autolut-mulut-x4", "spf-light-x4")
RECIPES = ("standard", "filters", "autolut-mulut-x4-networks", "spf-light-x4-networks")
HEIGHT, WIDTH = 360, 640
WARM_UP = 10


def engine_times(name: str) -> tuple[float, float, float]:
    """Milliseconds on the card and on the processor, and their largest difference in levels."""
    model, plane = load_model(name), grey(HEIGHT, WIDTH)
    on_card = torch.from_numpy(plane).cuda()
    fast = plane_engine("fast")
    difference = np.abs(upscale_tensor(model, on_card).cpu().numpy() - fast(model, plane)).max()

    def run() -> None:
        upscale_tensor(model, on_card)
        torch.cuda.synchronize()

    return median_milliseconds(run), median_milliseconds(lambda: fast(model, plane)), difference


def steps_per_second(recipe: str, dataset: Dataset, steps: int) -> float:
    """Rate of a recipe's steps on the card."""
    settings = read_recipe(recipe)[0].changed(device="cuda")
    with tempfile.TemporaryDirectory() as folder:
        run = Run(dataset, settings, Path(folder) / "table.safetensors", Card(recipe))
        grid_size = settings.optimiser.grid_size_at(0.6)
        advance: Callable[[], object] = lambda: run.advance(0.6, grid_size)  # noqa: E731
        for _ in range(WARM_UP):
            advance()
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(steps):
            advance()
        torch.cuda.synchronize()
        return steps / (time.perf_counter() - start)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("--steps", type=int, default=100)
    options = parser.parse_args()
    require_device(replace(read_recipe(RECIPES[0])[0], device="cuda"))
    print(f"{torch.cuda.get_device_name()}; {machine()}")
    for name in MODELS:
        card, processor, difference = engine_times(name)
        print(f"{name:28} {card:6.1f} ms, {processor:6.1f} ms here, differ by {difference:.1e}")
    dataset = read_folder(options.images, 4, crop=48)
    for recipe in RECIPES:
        print(f"{recipe:28} {steps_per_second(recipe, dataset, options.steps):6.1f} steps/s")


if __name__ == "__main__":
    main()
