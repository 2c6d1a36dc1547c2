"""How well the noise of simulated images is found, and what the difference costs.

Images of 384 x 384 pixels with photons and read noise of 1.5 electrons. Of each scene: deviation of
the gain that is found (of 6 images, in % of the true one), and whether noise counts as correlated.
Then PSNR in dB: noisy, denoised with the noise that was found, and with the true one.

python benchmarks/noise_search.py [--page]
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
from noise_scenes import Floats, cells, soft, spots, threads, tissue
from numpy.typing import NDArray
from pages import markdown, put

from napari_autolut import NoiseModel, denoise, estimate_noise

PAGE = Path(__file__).parents[1] / "docs" / "noise.md"
SIDE, GAIN, READ, OFFSET = 384, 3.0, 1.5, 100.0
PHOTONS = (20, 200, 2000)
SEEDS = range(6)


SCENES = {
    "soft structure": soft,
    "cells": cells,
    "tissue": tissue,
    "dense threads": threads,
    "spots": spots,
}


def recorded(
    image: Floats, photons: int, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.float32]]:
    """The expected image, and a noisy one, in grey levels."""
    light = (image + 0.05) * photons
    noisy = GAIN * (rng.poisson(light) + rng.normal(0, READ, light.shape)) + OFFSET
    return GAIN * light + OFFSET, np.rint(noisy).astype(np.float32)


def row(name: str, photons: int) -> list[str]:
    truth = NoiseModel(GAIN, GAIN**2 * READ**2 - GAIN * OFFSET)
    gains, figures, correlated = [], [], 0
    for seed in SEEDS:
        rng = np.random.default_rng((seed, photons))
        clean, noisy = recorded(SCENES[name](rng, SIDE), photons, rng)
        found = estimate_noise(noisy)
        gains.append(found.gain / GAIN - 1)
        correlated += found.is_correlated
        results = noisy, denoise(noisy, noise=found), denoise(noisy, noise=truth)
        errors = [np.mean((each - clean) ** 2) for each in results]
        figures.append(20 * np.log10(GAIN * photons) - 10 * np.log10(errors))
    noisy, found, given = np.mean(figures, axis=0)
    off = 100 * np.sqrt(np.mean(np.square(gains)))
    return [
        name,
        f"{photons:,}",
        f"{off:.0f} %",
        f"{correlated} of {len(SEEDS)}",
        f"{noisy:.1f}",
        f"{found:.2f}",
        f"{given:.2f}",
    ]


def main() -> None:
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    header = ["scene", "photons", "gain is off by", "correlated", "noisy", "noise found", "given"]
    table = markdown(header, [row(name, photons) for name in SCENES for photons in PHOTONS])
    print(table)
    if options.page:
        put("noise-search", table, PAGE)


if __name__ == "__main__":
    main()
