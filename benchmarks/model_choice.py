"""Which table for which kind of image: gain over bicubic, by what can be seen of an image.

    python benchmarks/model_choice.py FOLDER [--write]
    python benchmarks/model_choice.py FOLDER --photographs [--write]

FOLDER has images and a ``SOURCES.csv`` with the columns file, source and modality. HR images are
binned; a gain is the mean over the images of a laboratory, then over laboratories. With
``--photographs`` it has photographs, to every eighth of which noise is added. ``--write`` puts the
table into docs/howto/choose.md.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pages import put
from PIL import Image
from skimage.io import imread

from napari_autolut import upscale
from napari_autolut.arrays import choose_model, resize, resolve_range

PAGE = Path(__file__).parents[1] / "docs" / "howto" / "choose.md"
MODELS = {
    2: ("natural-x2", "micro-x2"),
    4: ("natural-x4", "micro-x4"),
}
SIDE = 192
EIGHTH = 8

Pixels = NDArray[Any]


def binned(image: Pixels, scale: int) -> Pixels:
    height, width = image.shape[:2]
    parts = image.reshape(height // scale, scale, width // scale, scale, *image.shape[2:])
    made: Pixels = np.rint(parts.mean((1, 3))).astype(image.dtype)
    return made


def with_photons(image: Pixels, photons: int) -> Pixels:
    """An 8-bit image as a detector would see it; the same without photons."""
    if not photons:
        return image
    counts = np.random.default_rng(0).poisson(image * (photons / 255))
    levels: Pixels = np.rint(counts * (255 / photons)).clip(0, 255).astype(np.uint8)
    return levels


def gains(image: Pixels, photons: int = 0) -> dict[str, float]:
    """Gain of each model over bicubic interpolation in dB, with the range that a layer has."""
    rgb = image.ndim == 3
    limits = resolve_range(image, rgb=rgb)
    low, high = limits.lo, limits.hi
    found = {}

    def psnr(result: Pixels) -> float:
        error = np.clip(result.astype(float), low, high) - np.clip(image.astype(float), low, high)
        return float(10 * np.log10((high - low) ** 2 / np.mean(error[4:-4, 4:-4] ** 2)))

    for scale, models in MODELS.items():
        small = with_photons(binned(image, scale), photons)
        larger = resize(small.astype(float), Fraction(scale), (0, 1))
        bicubic = psnr(np.clip(np.rint(larger), low, high) if photons else larger)
        for model in models:
            larger = upscale(small, model, rgb=rgb, value_range=(low, high))
            found[model] = psnr(larger) - bicubic
    return found


def kind(row: dict[str, str]) -> str:
    if row["channels"] == "3":
        return "H&E and stained smears, RGB" if "H&E" in row["modality"] else "other RGB"
    dark = re.search("fluor|confocal|light sheet|widefield|mixed|slide scanner", row["modality"])
    if dark:
        bits = "16-bit" if row["dtype"] == "uint16" else "8-bit"
        return f"fluorescence, {bits}"
    if re.search("EM|AFM", row["modality"]):
        return "electron microscopy, AFM"
    return "bright field, phase contrast, DIC"


def middle(image: Pixels) -> Pixels:
    """The middle of an image, of sides that all scales divide."""
    height, width = (min(side - side % 4, SIDE) for side in image.shape[:2])
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[top : top + height, left : left + width]


def photograph_table(folder: Path) -> str:
    """Gains on photographs with photons of their own in each colour, and where noise is named."""
    names = [name for models in MODELS.values() for name in models]
    lines = [f"| photons | {' | '.join(names)} | noise named |", "|---" * 6 + "|"]
    paths = sorted(path for path in folder.iterdir() if path.suffix in {".webp", ".png", ".jpg"})
    images = [np.asarray(Image.open(path).convert("RGB")) for path in paths[::EIGHTH]]
    for mode in ("RGB", "grey"):
        for photons in (0, 1000, 200, 50):
            found, named = [], 0
            for image in images:
                piece = image if mode == "RGB" else np.asarray(Image.fromarray(image).convert("L"))
                found.append(gains(middle(piece), photons))
                small = with_photons(
                    binned(piece[: len(piece) // 2 * 2, : piece.shape[1] // 2 * 2], 2), photons
                )
                named += "noise" in choose_model(small).reason
            cells = " | ".join(f"{np.mean([one[name] for one in found]):+.1f}" for name in names)
            lines.append(
                f"| {mode}, {photons or 'none added'} | {cells} | {named} of {len(images)} |"
            )
    return "\n".join(lines)


def micrograph_table(folder: Path) -> str:
    """Gains by what can be seen of micrographs."""
    with (folder / "SOURCES.csv").open(encoding="utf-8") as listed:
        rows = list(csv.DictReader(listed))
    kinds: dict[str, dict[str, list[dict[str, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        image = imread(folder / row["file"])
        if image.ndim > 2 and image.shape[-1] not in (3, 4):
            image = image[len(image) // 2]
        image = image[..., :3] if image.ndim == 3 else image
        piece = middle(image)
        if piece.max() > piece.min():
            kinds[kind(row)][row["source"]].append(gains(piece))
    names = [name for models in MODELS.values() for name in models]
    lines = ["| images | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for each, sources in sorted(kinds.items()):
        means = [
            np.mean([np.mean([one[name] for one in found]) for found in sources.values()])
            for name in names
        ]
        count = sum(map(len, sources.values()))
        cells = " | ".join(f"{mean:+.2f}" for mean in means)
        lines.append(f"| {each} ({count} of {len(sources)} laboratories) | {cells} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photographs", action="store_true")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    if arguments.photographs:
        table, marker = photograph_table(arguments.folder), "noisy photographs"
    else:
        table, marker = micrograph_table(arguments.folder), "model choice"
    print(table)
    if arguments.write:
        put(marker, table, PAGE)


if __name__ == "__main__":
    main()
