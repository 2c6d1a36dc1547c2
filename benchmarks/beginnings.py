"""What few images are worth: new tables, and shipped ones that learn on.

    python benchmarks/beginnings.py [--minutes 1] [--page]

Twelve pieces of a stained tissue (skimage.data), one of them held out. Every row is a task, every
column a way to begin; what is printed is PSNR in dB on the piece that is held out.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pages
from skimage.data import immunohistochemistry
from skimage.io import imsave
from timing import machine

from autolut_training.api import train_folder
from autolut_training.models.build import lr_multiplier
from autolut_training.report.events import Done, Validation
from autolut_training.settings import Settings, read_recipe

PAGE = Path(__file__).parents[1] / "docs" / "training.md"
ROWS, COLUMNS = 3, 4
PIECES = ROWS * COLUMNS

STANDARD, _ = read_recipe("standard")
PIXELS = immunohistochemistry().size * (PIECES - 1) // PIECES
SHARE = lr_multiplier(STANDARD, PIXELS)
FULL = {
    "table_rate": STANDARD.table_rate / SHARE,
    "filter_rate": STANDARD.filter_rate / SHARE,
}
WAYS = {
    "new, the papers' branches": Settings.of(grids=((0.0, 5), (0.2, 9))),
    "new, filters": read_recipe("filters")[0],
    "`standard`": STANDARD,
    "at full rates": replace(STANDARD, **FULL),
}
TASKS: dict[str, dict[str, Any]] = {
    "x2": {"scale": 2},
    "x4": {"scale": 4},
    "x2, blur of 1.5 pixels, noise of 4": {
        "scale": 2, "method": "gaussian", "sigma": 1.5, "noise": 4.0,
    },
    "x1, noise of 15": {"scale": 1, "noise": 15.0},
}  # fmt: skip


def write_pieces(folder: Path) -> None:
    """Cut a slide into images."""
    slide = immunohistochemistry()
    height, width = slide.shape[0] // ROWS, slide.shape[1] // COLUMNS
    for number in range(PIECES):
        row, column = divmod(number, COLUMNS)
        piece = slide[row * height :, column * width :][:height, :width]
        imsave(folder / f"{number:02}.png", piece, check_contrast=False)


def trained(folder: Path, settings: Settings) -> tuple[Done, float]:
    """The end of a run, and the held-out PSNR of what it began with."""
    out = folder.parent / "own.safetensors"
    events = list(train_folder(folder, out, settings, overwrite=True))
    first = next(event for event in events if isinstance(event, Validation))
    assert isinstance(events[-1], Done)
    return events[-1], first.psnr


def main() -> None:
    """Train every way for every task."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--page", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory) / "tissue"
        folder.mkdir()
        write_pieces(folder)
        for task, changes in TASKS.items():
            figures, begun, bicubic = [], 0.0, 0.0
            for way, settings in WAYS.items():
                asked = settings.changed(**changes, minutes=options.minutes, steps=None)
                if way == "at full rates" and lr_multiplier(asked, PIXELS) == 1:
                    figures.append("-")
                    continue
                done, first = trained(folder, asked)
                figures.append(f"{done.psnr:.2f}")
                begun = first if settings.model.init_from else begun
                bicubic = done.bicubic_psnr
                print(task, way, figures[-1], flush=True)
            rows.append([task, f"{bicubic:.2f}", *figures[:2], f"{begun:.2f}", *figures[2:]])
    new, filters, *learned = WAYS
    table = pages.markdown(["", "bicubic", new, filters, "shipped", *learned], rows)
    print(f"\n{table}\n\n{options.minutes:g} minutes each, {machine()}")
    if options.page:
        pages.put("beginnings", table, PAGE)


if __name__ == "__main__":
    main()
