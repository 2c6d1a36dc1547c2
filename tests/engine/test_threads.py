"""How much of the machine the engines take."""

import os

import numpy as np
import pytest

from napari_autolut.arrays import finish
from napari_autolut.arrays.upscaling_steps import upscale_steps
from napari_autolut.engine.threads import Limits, limits, set_limits, thread_count


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """Limits that are not changed for other tests, and no word from the environment."""
    monkeypatch.delenv("NAPARI_AUTOLUT_THREADS", raising=False)
    before = limits()
    yield
    set_limits(before)


def test_by_default_all_that_the_process_may_use():
    assert 1 <= thread_count() <= (os.cpu_count() or 1)


def test_the_environment_has_the_last_word(monkeypatch):
    set_limits(Limits(threads=5))
    assert thread_count() == 5
    monkeypatch.setenv("NAPARI_AUTOLUT_THREADS", "3")
    assert thread_count() == 3
    for wrong in ("1025", "100000", "9" * 5000, "0", "many", "-1"):
        monkeypatch.setenv("NAPARI_AUTOLUT_THREADS", wrong)
        with pytest.raises(ValueError, match="expected a number from 1"):
            thread_count()


def test_tiles_have_the_size_of_the_limit_and_the_result_stays(model):
    image = np.random.default_rng(3).integers(0, 256, (70, 50), np.uint8)

    def steps():
        return upscale_steps(image, model, spatial_axes=(0, 1), rgb=False)

    whole = finish(steps())
    set_limits(Limits(tile_size=32))
    assert len(list(steps())) == 4
    np.testing.assert_array_equal(finish(steps()), whole)
