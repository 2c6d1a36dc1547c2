"""PSNR and time of denoise() on pairs of noisy and clean images; writes the figures of the pages.

python benchmarks/denoising.py FOLDER      (FOLDER/noisy/*.png and FOLDER/clean/*.png)
python benchmarks/denoising.py             (the sample stack, whose truth is computed, and colours)
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pages import put
from scipy.ndimage import gaussian_filter
from skimage import data
from skimage.io import imread

from napari_autolut import denoise
from napari_autolut.samples.making import DIM, SCENE
from napari_autolut.samples.simulated_stacks import filaments, nuclei

REPEATS = 10
PHOTONS = 50, 200, 1000
DOCS = Path(__file__).parents[1] / "docs"
PAGE, TUTORIAL = DOCS / "howto" / "denoise.md", DOCS / "noisy-stack.md"

Image = NDArray[Any]


def psnr(image: Image, truth: Image, peak: float = 255) -> float:
    error = np.mean((np.asarray(image, np.float64) - truth) ** 2)
    return float(10 * np.log10(peak**2 / error))


def sample_table() -> str:
    """The noisy sample stack against the expected grey levels behind it."""
    lines = ["| channel | noisy | Gaussian blur, sigma 1 | denoised |", "|---|---|---|---|"]
    camera = DIM.camera
    for name, scene, seed in (("filaments", filaments, 0), ("nuclei", nuclei, 1)):
        volume = scene(SCENE)
        truth = camera.gain * DIM.expected(volume) + camera.offset
        noisy = DIM.record(volume, seed)
        blurred = gaussian_filter(noisy.astype(np.float64), (0, 1, 1))
        peak = camera.gain * DIM.photons
        figures = [psnr(each, truth, peak) for each in (noisy, blurred, denoise(noisy))]
        lines.append(f"| {name} | {figures[0]:.1f} | {figures[1]:.1f} | **{figures[2]:.1f}** |")
    return "\n".join(lines)


def colour_table() -> str:
    """Colour images of scikit-image with photons of their own in each colour, noise found."""
    lines = [
        "| image | photons | noisy | each colour alone | together |",
        "|---|---|---|---|---|",
    ]
    for name in ("astronaut", "chelsea", "coffee", "immunohistochemistry"):
        image = getattr(data, name)()[:256, :256].astype(np.float64)
        for photons in PHOTONS:
            counts = 10 * np.random.default_rng(0).poisson(image * (photons / 255))
            noisy, truth = counts.astype(np.uint16), image * (10 * photons / 255)
            planes = denoise(np.moveaxis(noisy, 2, 0), channel_axis=0)
            apart, together = np.moveaxis(planes, 0, 2), denoise(noisy)
            figures = [psnr(each, truth, 10 * photons) for each in (noisy, apart, together)]
            cells = f"{figures[0]:.1f} | {figures[1]:.1f} | **{figures[2]:.1f}**"
            lines.append(f"| {name} | {photons:,} | {cells} |")
    return "\n".join(lines)


class Timed(NamedTuple):
    """A denoised image, and milliseconds of one core, the least of several."""

    clean: Image
    milliseconds: float


def timed(noisy: Image, model: str) -> Timed:
    """Denoise; processor time, so that other work beside it does not count."""
    least = np.inf
    for _ in range(REPEATS):
        begun = process_time()
        clean = denoise(noisy, model=model)
        least = min(least, process_time() - begun)
    return Timed(clean, 1000 * least)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    folder = parser.parse_args().folder
    put("sample", sample_table(), TUTORIAL)
    put("colours", colour_table(), PAGE)
    if folder is None:
        return
    kinds: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for path in sorted((folder / "noisy").glob("*.png")):
        noisy, truth = imread(path), imread(folder / "clean" / path.name).astype(np.float64)
        denoise(noisy)  # compiles, and loads the table
        denoise(noisy, model="light")
        blurred = gaussian_filter(noisy.astype(np.float64), 2)
        best, light = timed(noisy, "best"), timed(noisy, "light")
        row = (
            *(psnr(each, truth) for each in (noisy, blurred, best.clean, light.clean)),
            best.milliseconds,
            light.milliseconds,
        )
        kinds[path.name.split("_")[0]].append(row)
        kinds["all"].append(row)
    lines = [
        "| images | noisy | Gaussian blur, sigma 2 | denoised | light | ms | light, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, rows in sorted(kinds.items(), key=lambda each: each[0] == "all"):
        noisy, blurred, best, light, *times = np.mean(rows, axis=0)
        cells = f"{noisy:.2f} | {blurred:.2f} | **{best:.2f}** | {light:.2f}"
        seconds = " | ".join(f"{each:.0f}" for each in times)
        lines.append(f"| {kind} ({len(rows)}) | {cells} | {seconds} |")
    put("denoising", "\n".join(lines), PAGE)


if __name__ == "__main__":
    main()
