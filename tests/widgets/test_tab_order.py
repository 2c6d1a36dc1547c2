"""Where the tab key goes in a dock that napari shows: from top to bottom, and nowhere in vain."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication, QScrollArea

from napari_autolut.widgets.upscale.dock import UpscaleWidget
from tests.widgets.test_screen_readers import reached

NAMES = ("Upscale", "Denoise", "Make isotropic", "Compare", "Upscale a folder")


def stops(dock):
    """Controls that can be seen and used, in the order of the tab key from outside the dock.

    PySide6 never lets go of a widget that it was asked for here, nor of its window: those of napari
    are left out.
    """
    controls = [each for each in reached(dock) if each.isVisible() and each.isEnabled()]
    found, at = [], dock
    while len(found) < len(controls):
        at = at.nextInFocusChain()
        assert at is not dock
        if at in controls:
            found.append(at)
    return found


def place(control, dock):
    """Above or below what is scrolled, row, column; what is a little lower is in the same row."""
    areas = (each.widget() for each in dock.findChildren(QScrollArea) if each.widget() is not None)
    page = next((each for each in areas if each.isAncestorOf(control)), None)
    at = control.mapTo(page or dock, QPoint(0, control.height() // 2))
    return page is None, at.y() // 16, at.x()


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
