"""What helps training and what does not: one change at a time, the same crops, the same steps.

    python benchmarks/ablation.py IMAGES [--steps 1000] [--seeds 1] [--only NAME ...] [--page MARK]

Every variant starts from a small cascade of the papers' branches and changes the settings that are
listed. What is printed is PSNR on images that are held out of the folder; no benchmark image is
used.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import pages
from timing import machine

from autolut_training.api import train_folder
from autolut_training.settings import Settings
from napari_autolut import load_model
from napari_autolut.training.events import Done

PAGE = Path(__file__).parents[1] / "docs" / "training.md"

BASE = Settings.of(scale=4, channels=(2, 1), skip=False, minutes=None, steps=1, grids=((0.0, 5),),
                table_lr=2.0, window_lr=0.1, residual_lr=0.005)  # fmt: skip
FILTERS = {"shape": "filter", "window": 3, "skip": True}

VARIANTS: dict[str, dict[str, Any]] = {
    "two stages of one channel": {"channels": (1, 1)},
    "two channels between two stages (base)": {},
    "four channels between two stages": {"channels": (4, 1)},
    "three stages, 2-2-1": {"channels": (2, 2, 1)},
    "three stages, 4-4-1": {"channels": (4, 4, 1)},
    "four stages, 4-4-4-1": {"channels": (4, 4, 4, 1)},
    "last stage also sees the image": {"skip": True},
    "two branches": {"branches": 2},
    "four branches": {"branches": 4},
    "C4 filter branches, 4-4-1": {**FILTERS, "channels": (4, 4, 1)},
    "C4 filter branches, 4-4-1, two branches": {**FILTERS, "channels": (4, 4, 1), "branches": 2},
    "C4 filter branches, 8-8-1, two branches": {**FILTERS, "channels": (8, 8, 1), "branches": 2},
    "the same, grid of 3": {**FILTERS, "channels": (8, 8, 1), "branches": 2, "grids": ((0.0, 3),)},
    "the same, windows of 5": {**FILTERS, "channels": (8, 8, 1), "branches": 2, "window": 5},
    "C4 filter branches, 8-8-8-1, one branch": {**FILTERS, "channels": (8, 8, 8, 1), "branches": 1},
    "windows of 3": {"window": 3},
    "windows of 7": {"window": 7},
    "grid of 9 from a fifth of the run": {"grids": ((0.0, 5), (0.2, 9))},
    "no intensity augmentation": {"intensity_augmentation": 0.0},
    "single-scale training images": {"multi_scale": ()},
    "table learning rate 1": {"table_lr": 1.0},
    "table learning rate 4": {"table_lr": 4.0},
    "batch of 32, half the steps": {"batch": 32},
}


def trained(images: Path, settings: Settings, folder: Path) -> dict[str, float]:
    """Held-out PSNR in dB, minutes and bytes of one run."""
    out = folder / "ablation.safetensors"
    for event in train_folder(images, out, settings, overwrite=True):
        if isinstance(event, Done):
            done = event
    load_model(out)
    return {"psnr": done.psnr, "gain": done.psnr - done.bicubic_psnr,
            "minutes": done.seconds / 60, "kilobytes": out.stat().st_size / 1000}  # fmt: skip


def main() -> None:
    """Train every variant; print a table after each, so that an interrupted run tells something."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results"))
    parser.add_argument(
        "--page", help="put the table into docs/training.md, where this name stands"
    )
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    results: dict[str, dict[str, float]] = {}
    for name in options.only:
        changes = VARIANTS[name]
        steps = options.steps // 2 if "batch" in changes else options.steps
        settings = BASE.changed(**changes, steps=steps)
        with tempfile.TemporaryDirectory() as folder:
            runs = [
                trained(options.images, settings.changed(seed=seed), Path(folder))
                for seed in range(options.seeds)
            ]
        results[name] = {key: statistics.mean(run[key] for run in runs) for key in runs[0]}
        print(f"{name:<42} {results[name]['psnr']:.3f} dB", flush=True)
        record = {"machine": machine(), "steps": options.steps, "variants": results}
        (options.out / "ablation.json").write_text(json.dumps(record, indent=2) + "\n")
    rows = [
        [name, f"{row['psnr']:.2f}", f"{row['gain']:+.2f}", f"{row['kilobytes']:.0f} KB",
         f"{row['minutes']:.1f}"]
        for name, row in results.items()
    ]  # fmt: skip
    table = pages.markdown(["", "held-out dB", "over bicubic", "size", "minutes"], rows)
    text = f"{table}\n\n{options.steps} steps each, on {machine()}."
    print(text)
    if options.page:
        pages.put(options.page, text, PAGE)


if __name__ == "__main__":
    main()
