"""The specification's own arithmetic: fused sums and the rounding rules."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napari_autolut.engine.reference import _fused, look_up, upscale_plane
from napari_autolut.model import Table
from tests.models import random_model

FLOATS = st.floats(0, 256, width=32, allow_subnormal=False)


def nearest(exact: Fraction) -> np.float32:
    """The float32 nearest to a fraction, the even one of two as near."""
    guess = np.float32(float(exact))
    near = [guess, *(np.nextafter(guess, np.float32(end)) for end in (-np.inf, np.inf))]
    gaps = [abs(Fraction(float(value)) - exact) for value in near]
    best = [v for v, gap in zip(near, gaps, strict=True) if gap == min(gaps)]
    return min(best, key=lambda value: int(value.view(np.uint32)) & 1)


@given(weight=FLOATS, value=FLOATS, total=FLOATS)
@example(weight=2.0**-30, value=1.0 + 2.0**-23, total=1.0 + 2.0**-23)
def test_fused_sums_are_rounded_once(weight, value, total):
    exact = Fraction(weight) * Fraction(value) + Fraction(total)
    result = _fused(np.float32(weight), np.float32([[value]]), np.float32([[total]]))
    assert result[0, 0] == nearest(exact)


def test_a_second_rounding_would_show():
    """The exact sum lies less than a double's last bit below the middle of two float32."""
    weight, value = np.float32(2**-24 * (1 - 2**-23)), np.float32(1 + 2**-23)
    total = np.float32(1 + 2**-23)
    twice = np.float32(float(weight) * float(value) + float(total))
    assert twice > total
    assert _fused(weight, value[None], total[None]) == total


@given(a=FLOATS, b=FLOATS)
@example(a=256.0, b=0.0)
def test_a_table_of_a_plane_is_that_plane(a, b):
    """Interpolation over simplices has no error where values rise in straight lines."""
    nodes = np.arange(5, dtype=np.float32) * 64
    rows = np.add.outer(nodes, 2 * nodes).reshape(-1, 1) + np.float32(7)
    values = look_up(Table(rows, 5, 2, 0.5), [np.float32([[a]]), np.float32([[b]])])
    assert values[0, 0, 0] == pytest.approx((a + 2 * b + 7) / 2, abs=1e-3)


def test_branches_may_be_rounded_from_zero():
    model = random_model(np.random.default_rng(2), upscales=(1,), branches=3, rounding="running")
    plane = np.rint(np.random.default_rng(3).uniform(0, 255, (16, 16))).astype(np.float32)
    running = upscale_plane(model, plane)
    alone = upscale_plane(replace(model, rounding="branch"), plane)
    assert (alone == np.rint(alone)).all()
    assert abs(alone - running).max() <= 1
