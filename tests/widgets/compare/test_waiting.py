"""The window of a comparison while its views are computed: there at once, and never left empty."""

from threading import Event

import pytest
from qtpy.QtCore import QTimer

from napari_autolut.comparison import ComparisonPlan
from napari_autolut.widgets.compare.window import COMPUTING
from tests.imagelayers import picture
from tests.widgets.compare_dock import compare, names, press


@pytest.fixture
def held(dock, monkeypatch):
    """Holds every comparison before its first step until it is set."""
    opened, real = Event(), ComparisonPlan.steps

    def steps(plan, region=None):
        opened.wait()
        return (yield from real(plan, region))

    monkeypatch.setattr(ComparisonPlan, "steps", steps)
    yield opened
    opened.set()


@pytest.fixture
def empty(viewer, dock, qtbot, held):
    """A window whose views are being computed."""
    viewer.add_image(picture(8, 8))
    press(qtbot, dock)
    qtbot.waitUntil(dock.window_of_views.isVisible)
    return dock.window_of_views


def test_napari_is_served_between_making_it_and_showing_it(viewer, dock, qtbot, held):
    viewer.add_image(picture(8, 8))
    dock.run_bar.button.click()
    assert not dock.window_of_views.isVisible()
    qtbot.waitUntil(dock.window_of_views.isVisible)


def test_a_window_that_was_closed_before_it_was_shown_stays_away(viewer, dock, qtbot, held):
    viewer.add_image(picture(8, 8))
    dock.run_bar.button.click()
    window, gone = dock.window_of_views, []
    window.destroyed.connect(lambda: gone.append(True))
    dock.run_bar.button.click()
    assert not window._turns.waiting
    assert dock.window_of_views is None
    qtbot.waitUntil(lambda: bool(gone))


def test_it_is_there_before_its_views(empty, dock, qtbot, held):
    assert empty.isVisible()
    assert not empty.bar.isEnabled()
    assert [label.text() for label in empty.modes.names.shown] == [COMPUTING]
    held.set()
    qtbot.waitUntil(empty.bar.isEnabled)
    assert not dock.run_bar.running
    assert len(empty.modes.names.shown) == len(names(empty)) == 3


def test_napari_is_served_between_the_first_views(empty, qtbot, held):
    seen = []
    watch = QTimer(empty, interval=0)
    drawn = empty.canvas.native.updatesEnabled
    watch.timeout.connect(lambda: seen.append((len(names(empty)), drawn())))
    watch.start()
    held.set()
    qtbot.waitUntil(lambda: (3, True) in seen)
    assert {1, 2} <= {count for count, _ in seen}
    assert not any(drawn for count, drawn in seen if 0 < count < 3)


def test_it_can_be_closed_between_its_first_views(empty, dock, qtbot, held):
    layers = empty.canvas.model.layers
    layers.events.inserted.connect(lambda _: QTimer.singleShot(0, empty.close))
    held.set()
    qtbot.waitUntil(lambda: dock.window_of_views is None)
    assert len(layers) == 1


def test_it_goes_where_it_gets_no_views(empty, dock):
    dock.run_bar.cancel()
    assert dock.window_of_views is None


def test_closing_it_stops_the_work(empty, dock):
    empty.close()
    assert not dock.run_bar.running
    assert dock.run_bar.status.text() == "Cancelled; nothing new is shown."


def test_a_comparison_stays_while_the_next_one_is_computed(empty, dock, qtbot, held):
    held.set()
    qtbot.waitUntil(empty.bar.isEnabled)
    held.clear()
    press(qtbot, dock)
    assert empty.bar.isEnabled()
    dock.run_bar.cancel()
    held.set()
    assert compare(qtbot, dock) is empty
