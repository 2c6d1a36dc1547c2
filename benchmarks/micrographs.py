"""Gain over bicubic interpolation on micrographs, by source: clean, and with the noise of photons.

LR images are binned; those with noise have as many photons where the image is brightest.

python benchmarks/micrographs.py MODEL FOLDER [--sources a,b] [--page] [--card]

Each cell has the gain of the model, and behind it that of denoise() before interpolation. With
--page, those of the sources that no model was trained on are written into the page; with --card,
their mean PSNR without noise into the card of a shipped model.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pages import put
from skimage.io import imread

from napari_autolut import denoise, load_model, upscale
from napari_autolut.arrays import averaged, resize
from napari_autolut.evaluation.scenes import as_dtype
from napari_autolut.storage import load_model_file, save_model

LUTS = Path(__file__).parents[1] / "luts"
PAGE = Path(__file__).parents[1] / "docs" / "howto" / "micrographs.md"
HELD_OUT = {
    "biop": "slide scanner",
    "faim": "widefield fluorescence",
    "histolab": "H&E",
    "mitosis": "confocal time-lapse",
    "nanoscope": "AFM",
    "omnipose": "phase contrast",
}
PHOTONS = (0, 50, 200, 1000)
MIN_SIDE = 24

Image = NDArray[Any]


def psnr(image: Image, truth: Image) -> float:
    unit = np.percentile(truth, 99.9) - np.percentile(truth, 0.1)
    error = np.mean((np.asarray(image, np.float64) - truth) ** 2)
    return float(10 * np.log10(unit**2 / error))


def interpolated(image: Image, scale: int) -> Image:
    """By bicubic interpolation, in the image's dtype as all results are."""
    return as_dtype(resize(image.astype(np.float64), scale), image.dtype)


def lr_images(
    path: Path, scale: int, rng: np.random.Generator, side: int | None = None
) -> Iterator[tuple[int, NDArray[np.float64], Image]]:
    """HR in its own units, and LR of the same dtype for each number of photons.

    With a ``side``, of that much in the middle alone.
    """
    image = imread(path)
    image = image[..., 1] if image.ndim == 3 else image
    if side is not None:
        top, left = (max(0, length - side) // 2 for length in image.shape)
        image = image[top : top + side, left : left + side]
    height, width = (side // scale * scale for side in image.shape)
    truth = image[:height, :width].astype(np.float64)
    binned = averaged(truth, scale)
    if min(binned.shape) < MIN_SIDE or np.ptp(binned) < 8:
        return
    unit = np.percentile(binned, 99.9)
    limits = np.iinfo(image.dtype)
    for photons in PHOTONS:
        lr = binned
        if photons:
            lr = rng.poisson(np.clip(binned, 0, None) / unit * photons) * unit / photons
        yield photons, truth, np.clip(np.rint(lr), limits.min, limits.max).astype(image.dtype)


def put_into_card(name: str, gain: float, bicubic: float) -> None:
    """Replace the figures of images that were not trained on; all else stays as it is."""
    path = LUTS / f"{name}.safetensors"
    model = load_model_file(path)
    held_out = {"psnr": round(bicubic + gain, 3), "bicubic_psnr": round(bicubic, 3)}
    benchmark = {**model.card.benchmark, "held-out": held_out}
    model = replace(model, card=replace(model.card, benchmark=benchmark))
    save_model(model, path, overwrite=True)


def of_model_and_folder(description: str) -> argparse.ArgumentParser:
    """The arguments that all scripts on micrographs begin with."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    return parser


def main() -> None:
    warnings.simplefilter("ignore")
    parser = of_model_and_folder(__doc__)
    parser.add_argument("--sources", default="")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--card", action="store_true")
    options = parser.parse_args()
    model, rng = load_model(options.model), np.random.default_rng(7)
    wanted = list(HELD_OUT) if options.page or options.card else options.sources.split(",")
    gains, bicubic = defaultdict(list), defaultdict(list)
    for path in sorted(options.folder.rglob("*.png")):
        source = path.name.split("_")[0]
        if any(wanted) and source not in wanted:
            continue
        for photons, truth, lr in lr_images(path, model.scale, rng):
            before = psnr(interpolated(lr, model.scale), truth)
            if not photons:
                bicubic[source].append(before)
            results = upscale(lr, model), interpolated(denoise(lr), model.scale)
            gains[source, photons].append([psnr(each, truth) - before for each in results])
    heads = " | ".join(f"{p} photons" if p else "clean" for p in PHOTONS)
    lines = [f"| `{model.name}` | {heads} |", "|---" * (1 + len(PHOTONS)) + "|"]
    sources = sorted({source for source, _ in gains})
    means = {key: np.mean(rows, axis=0) for key, rows in gains.items()}
    for source in sources:
        cells = [" / ".join(f"{g:+.2f}" for g in means[source, p]) for p in PHOTONS]
        name = f"{HELD_OUT.get(source, source)} ({len(gains[source, 0])})"
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    total = [np.mean([means[source, p] for source in sources], axis=0) for p in PHOTONS]
    cells = [" / ".join(f"{g:+.2f}" for g in each) for each in total]
    lines.append("| mean of sources | " + " | ".join(cells) + " |")
    print("\n".join(lines))
    if options.card:
        put_into_card(model.name, total[0][0], np.mean([np.mean(v) for v in bicubic.values()]))
    if options.page:
        put(model.name, "\n".join(lines), PAGE)


if __name__ == "__main__":
    main()
