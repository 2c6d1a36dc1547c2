"""A lens whose piece grows: soon there, never computed twice, and drawn where it lies."""

from threading import current_thread, main_thread

import numpy as np
import pytest
from napari.layers import Layer
from qtpy.QtCore import QObject, QThreadPool

from napari_autolut.arrays import Task
from napari_autolut.widgets.layer_dock.lens import pieces as module
from napari_autolut.widgets.layer_dock.lens.lens import Lens
from tests.imagelayers import picture
from tests.widgets.layer_dock.lens_views import assert_shows, zoom_to


@pytest.fixture
def computed(monkeypatch):
    """Pixels of the source that were computed, tile by tile."""
    areas, original = [], Task.compute

    def counted(task, block, *rest):
        box = block.box
        if current_thread() is not main_thread():  # where the tests compute what they expect
            areas.append((box.bottom - box.top) * (box.right - box.left))
        return original(task, block, *rest)

    monkeypatch.setattr(Task, "compute", counted)
    return areas


@pytest.fixture
def hurried(monkeypatch):
    """A machine on which next to nothing is quickly done."""
    for seconds in ("BRIEF", "AT_ONCE"):
        monkeypatch.setattr(module, seconds, 0)


def at_first_piece(lens, act):
    """Do something when a first, unfinished piece is shown."""

    def act_once(line):
        if "refining" in line:
            lens.status_changed.disconnect(act_once)
            act()

    lens.status_changed.connect(act_once)


def test_something_is_soon_there_and_grows_to_all_that_is_in_view(
    viewer, lens, wanted, settled, computed, hurried
):
    wanted.layer = viewer.add_image(picture(300, 300))
    zoom_to(viewer, 1, 150, 150)
    shapes = []
    lens.status_changed.connect(
        lambda _: lens.layer and shapes.append(assert_shows(lens, wanted)[1])
    )
    lens.switch(True)
    settled()
    assert max(shapes[0]) <= 2 * 64
    assert shapes[-1] == (600, 600)
    assert sum(computed) == 300 * 300
    times, ellipsis = "\N{MULTIPLICATION SIGN}", "\N{HORIZONTAL ELLIPSIS}"
    growing = [line for line in lens.lines if line.endswith(f"; refining{ellipsis}")]
    assert len(growing) >= 2
    assert all(f"px of 300 {times} 300 in" in line for line in growing)
    assert lens.lines[-1].startswith(f"{times}2, 300 {times} 300\N{NO-BREAK SPACE}px in")


def test_a_pan_computes_only_what_comes_into_view(viewer, lens, wanted, settled, computed):
    wanted.layer = viewer.add_image(picture(400, 400))
    zoom_to(viewer, 10, 200, 200)
    lens.switch(True)
    settled()
    before = lens.layer.data.shape
    computed.clear()
    zoom_to(viewer, 10, 200, 205)
    settled()
    assert_shows(lens, wanted)
    assert lens.layer.data.shape == before
    assert sum(computed) == 5 * before[0] // 2


def test_a_closer_look_at_an_unfinished_piece_ends_it(viewer, lens, wanted, settled, hurried):
    wanted.layer = viewer.add_image(picture(600, 600))
    zoom_to(viewer, 1, 300, 300)
    at_first_piece(lens, lambda: zoom_to(viewer, 100, 300, 300))
    lens.switch(True)
    settled()
    assert_shows(lens, wanted)
    assert max(lens.layer.data.shape) < 1200
    assert "refining" not in lens.lines[-1]


@pytest.mark.parametrize("centre", [(300, 420), (40, 560), (9000, 9000)])
def test_it_follows_moves_while_a_piece_grows(viewer, lens, wanted, settled, hurried, centre):
    wanted.layer = viewer.add_image(picture(600, 600))
    zoom_to(viewer, 2, 300, 180)
    at_first_piece(lens, lambda: zoom_to(viewer, 2, *centre))
    lens.switch(True)
    settled()
    if centre[0] > 600:
        assert lens.layer is None
        return
    start, size = assert_shows(lens, wanted)
    middle = np.minimum(2 * np.array(centre), 1199)
    assert (start <= middle).all() and (middle < start + size).all()
    assert "refining" not in lens.lines[-1]


def test_what_it_shows_is_drawn_where_it_lies(make_napari_viewer, wanted, qtbot):
    viewer = make_napari_viewer(show=True)
    wanted.layer = viewer.add_image(picture(200, 200))
    zoom_to(viewer, 10, 80, 80)
    owner = QObject()
    lens = Lens(viewer, wanted, owner)
    lens.switch(True)
    qtbot.waitUntil(lambda: not lens.busy, timeout=30_000)
    zoom_to(viewer, 10, 120, 110)
    qtbot.waitUntil(lambda: not lens.busy, timeout=30_000)
    seen, copy = viewer.screenshot(flash=False), lens.layer.as_layer_data_tuple()
    lens.switch(False)
    without = viewer.screenshot(flash=False)
    viewer.add_layer(Layer.create(*copy))
    np.testing.assert_array_equal(seen, viewer.screenshot(flash=False))
    assert (seen != without).any()
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))
