"""Fixtures of the Compare dock's tests."""

import gc

import pytest

from napari_autolut.widgets.compare.dock import CompareWidget
from tests.widgets.compare_dock import close


@pytest.fixture
def dock(viewer, qtbot, wait_for_threads):
    """The dock of a viewer; its window and whatever runs have ended afterwards."""
    widget = CompareWidget(viewer)
    qtbot.addWidget(widget)
    yield widget
    widget.run_bar.cancel()
    close(widget)
    wait_for_threads()
    gc.collect()  # napari's own fixture refuses to begin while a canvas is not collected
