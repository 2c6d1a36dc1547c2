"""Colours that nobody sees do not matter, whatever they are and however an image is cut."""

from __future__ import annotations

import dask.array as da
import numpy as np
import pytest

from napari_autolut import load_model, upscale
from napari_autolut.arrays import ALPHA, Axes, Task, finish, resolve_range, run
from napari_autolut.engine import plane_engine
from tests.pictures import noise

DTYPES = ["uint8", "uint16", "float32"]


def disc(hidden: object, dtype: str = "uint8") -> np.ndarray:
    """A disc of one colour, and beside it pixels of alpha 0 that hide other colours."""
    full = 1 if dtype == "float32" else np.iinfo(dtype).max
    y, x = np.mgrid[:40, :44]
    inside = (y - 20) ** 2 + (x - 20) ** 2 < 144
    image = np.empty((40, 44, 4), dtype)
    image[..., :ALPHA] = hidden
    image[inside, :ALPHA] = np.array([0.9, 0.2, 0.15]) * full
    image[..., ALPHA] = inside * full
    return image


def seen(image: np.ndarray) -> np.ndarray:
    """Over white paper, from 0 to 1."""
    full = 1 if image.dtype == "float32" else np.iinfo(image.dtype).max
    alpha = image[..., ALPHA:] / full
    return image[..., :ALPHA] / full * alpha + 1 - alpha


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("model", ["natural-x2", "natural-x4-fast"])
def test_no_rim_around_what_is_cut_out(model: str, dtype: str) -> None:
    full = 1 if dtype == "float32" else np.iinfo(dtype).max
    black = upscale(disc(0, dtype), model, value_range=(0, full))
    random = (np.random.default_rng(0).random((40, 44, 3)) * full).astype(dtype)
    other = upscale(disc(random, dtype), model, value_range=(0, full))
    shown = black[..., ALPHA] > 0
    np.testing.assert_array_equal(black[..., ALPHA], other[..., ALPHA])
    np.testing.assert_array_equal(black[shown], other[shown])
    red = seen(black)[..., 0]
    assert red.min() > 0.86  # the disc is 0.9, the paper 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_tiles_and_chunks_have_the_same_bits(dtype: str) -> None:
    model = load_model("natural-x4-fast")
    image = disc(0, dtype)
    image[..., :ALPHA] = np.abs(noise((40, 44, 3), dtype, seed=3))
    image[..., ALPHA][noise((40, 44)) % 3 == 0] = 0
    if dtype == "float32":
        image[10, 12:20, 1] = np.nan
    task = Task(image, Axes((0, 1), True), (resolve_range(image, None, rgb=True),), model)
    whole = finish(run(task, plane_engine("fast"), tile_size=10**4, warn=False))
    for side in (9, 17):
        tiles = finish(run(task, plane_engine("fast"), tile_size=side, warn=False))
        np.testing.assert_array_equal(tiles, whole)
    lazy = upscale(
        da.from_array(image, chunks=(13, 20, 4)),
        model,
        value_range=(task.ranges[0].lo, task.ranges[0].hi),
    )
    np.testing.assert_array_equal(lazy.compute(), whole)


def test_what_is_seen_is_left_alone() -> None:
    image = noise((20, 24, 4))
    image[..., ALPHA] |= 1
    colours = upscale(image[..., :ALPHA], "natural-x2")
    np.testing.assert_array_equal(upscale(image, "natural-x2")[..., :ALPHA], colours)
