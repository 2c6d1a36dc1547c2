"""What the tests of the folder dock share."""

import pytest

from napari_autolut.widgets.batch.dock import BatchWidget


@pytest.fixture
def dock(viewer, qtbot, wait_for_threads):
    """The dock of a viewer; whatever runs has ended afterwards."""
    widget = BatchWidget(viewer)
    qtbot.addWidget(widget)
    yield widget
    widget.run_bar.cancel()
    wait_for_threads()
