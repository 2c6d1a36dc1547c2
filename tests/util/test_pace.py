"""How long work takes at its pace, and what of it is left."""

import pytest

from napari_autolut.util.pace import Pace


def test_the_first_step_is_left_out():
    pace = Pace()
    pace.step(0.5, 0.0)
    pace.step(30.0, 0.1)
    assert pace.whole is None and pace.left is None
    pace.step(31.0, 0.2)
    assert pace.whole == pytest.approx(10) and pace.left == pytest.approx(8)
    pace.step(35.0, 0.6)
    assert pace.whole == pytest.approx(10) and pace.left == pytest.approx(4)


def test_what_is_resumed_goes_by_what_is_done_now():
    pace = Pace()
    pace.step(0.1, 0.8)
    pace.step(4.1, 0.9)
    assert pace.left == pytest.approx(4)
