"""The choice of a value range."""

import pytest
from qtpy.QtCore import Qt

from napari_autolut.widgets.shared.value_range import CHOICES, ValueRangePicker


@pytest.fixture
def picker(qtbot):
    widget = ValueRangePicker(lambda: (12.5, 4095.0))
    qtbot.addWidget(widget)
    return widget


@pytest.mark.parametrize(
    ("label", "value_range"),
    [
        ("Automatic", None),
        ("Data type", "dtype"),
        ("Minimum to maximum", "data"),
        ("Contrast limits", "contrast"),
        ("Custom", (12.5, 4095.0)),
    ],
)
def test_choices_are_what_upscale_takes(picker, label, value_range):
    picker.choice.setCurrentIndex(picker.choice.findText(label))
    assert picker.value_range == value_range
    assert picker.low.isHidden() is False
    assert picker.low.isVisibleTo(picker) is (label == "Custom")


def test_numbers_of_ones_own_survive_a_look_at_other_choices(picker, qtbot):
    picker.choice.setCurrentIndex(picker.choice.findText("Custom"))
    with qtbot.waitSignal(picker.range_changed):
        picker.low.setValue(-3)
    picker.choice.setCurrentIndex(0)
    picker.choice.setCurrentIndex(picker.choice.findText("Custom"))
    assert picker.value_range == (-3, 4095)


def test_limits_that_are_no_range_are_refused_at_once(picker):
    picker.choose((10, 20))
    assert picker.problem.isHidden()
    picker.low.setValue(20)
    assert not picker.problem.isHidden()
    assert picker.problem.text() == "The lower limit must be below the upper."
    picker.choice.setCurrentIndex(0)
    assert picker.problem.isHidden()
    picker.choose((20, 10))
    assert not picker.problem.isHidden()
    picker.high.setValue(21)
    assert picker.problem.isHidden()


def test_every_choice_explains_itself(picker):
    rows = range(picker.choice.count())
    tips = [picker.choice.itemData(row, Qt.ItemDataRole.ToolTipRole) for row in rows]
    assert tips == [tip for _, _, tip in CHOICES]


def test_numbers_are_written_without_needless_zeros(picker):
    picker.choice.setCurrentIndex(picker.choice.findText("Custom"))
    assert (picker.low.text(), picker.high.text()) == ("12.5", "4095")
