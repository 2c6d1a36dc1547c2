"""Where the tab key goes in a dock that napari shows: from top to bottom, and nowhere in vain."""

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_autolut.widgets.upscale.dock import UpscaleWidget
from tests.widgets.controls import place, stops

NAMES = ("Upscale", "Denoise", "Make isotropic", "Compare", "Upscale a folder")


@pytest.fixture
def window(real_viewer, monkeypatch):
    """A viewer with a stack, in a window that is shown; no dock looks at the stack."""
    for looks in ("_measure", "_advise"):
        monkeypatch.setattr(UpscaleWidget, looks, lambda _dock: None)
    real_viewer.add_image(np.zeros((4, 16, 16), np.uint16), name="stack")
    real_viewer.show()
    return real_viewer.window


@pytest.mark.parametrize("name", NAMES)
def test_the_tab_key_goes_from_top_to_bottom(window, qtbot, wait_for_threads, name):
    _, dock = window.add_plugin_dock_widget("napari-autolut", name)
    qtbot.waitUntil(dock.isVisible)
    QApplication.processEvents()
    found = stops(dock)
    assert found == sorted(found, key=lambda control: place(control, dock))
    dock.tear_down()
    wait_for_threads()


def test_a_page_takes_the_tab_key_where_keys_scroll_it(train_dock, qtbot):
    train_dock.resize(400, 2000)
    train_dock.show()
    area = train_dock.pages.currentWidget()
    assert area.accessibleName()
    qtbot.waitUntil(lambda: area.focusPolicy() == Qt.FocusPolicy.NoFocus)
    train_dock.resize(400, 80)
    qtbot.waitUntil(lambda: area.focusPolicy() == Qt.FocusPolicy.StrongFocus)
