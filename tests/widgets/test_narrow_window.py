"""Docks in a window of 1,024 x 700 pixels with large letters: all is in reach."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QCheckBox, QComboBox, QScrollArea

from napari_autolut.widgets.batch.dock import BatchWidget
from napari_autolut.widgets.compare.dock import CompareWidget
from napari_autolut.widgets.denoise.dock import DenoiseWidget
from napari_autolut.widgets.isotropic.dock import IsotropicWidget
from napari_autolut.widgets.shared.form import NARROW
from napari_autolut.widgets.train.dock import TrainWidget
from napari_autolut.widgets.upscale.dock import UpscaleWidget

WIDTH, HEIGHT = 290, 600
"""What napari leaves a dock in such a window."""

LARGE = """
* { font-size: 14pt; }
QComboBox { padding: 3px 10px 3px 8px; }
QAbstractSpinBox { min-width: 70px; padding: 1px 10px; }
QAbstractSpinBox::up-button { subcontrol-position: center right; width: 20px; }
QAbstractSpinBox::down-button { subcontrol-position: center left; width: 20px; }
"""
"""Letters as large as people set them, and boxes and fields for numbers as in napari's themes."""

USUAL = "11pt"
"""At which labels are as long as in napari."""

DOCKS = (
    BatchWidget,
    CompareWidget,
    DenoiseWidget,
    IsotropicWidget,
    TrainWidget,
    UpscaleWidget,
)


@pytest.fixture(params=DOCKS, ids=lambda kind: kind.__name__)
def dock(request, viewer, shown):
    """Each of the docks in turn, for a stack with a long name."""
    stack = np.zeros((4, 64, 64), "uint16")
    viewer.add_image(stack, name="2026-11-03_plate-07_well-B12_field-003_C1-DAPI_deconvolved")
    made = request.param(viewer)
    made.setStyleSheet(LARGE)
    return shown(made)


def test_it_fits_beside_the_canvas(dock, qtbot):
    dock.resize(WIDTH, HEIGHT)
    qtbot.waitUntil(lambda: (dock.width(), dock.height()) == (WIDTH, HEIGHT))


def test_nothing_is_scrolled_sideways(dock, qtbot):
    dock.resize(WIDTH, HEIGHT)
    areas = [each for each in dock.findChildren(QScrollArea) if each.isVisible()]
    assert areas
    qtbot.waitUntil(lambda: all(each.horizontalScrollBar().maximum() == 0 for each in areas))


def test_the_box_of_images_needs_no_more_room_than_others(viewer, shown):
    dock = shown(UpscaleWidget(viewer))
    dock.setStyleSheet(LARGE)
    needed = [each.minimumSizeHint().width() for each in (dock.layers, dock.value_range.choice)]
    assert needed[0] == needed[1]


def test_a_path_has_room_for_some_letters(viewer, shown, qtbot):
    dock = shown(BatchWidget(viewer))
    dock.setStyleSheet(LARGE)
    dock.resize(WIDTH, HEIGHT)
    line = dock.source.line
    letters = 10 * line.fontMetrics().averageCharWidth()
    qtbot.waitUntil(lambda: dock.width() == WIDTH and line.width() >= letters)


def test_numbers_keep_their_units(viewer, shown, qtbot):
    dock = shown(IsotropicWidget(viewer))
    viewer.add_image(np.zeros((4, 64, 64), "uint16"), scale=(2, 0.325, 0.325))
    dock.blur.choice.setCurrentIndex(dock.blur.choice.findText("Gaussian"))
    dock.setStyleSheet(LARGE)
    dock.resize(WIDTH, HEIGHT)
    area = dock.findChild(QScrollArea)
    qtbot.waitUntil(lambda: area.widget().width() <= dock.width() == WIDTH)
    qtbot.wait(1)
    assert dock.factor.text() == "6.154 px"
    for field in (dock.factor, dock.blur.sigma):
        assert field.fontMetrics().horizontalAdvance(field.text()) <= field.lineEdit().width()
    assert area.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("kind", [CompareWidget, IsotropicWidget])
def test_fields_lie_beside_their_labels_in_the_narrowest_dock(kind, viewer, shown, qtbot):
    viewer.add_image(np.zeros((2, 4, 64, 64), "uint16"), scale=(1, 2, 1, 1))
    dock = shown(kind(viewer))
    dock.setStyleSheet(LARGE.replace("14pt", USUAL))
    dock.resize(NARROW, HEIGHT)
    form = dock.findChild(QScrollArea).widget().layout()
    fields = [each for each in dock.findChildren(QComboBox) if form.labelForField(each)]
    assert len(fields) > 1
    qtbot.waitUntil(lambda: dock.width() == NARROW)
    qtbot.wait(1)
    for field in filter(QComboBox.isVisible, fields):
        assert field.x() > form.labelForField(field).geometry().right()


def test_where_there_is_room_fields_lie_beside_their_labels(viewer, shown, qtbot):
    dock = shown(UpscaleWidget(viewer))
    dock.resize(dock.sizeHint())
    label = dock.findChild(QScrollArea).widget().layout().labelForField(dock.layers)
    qtbot.waitUntil(lambda: dock.layers.x() > label.geometry().right())


def test_boxes_to_tick_lie_below_each_other(dock, qtbot):
    """However long their texts are: a short one beside an empty label would be indented alone."""
    dock.resize(WIDTH, HEIGHT)
    qtbot.waitUntil(lambda: dock.width() == WIDTH)
    qtbot.wait(1)
    page = dock.findChild(QScrollArea).widget()
    boxes = [each for each in page.findChildren(QCheckBox) if each.isVisible()]
    assert len({each.mapTo(page, QPoint(0, 0)).x() for each in boxes}) <= 1
