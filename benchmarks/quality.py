"""Quality of the shipped tables on benchmark sets: into their cards, and into luts/README.md.

    python benchmarks/quality.py BENCH natural-x4 [MODEL ...]

BENCH holds a folder for each set (``Set5``, ``Set14``, ...) with ``HR`` and ``LR_bicubic/X{r}``.
The tables named are measured on the sets, with the fast engine and the int8 values they are shipped
with. Figures in their cards are replaced, everything else in the files stays as it is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pages
from timing import median_milliseconds
from workloads import colours, image

from napari_autolut.arrays.bicubic import resize
from napari_autolut.evaluation.benchmark import evaluate
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model_file, save_model
from napari_autolut.storage.summaries import task_text

LUTS = Path(__file__).parents[1] / "luts"
LOGS = Path(__file__).parents[1] / "training" / "logs"
HEAD = """# Shipped tables

One file each: tables, windows and a card with what it was trained on; `napari-autolut models`
lists them. PSNR (dB) and SSIM are of luma, with a border of r pixels cut, as in the papers;
bicubic (at scale 1: the input) in brackets. "Held out" is the PSNR of single planes of images of
the training folder that were not trained on, in 0..255; for micro tables the mean of six sources
(`benchmarks/micrographs.py`), for light denoisers with noise of counts.
Milliseconds are for 320 x 180 RGB on one
thread of the machine that wrote this page, where bicubic by this package takes {bicubic:.0f} ms;
minutes are those of the training, on two processor cores, or (*) side by side on one graphics card.
"""
HEADER = [
    "table", "task", "scale", "KB", "ms", "held out", "Set5", "Set14", "minutes", "trained on",
    "recipe",
]  # fmt: skip


def measured(model: LutModel, bench: Path) -> LutModel:
    """The model with Set5's and the other sets' figures in its card."""
    benchmark = {"held-out": model.card.benchmark["held-out"]}
    for folder in sorted(bench.iterdir(), key=lambda path: (len(path.name), path.name)):
        lr = folder / "LR_bicubic" / f"X{model.scale}"
        if lr.is_dir():
            result = evaluate(model, folder / "HR", lr)
            benchmark[folder.name] = {
                "psnr_y": round(result.mean.model.psnr, 3),
                "ssim_y": round(result.mean.model.ssim, 4),
                "bicubic_psnr_y": round(result.mean.baseline.psnr, 3),
                "bicubic_ssim_y": round(result.mean.baseline.ssim, 4),
            }
            print(model.name, folder.name, benchmark[folder.name])
    return replace(model, card=replace(model.card, benchmark=benchmark))


def milliseconds(model: LutModel) -> float:
    """Median time for 320 x 180 RGB on one thread."""
    return median_milliseconds(colours(model, 1))


def minutes(name: str) -> str:
    """How long the trainings took, by their log, * on a card; "?" where none was kept."""
    log = LOGS / f"{name}.jsonl"
    events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    ends = [event for event in events if event["event"] == "done"]
    if not ends:
        return "?"
    seconds = sum(end["seconds"] for end in ends)
    return f"{seconds / 60:.0f}{' *' if 'device' in ends[-1] else ''}"


def cells(path: Path) -> Iterator[str]:
    """One table's cells of the page."""
    model = load_model_file(path)
    card = model.card
    yield f"`{card.name}`"
    yield task_text(card)
    yield f"x{model.scale}"
    yield f"{path.stat().st_size / 1000:.0f}"
    yield f"{milliseconds(model):.0f}"
    held_out = card.benchmark["held-out"]
    yield f"{held_out['psnr']:.2f} ({held_out['bicubic_psnr']:.2f})"
    for name in ("Set5", "Set14"):
        figures = card.benchmark.get(name)
        yield (
            f"{figures['psnr_y']:.2f} / {figures['ssim_y']:.4f} "
            f"({figures['bicubic_psnr_y']:.2f} / {figures['bicubic_ssim_y']:.4f})"
            if figures
            else "-"
        )
    yield minutes(card.name)
    yield card.training_data
    yield f"`{card.recipe}`"


def main() -> None:
    """Measure the tables named on the sets, and write the page of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bench", type=Path)
    parser.add_argument("models", nargs="*")
    options = parser.parse_args()
    shipped = sorted(LUTS.glob("*.safetensors"), key=lambda path: path.stem)
    for path in shipped:
        if path.stem in options.models:
            save_model(measured(load_model_file(path), options.bench), path, overwrite=True)
    bicubic = median_milliseconds(lambda: resize(image(), 4))
    rows = [list(cells(path)) for path in shipped]
    table = pages.markdown(HEADER, rows)
    (LUTS / "README.md").write_text(f"{HEAD.format(bicubic=bicubic)}\n{table}\n")
    pages.put("tables", pages.markdown(HEADER[:-2], [row[:-2] for row in rows]))


if __name__ == "__main__":
    main()
