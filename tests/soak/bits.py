"""The same bits with any number of threads, and however an image is cut into tiles.

Belongs here: what is varied. Random models on one plane are ``engines.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from napari_autolut import denoise, upscale
from napari_autolut.engine.threads import Limits, limits, set_limits
from tests.models import random_model
from tests.pictures import picture
from tests.soak.part import Finding, scaled

THREADS = (1, 2, 3, 8)
TILES = (3, 7, 16, 33, 64, 100, 129, 256, 1000)
SMALL_TILES = 16
"""Smaller ones are thousands of calls, and are tried on a part of the image."""

SHIPPED = ("natural-x4-light", "micro-x2", "autolut-mulut-x4", "denoise-3")


def run(amount: float) -> Iterator[Finding]:
    """Compare every choice with one thread and one tile."""
    before, faults, count = limits(), [], 0
    rng = np.random.default_rng(0)
    models = [*SHIPPED, *(random_model(rng, upscales=(1, 2), window=5, residual=True, channels=2)
                          for _ in range(scaled(2, amount)))]  # fmt: skip
    noisy = rng.poisson(picture((110, 130), "float32", top=900)).astype(np.uint16)
    try:
        for model, colours in product(models, (False, True)):
            image = np.stack([noisy, noisy[::-1], noisy // 2], -1) if colours else noisy
            set_limits(Limits(1, 10_000))
            parts = (image[:40, :37], image)
            right = [upscale(part, model, rgb=colours) for part in parts]
            for threads, tile in product(THREADS, TILES):
                which = int(tile >= SMALL_TILES)
                set_limits(Limits(threads, tile))
                count += 1
                if not np.array_equal(upscale(parts[which], model, rgb=colours), right[which]):
                    faults.append(f"{model!r}: {threads} threads, tiles of {tile}, rgb {colours}")
        set_limits(Limits(1, 10_000))
        expected = denoise(noisy)
        for threads, tile in product(THREADS, TILES[2:]):
            set_limits(Limits(threads, tile))
            count += 1
            if not np.array_equal(denoise(noisy), expected):
                faults.append(f"denoise: {threads} threads, tiles of {tile}")
    finally:
        set_limits(before)
    yield Finding(
        f"Bits with {', '.join(map(str, THREADS))} threads and tiles of {TILES[0]} to {TILES[-1]}",
        f"{count:,} images equal to those of one thread and one tile",
        tuple(faults),
    )
