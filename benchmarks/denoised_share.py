"""How much the denoised answer should count beside a table for noise, by how noisy images are.

Gain over bicubic interpolation in dB at shares from 0 to 1, means of sources; the best of each row
is marked. `FULL_RANGE` and its neighbours in `arrays/enlarger_choice.py` follow these rows on
sources that the tables were trained on; judge them on others.

python benchmarks/denoised_share.py MODEL FOLDER [--sources a,b] [--images 5]
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np

from micrographs import lr_images
from napari_autolut import load_model
from napari_autolut.arrays import Axes, NoisyTask, Range, resize, task_for
from napari_autolut.arrays.denoiser_choice import denoiser_for
from napari_autolut.arrays.enlarger_choice import denoised_share
from napari_autolut.arrays.noisy_enlarger import DenoisedShare
from napari_autolut.engine import plane_engine

BOUNDS = (0, 10, 14, 20, 30, 45, 80)
SHARES = np.linspace(0, 1, 11)
SIDE = 384


def answers(lr, model):
    """Range in deviations, and what the table and the denoiser alone make of an image."""
    task = task_for(lr, Axes((0, 1)), (Range(0, 255),), model)
    if not isinstance(task, NoisyTask) or task.enlargers[0].noise is None:
        return None
    plane, engine, (enlarger,) = lr.astype(np.float64), plane_engine("auto"), task.enlargers
    enlarger = replace(enlarger, interpolated=0.0)
    denoiser = denoiser_for([plane], enlarger.levels.noise)
    both = [
        replace(enlarger, denoised=DenoisedShare(denoiser, share))(plane, engine)
        for share in (0.0, 1.0)
    ]
    return enlarger.levels.deviations, *both


def main() -> None:
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sources", default="", help="these alone, or all but those after -")
    parser.add_argument("--images", type=int, default=5, help="of each source")
    options = parser.parse_args()
    model, rng, count = load_model(options.model), np.random.default_rng(7), Counter()
    names, others = options.sources.lstrip("-").split(","), options.sources.startswith("-")
    gains = defaultdict(lambda: defaultdict(list))
    for path in sorted(options.folder.rglob("*.png")):
        source = path.name.split("_")[0]
        if options.sources and (source in names) == others:
            continue
        count[source] += 1
        if count[source] > options.images:
            continue
        for photons, truth, lr in lr_images(path, model.scale, rng, SIDE):
            found = answers(lr, model) if photons else None
            if found is None:
                continue
            deviations, table, denoised = found
            bicubic = np.mean((resize(lr.astype(np.float64), model.scale) - truth) ** 2)
            mixed = [np.mean((table + share * (denoised - table) - truth) ** 2) for share in SHARES]
            row = np.searchsorted(BOUNDS, deviations, "right")
            gains[row][source].append(10 * np.log10(bicubic / np.array(mixed)))
    print("| range | sources | images | taken | " + " | ".join(f"{s:.1f}" for s in SHARES) + " |")
    print("|---" * (4 + len(SHARES)) + "|")
    for row, sources in sorted(gains.items()):
        mean = np.mean([np.mean(rows, axis=0) for rows in sources.values()], axis=0)
        cells = [f"**{g:.2f}**" if g == mean.max() else f"{g:.2f}" for g in mean]
        low, high = BOUNDS[row - 1], BOUNDS[row]
        images = sum(map(len, sources.values()))
        taken = denoised_share((low + high) / 2, model.scale)
        head = f"| {low} to {high} | {len(sources)} | {images} | {taken:.2f} | "
        print(head + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
