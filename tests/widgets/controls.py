"""Controls of docks, and those that the tab key reaches. Belongs here: what tests of them share."""

from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QScrollArea,
    QWidget,
)

from napari_autolut.widgets.batch.dock import BatchWidget
from napari_autolut.widgets.compare.dock import CompareWidget
from napari_autolut.widgets.denoise.dock import DenoiseWidget
from napari_autolut.widgets.isotropic.dock import IsotropicWidget
from napari_autolut.widgets.upscale.dock import UpscaleWidget

DOCKS = (UpscaleWidget, DenoiseWidget, IsotropicWidget, CompareWidget, BatchWidget)


def owners(widget):
    """What a widget lies in, from the inside."""
    while (widget := widget.parentWidget()) is not None:
        yield widget


def reached(root):
    """Controls that take the focus by the tab key, but parts of other controls."""
    for each in root.findChildren(QWidget):
        part = any(isinstance(owner, QAbstractSpinBox | QComboBox) for owner in owners(each))
        page = isinstance(each, QScrollArea)
        takes_tab = bool(each.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if takes_tab and not (part or page or each.focusProxy()):
            yield each


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


def press(qtbot, dock):
    """Click the button that runs a dock's work, or cancels it."""
    qtbot.mouseClick(dock.run_bar.button, Qt.MouseButton.LeftButton)
