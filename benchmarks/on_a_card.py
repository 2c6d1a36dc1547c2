"""Steps of training on a CUDA card; the engine there is ``torch_engine.py``.

    python benchmarks/on_a_card.py IMAGES [--steps N]

Steps per second of recipes on a folder of images, of one process that has the card to itself, once
compiled and recorded.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from timing import machine

from autolut_training.data.dataset import Dataset, read_folder
from autolut_training.loop.run import Run
from autolut_training.models.build import require_device
from autolut_training.settings import read_recipe
from napari_autolut.model import Card

RECIPES = ("standard", "filters", "autolut-mulut-x4-networks", "spf-light-x4-networks")
WARM_UP = 10


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
    require_device(read_recipe(RECIPES[0])[0].changed(device="cuda"))
    print(f"{torch.cuda.get_device_name()}; {machine()}")
    dataset = read_folder(options.images, 4, crop=48)
    for recipe in RECIPES:
        print(f"{recipe:28} {steps_per_second(recipe, dataset, options.steps):6.1f} steps/s")


if __name__ == "__main__":
    main()
