"""A lens in a viewer."""

import pytest
from qtpy.QtCore import QObject, QThreadPool

from napari_autolut.widgets.layer_dock.lens.lens import Lens
from tests.widgets.layer_dock.lens_views import Wanted


@pytest.fixture
def wanted():
    return Wanted()


@pytest.fixture
def lens(viewer, wanted, qtbot):
    owner = QObject()
    made = Lens(viewer, wanted, owner)
    made.lines = []
    made.status_changed.connect(made.lines.append)
    yield made
    made.switch(False)
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))


@pytest.fixture
def settled(lens, qtbot):
    """Wait until the lens shows what it is to show."""

    def wait():
        qtbot.waitUntil(lambda: not lens.busy, timeout=30_000)

    return wait
