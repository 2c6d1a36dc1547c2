"""How well the noise of simulated images is found, and what the difference costs.

Images of 384 x 384 pixels with photons and read noise of 1.5 electrons. Of each scene: deviation of
the gain that is found (of 6 images, in % of the true one), whether noise counts as correlated, and
PSNR in dB of the noisy image, denoised with the noise that was found, and with the true one.

python benchmarks/noise_search.py [--page]
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
from pages import markdown, put
from scipy.ndimage import gaussian_filter

from napari_autolut import NoiseModel, denoise, estimate_noise

PAGE = Path(__file__).parents[1] / "docs" / "howto" / "denoise.md"
SIDE, GAIN, READ, OFFSET = 384, 3.0, 1.5, 100.0
PHOTONS = (20, 200, 2000)
SEEDS = range(6)


def soft(rng, width=12.0):
    """Structure without edges."""
    image = gaussian_filter(rng.normal(size=(SIDE, SIDE)), width)
    return (image - image.min()) / np.ptp(image)


def cells(rng):
    """Bright discs on dark ground."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    image = np.zeros((SIDE, SIDE))
    for row, column in rng.uniform(0, SIDE, (50, 2)):
        disc = np.hypot(rows - row, columns - column) < rng.uniform(6, 18)
        image[disc] = np.maximum(image[disc], rng.uniform(0.3, 1))
    return gaussian_filter(image, 1.2)


def tissue(rng):
    """Fine structure everywhere, on soft one."""
    return (soft(rng, 2.0) + soft(rng, 15.0)) / 2


def lines(rng):
    """Threads everywhere, behind the blur of a microscope."""
    count, image = SIDE // 5, np.zeros((SIDE, SIDE))
    angles = np.cumsum(rng.normal(0, 0.05, (count, 2 * SIDE)), 1)
    angles += rng.uniform(0, 2 * np.pi, (count, 1))
    starts = rng.uniform(0, SIDE, (2, count, 1))
    rows, columns = starts + np.cumsum([np.sin(angles), np.cos(angles)], 2)
    np.add.at(image, (rows.astype(int) % SIDE, columns.astype(int) % SIDE), 1)
    image = gaussian_filter(image, 1.3)
    return image / np.quantile(image, 0.998)


def spots(rng):
    """Points behind the blur of a microscope, most of the ground free."""
    image = np.zeros((SIDE, SIDE))
    image[tuple(rng.integers(0, SIDE, (2, 184)))] = rng.uniform(0.3, 1, 184)
    image = gaussian_filter(image, 1.5)
    return image / image.max()


SCENES = {
    "soft structure": soft,
    "cells": cells,
    "tissue": tissue,
    "dense threads": lines,
    "spots": spots,
}


def recorded(image, photons, rng):
    """The expected image, and a noisy one, in grey levels."""
    light = (image + 0.05) * photons
    noisy = GAIN * (rng.poisson(light) + rng.normal(0, READ, light.shape)) + OFFSET
    return GAIN * light + OFFSET, np.rint(noisy).astype(np.float32)


def row(name, photons):
    truth = NoiseModel(GAIN, GAIN**2 * READ**2 - GAIN * OFFSET)
    gains, figures, correlated = [], [], 0
    for seed in SEEDS:
        rng = np.random.default_rng((seed, photons))
        clean, noisy = recorded(SCENES[name](rng), photons, rng)
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
