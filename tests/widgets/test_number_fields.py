"""Numbers in the fields of all docks, typed by people who write 1,5 and by those who write 1.5."""

import re
from pathlib import Path

import numpy as np
import pytest
from qtpy.QtCore import QLocale, Qt
from qtpy.QtWidgets import QAbstractSpinBox, QSpinBox

import napari_autolut
from napari_autolut.widgets.batch.dock import BatchWidget
from napari_autolut.widgets.compare.bar import CompareBar
from napari_autolut.widgets.denoise.dock import DenoiseWidget
from napari_autolut.widgets.isotropic.dock import IsotropicWidget
from napari_autolut.widgets.upscale.dock import UpscaleWidget


@pytest.fixture(params=["de_DE", "fr_FR", "tr_TR", "ar_EG", "hi_IN", "sv_SE"])
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
            field.setRange(0, 9999)
            for text, number in (("7", 7), ("1500", 1500), ("2000,0", 2000), ("1.500", 1500)):
                assert typed(qtbot, field, text) == (number, str(number)), field.accessibleName()
            continue
        field.setEnabled(True)
        field.setRange(0, 1e4)
        for text in ("1,5", "1.5", "0,25", "1234,5", "2"):
            number = round(float(text.replace(",", ".")), field.decimals())
            assert typed(qtbot, field, text) == (number, f"{number:g}"), field.accessibleName()


@pytest.mark.usefixtures("_country")
@pytest.mark.parametrize("kind", [UpscaleWidget, DenoiseWidget, IsotropicWidget, BatchWidget])
def test_a_number_is_the_same_in_every_country(viewer, qtbot, wait_for_threads, kind):
    viewer.add_image(np.zeros((4, 16, 16), np.uint16), name="stack")
    dock = kind(viewer)
    qtbot.addWidget(dock)
    check(qtbot, dock)
    wait_for_threads()


@pytest.mark.usefixtures("_country")
def test_so_it_is_in_the_train_dock(qtbot, train_dock):
    check(qtbot, train_dock)


@pytest.mark.usefixtures("_country")
def test_so_it_is_in_the_window_of_comparisons(qtbot):
    bar = CompareBar()
    qtbot.addWidget(bar)
    check(qtbot, bar)


def test_no_field_has_a_text_of_its_own():
    """Qt's own spin boxes write and read as the system's country does."""
    kinds = set()
    for source in Path(napari_autolut.__file__).parent.glob("widgets/**/*.py"):
        if source.name != "number_field.py":
            kinds |= set(
                re.findall(r"Q(?:Double)?SpinBox|Q\w+Validator", source.read_text("utf-8"))
            )
    assert not kinds
