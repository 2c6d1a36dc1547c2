"""What few images are worth: tables from scratch, and shipped ones that are fine-tuned.

    python benchmarks/fine_tuning.py [--minutes 1] [--page]

Twelve crops of a stained tissue (skimage.data), one of them held out. Every row is a task, every
column a recipe; what is printed is PSNR in dB on the held-out crop.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import pages
from skimage.data import immunohistochemistry
from skimage.io import imsave
from timing import machine

from autolut_training.api import train_folder
from autolut_training.models.build import lr_multiplier
from autolut_training.settings import Settings, read_recipe
from napari_autolut.training.events import Done, Validation

PAGE = Path(__file__).parents[1] / "docs" / "training.md"
ROWS, COLUMNS = 3, 4
CROPS = ROWS * COLUMNS

STANDARD, _ = read_recipe("standard")
PIXELS = immunohistochemistry().size * (CROPS - 1) // CROPS
MULTIPLIER = lr_multiplier(STANDARD, PIXELS)
FULL = {
    "table_lr": STANDARD.optimiser.table_lr / MULTIPLIER,
    "filter_lr": STANDARD.optimiser.filter_lr / MULTIPLIER,
}
RECIPES = {
    "from scratch, the papers' branches": Settings.of(grids=((0.0, 5), (0.2, 9))),
    "from scratch, filters": read_recipe("filters")[0],
    "`standard`": STANDARD,
    "at full learning rates": STANDARD.changed(**FULL),
}
TASKS: dict[str, dict[str, Any]] = {
    "x2": {"scale": 2},
    "x4": {"scale": 4},
    "x2, blur of 1.5 pixels, noise of 4": {
        "scale": 2, "method": "gaussian", "sigma": 1.5, "noise": 4.0,
    },
    "x1, noise of 15": {"scale": 1, "noise": 15.0},
}  # fmt: skip


def write_crops(folder: Path) -> None:
    """Cut a slide into images."""
    slide = immunohistochemistry()
    height, width = slide.shape[0] // ROWS, slide.shape[1] // COLUMNS
    for number in range(CROPS):
        row, column = divmod(number, COLUMNS)
        crop = slide[row * height :, column * width :][:height, :width]
        imsave(folder / f"{number:02}.png", crop, check_contrast=False)


def trained(folder: Path, settings: Settings) -> tuple[Done, float]:
    """The end of a run, and the held-out PSNR before its first step."""
    out = folder.parent / "own.safetensors"
    events = list(train_folder(folder, out, settings, overwrite=True))
    first = next(event for event in events if isinstance(event, Validation))
    assert isinstance(events[-1], Done)
    return events[-1], first.psnr


def main() -> None:
    """Train with every recipe for every task."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--page", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory) / "tissue"
        folder.mkdir()
        write_crops(folder)
        for task, changes in TASKS.items():
            figures, shipped, bicubic = [], 0.0, 0.0
            for name, settings in RECIPES.items():
                asked = settings.changed(**changes, minutes=options.minutes, steps=None)
                if name == "at full learning rates" and lr_multiplier(asked, PIXELS) == 1:
                    figures.append("-")
                    continue
                done, first = trained(folder, asked)
                figures.append(f"{done.psnr:.2f}")
                shipped = first if settings.model.init_from else shipped
                bicubic = done.bicubic_psnr
                print(task, name, figures[-1], flush=True)
            rows.append([task, f"{bicubic:.2f}", *figures[:2], f"{shipped:.2f}", *figures[2:]])
    scratch, filters, *tuned = RECIPES
    table = pages.markdown(["", "bicubic", scratch, filters, "shipped", *tuned], rows)
    print(f"\n{table}\n\n{options.minutes:g} minutes each, {machine()}")
    if options.page:
        pages.put("fine-tuning", table, PAGE)


if __name__ == "__main__":
    main()
