"""Bits that every processor and system must give: recorded results of whole numbers.

Not here: that threads, tiles and engines agree on one machine, and machine code of other processors
(``test_targets.py``).
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from napari_autolut import denoise, load_model, upscale

RECORDED = {
    "natural-x4-light": ("a54e68a1b9f2", "38a22b14cdf3"),
    "autolut-mulut-x4": ("45c987cf0560", "caa5ff003911"),
    "micro-x2-light": ("14ad732bc49b", "7acc3a5769fa"),
}
"""Of each table: its result for 8 bits, and for 16 bits. Another table has other ones."""


def scene(top: int) -> np.ndarray:
    """Waves, an edge and noise, by whole numbers alone."""
    rows, columns = np.mgrid[:41, :53]
    waves = (rows * rows + 3 * rows * columns) % 97 + 40 * (columns > 30)
    noise = np.random.default_rng(3).integers(0, 9, waves.shape)
    return (waves + noise) * top // 150


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:12]


def found(name: str) -> tuple[str, str]:
    model = load_model(name)
    eight = upscale(scene(255).astype(np.uint8), model, value_range=(0, 255), noise=None)
    sixteen = upscale(scene(4095).astype(np.uint16), model, value_range=(30, 4000), noise=None)
    return digest(eight.tobytes()), digest(sixteen.tobytes())


@pytest.mark.parametrize("name", RECORDED)
def test_results_are_the_recorded_ones_on_every_system(name):
    assert found(name) == RECORDED[name]


def test_noise_that_is_found_gives_the_recorded_result():
    light = np.tile(scene(400), (3, 3))
    draws = np.random.default_rng(4).integers(-9, 10, (6, *light.shape)).sum(0)
    noisy = (20 * light + np.rint(1.5 * draws * np.sqrt(light))).clip(0).astype(np.uint16)
    assert digest(denoise(noisy).tobytes()) == "1187e765c9fd"
