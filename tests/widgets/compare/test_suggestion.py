"""The model that is ticked for the user, which is the one that suits the picked image."""

import numpy as np
import pytest
from napari.components import ViewerModel
from skimage.data import astronaut

from napari_autolut.widgets.compare.dock import CompareWidget


@pytest.fixture
def viewer():
    """A viewer without a window, with the shipped tables."""
    return ViewerModel()


@pytest.fixture
def dock(viewer, qtbot, wait_for_threads):
    widget = CompareWidget(viewer)
    qtbot.addWidget(widget)
    widget.show()
    yield widget
    widget.suitable.cancel()
    wait_for_threads()


def models(dock):
    return [choice.name for choice in dock.views.ticked if hasattr(choice, "path")]


def found(qtbot, dock):
    qtbot.waitUntil(lambda: not dock.suitable.busy)
    return models(dock)


def frame():
    return np.random.default_rng(0).poisson(40, (96, 96)).astype(np.uint16)


def test_it_follows_the_picked_image(viewer, dock, qtbot):
    assert models(dock) == ["natural-x4"]
    viewer.add_image(frame())
    assert found(qtbot, dock) == ["micro-x2"]
    assert len(dock.views.ticked) == 3
    viewer.add_image(astronaut()[::4, ::4])
    assert found(qtbot, dock) == ["natural-x4"]


def test_what_the_user_ticks_stays(viewer, dock, qtbot):
    (other,) = (each for each in dock.views._choices if getattr(each, "name", "") == "natural-x2")
    dock.views.tick(other)
    viewer.add_image(frame())
    assert found(qtbot, dock) == ["natural-x2", "natural-x4"]
