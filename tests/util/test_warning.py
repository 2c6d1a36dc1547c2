"""Warnings name the line of whoever called, and the file that they are of."""

import warnings
from collections.abc import Generator

import numpy as np
import pytest

from napari_autolut import Upscaler, denoise, make_isotropic, upscale
from napari_autolut.arrays import finish
from napari_autolut.arrays.value_range import IntensityWarning
from napari_autolut.denoising import NoiseWarning
from napari_autolut.util.warning import about, warn

NAN = np.where(np.eye(32) > 0, np.nan, 5.0)
GREY = np.full((32, 32), 7, np.uint16)
HOT = np.random.default_rng(0).poisson(40, (256, 256)).astype(np.uint16)
HOT[3::9, 4::9] = 60000
STACK = np.full((8, 32, 32), 7, np.uint16)


@pytest.mark.parametrize(
    "call",
    [
        lambda: upscale(NAN, "natural-x2-light"),
        lambda: upscale(np.ma.masked_greater(GREY + np.eye(32, dtype=np.uint16), 7), "phase-x2"),
        lambda: upscale(np.full((8, 8), 2**60, np.uint64), "phase-x2"),
        lambda: upscale(HOT, "micro-x2-light"),
        lambda: Upscaler("micro-x2-light").fit(HOT),
        lambda: Upscaler("phase-x2").fit(GREY).upscale(GREY.astype(float)),
        lambda: denoise(GREY),
        lambda: denoise(np.kron(np.eye(8), np.ones((8, 8))) * 200),
        lambda: make_isotropic(STACK, 4.0),
    ],
)
def test_warnings_are_of_the_callers_line(call):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        call()
    assert said
    assert {each.filename for each in said} == {__file__}


def steps() -> Generator[int, None, str]:
    warn("first", NoiseWarning)
    yield 1
    warn("second", IntensityWarning)
    return "done"


def test_warnings_of_a_file_begin_with_its_name():
    def outer() -> Generator[int, None, str]:
        return (yield from about("a.tif", steps()))

    running = about("folder", outer())
    with pytest.warns(NoiseWarning, match="^a.tif: first$"):
        assert next(running) == 1
    with pytest.warns(NoiseWarning, match="^third$"):
        warn("third", NoiseWarning)
    with pytest.warns(IntensityWarning, match="^a.tif: second$"):
        assert finish(running) == "done"


def test_closing_closes_the_steps():
    inner = steps()
    with pytest.warns(NoiseWarning):
        running = about("a.tif", inner)
        next(running)
    running.close()
    assert inner.gi_frame is None
