"""The Upscale dock in a low window: the model's card gives way, so that every field is seen."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QScrollArea

from napari_autolut.widgets.upscale.dock import UpscaleWidget


@pytest.fixture
def dock(viewer, shown):
    """A dock that is seen."""
    return shown(UpscaleWidget(viewer))


def resize(qtbot, dock, height, *, folded):
    dock.resize(310, height)
    qtbot.waitUntil(lambda: dock.panel.card.isHidden() == folded)


@pytest.fixture
def enough(dock, qtbot):
    """The height at which everything has room."""
    resize(qtbot, dock, 2000, folded=False)
    area = dock.findChild(QScrollArea)
    return area.height() + dock.run_bar.parentWidget().height()


def scrolled(dock):
    return dock.findChild(QScrollArea).verticalScrollBar().maximum()


def test_the_card_gives_way(dock, qtbot, enough):
    resize(qtbot, dock, enough - 20, folded=True)
    qtbot.waitUntil(lambda: scrolled(dock) == 0)
    resize(qtbot, dock, 2000, folded=False)


def test_a_line_more_does_not_unfold_it_again(dock, qtbot, enough):
    resize(qtbot, dock, enough - 20, folded=True)
    dock.panel.card.show_model(LookupError("gone"))
    dock.summary.setText("A line")
    qtbot.wait(50)
    assert dock.panel.card.isHidden()


def test_what_the_user_unfolds_stays_so(dock, qtbot, enough):
    resize(qtbot, dock, enough - 20, folded=True)
    qtbot.mouseClick(dock.panel.about, Qt.MouseButton.LeftButton)
    resize(qtbot, dock, enough - 30, folded=False)
    qtbot.wait(50)
    assert not dock.panel.card.isHidden()
    assert dock.panel.about.arrowType() == Qt.ArrowType.DownArrow
