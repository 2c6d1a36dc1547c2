"""What is copied from the lines of docks."""

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtGui import QClipboard, QContextMenuEvent
from qtpy.QtWidgets import QApplication, QMenu

from napari_autolut.widgets.batch.dock import BatchWidget
from napari_autolut.widgets.shared import RunBar, SelectableLabel, breakable
from napari_autolut.widgets.train.elements import text_label

PATH = "/data/nuclei/a_name_that_is_longer_than_a_dock_is_wide.tif"


def through_keys(label, qtbot):
    qtbot.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)


def through_menu(label, qtbot):
    middle = label.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle, label.mapToGlobal(middle))
    QApplication.sendEvent(label, event)
    (menu,) = label.findChildren(QMenu)
    copy = next(each for each in menu.actions() if "Copy" in each.text())
    assert copy.isEnabled()
    copy.trigger()
    menu.close()


@pytest.fixture
def label(qtbot):
    made = SelectableLabel(breakable(f"{PATH} saved\nin 2 s."))
    qtbot.addWidget(made)
    made.show()
    made.setFocus()
    return made


@pytest.mark.parametrize("copy", [through_keys, through_menu])
def test_a_path_is_copied_as_it_was_said(label, qtbot, copy):
    assert PATH not in label.text()
    label.setSelection(0, len(label.text()))
    copy(label, qtbot)
    assert QApplication.clipboard().text() == f"{PATH} saved\nin 2 s."


def test_nothing_selected_leaves_what_was_copied(label, qtbot):
    QApplication.clipboard().setText("kept")
    through_keys(label, qtbot)
    assert QApplication.clipboard().text() == "kept"


def test_what_the_mouse_selects_is_for_the_middle_button(label, qtbot):
    if not QApplication.clipboard().supportsSelection():
        pytest.skip("this system has no such button")
    left = Qt.MouseButton.LeftButton
    at = QPoint(label.fontMetrics().horizontalAdvance("/dat"), label.fontMetrics().height() // 2)
    qtbot.mouseDClick(label, left, pos=at)
    label.setSelection(0, len(label.text().split()[0]))
    qtbot.mouseRelease(label, left, pos=at)
    assert QApplication.clipboard().text(QClipboard.Mode.Selection) == PATH


def test_lines_that_name_files_can_be_selected(viewer, qtbot):
    bar, dock = RunBar(), BatchWidget(viewer)
    for each in (bar, dock):
        qtbot.addWidget(each)
    for each in (bar.status, dock.note, dock.found, text_label("a")):
        assert isinstance(each, SelectableLabel)
