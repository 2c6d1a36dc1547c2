"""Numbers in the fields of all docks, typed by people who write 1,5 and by those who write 1.5."""

import numpy as np
import pytest
from qtpy.QtCore import QLocale, Qt
from qtpy.QtWidgets import QAbstractSpinBox, QSpinBox

from napari_autolut.widgets.denoise.dock import DenoiseWidget
from napari_autolut.widgets.isotropic.dock import IsotropicWidget
from napari_autolut.widgets.upscale.dock import UpscaleWidget


@pytest.fixture(params=["de_DE", "fr_FR", "tr_TR"])
def _country(request):
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield
    QLocale.setDefault(before)


def typed(qtbot, field, text):
    """What a field holds and shows after a number was typed in place of another, with Return."""
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    return field.value(), field.cleanText()


def check(qtbot, dock):
    fields = dock.findChildren(QAbstractSpinBox)
    assert fields
    for field in fields:
        if isinstance(field, QSpinBox):
            assert typed(qtbot, field, "7") == (7, "7")
            continue
        field.setEnabled(True)
        field.setRange(0, 1e4)
        for text in ("1,5", "1.5", "0,25", "1234,5", "2"):
            number = round(float(text.replace(",", ".")), field.decimals())
            assert typed(qtbot, field, text) == (number, f"{number:g}"), field.accessibleName()


@pytest.mark.usefixtures("_country")
@pytest.mark.parametrize("kind", [UpscaleWidget, DenoiseWidget, IsotropicWidget])
def test_a_number_is_the_same_in_every_country(viewer, qtbot, wait_for_threads, kind):
    viewer.add_image(np.zeros((4, 16, 16), np.uint16), name="stack")
    dock = kind(viewer)
    qtbot.addWidget(dock)
    check(qtbot, dock)
    wait_for_threads()


@pytest.mark.usefixtures("_country")
def test_so_it_is_in_the_train_dock(qtbot, train_dock):
    check(qtbot, train_dock)
