"""Numbers as people write them: shown in one way, read with a point or a comma."""

import pytest
from qtpy.QtCore import QLocale, Qt
from qtpy.QtGui import QValidator

from napari_autolut.widgets.shared.number_field import NumberField

LOCALES = ("de_DE", "fr_FR", "it_IT", "pt_BR", "tr_TR", "en_US")


@pytest.fixture(params=LOCALES)
def field(request, qtbot):
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    field = NumberField()
    field.setRange(-1e10, 1e10)
    qtbot.addWidget(field)
    yield field
    QLocale.setDefault(before)


def typed(qtbot, field, text):
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    return field.value()


@pytest.mark.parametrize("number", [0.25, 0.95, -0.125, 1.5, 100.125, 4095, 2**32 - 1, 1e-6, 0])
def test_what_is_shown_is_what_is_read(field, number):
    field.setValue(number)
    assert float(field.text()) == number
    field.interpretText()
    assert field.value() == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("0,25", 0.25), ("0.7", 0.7), ("-0,125", -0.125), ("12", 12), ("1e3", 1000)],
)
def test_typed_either_way(qtbot, field, text, number):
    assert typed(qtbot, field, text) == pytest.approx(number)
    assert "," not in field.text()


def test_a_minus_sign_of_a_page_is_understood(field):
    text = "\N{MINUS SIGN}0,5"
    assert field.validate(text, 4)[0] == QValidator.State.Acceptable
    assert field.valueFromText(text) == -0.5


def test_what_is_no_number_cannot_be_typed(qtbot, field):
    field.setValue(3)
    assert field.validate("1,0,0", 5)[0] == QValidator.State.Invalid
    assert field.validate("abc", 3)[0] == QValidator.State.Invalid
    assert typed(qtbot, field, "x7y") == 7


def test_a_suffix_does_not_count(qtbot, field):
    field.setSuffix(" px")
    field.setDecimals(1)
    field.setValue(2.5)
    assert field.text() == "2.5 px"
    field.interpretText()
    assert field.value() == 2.5


@pytest.mark.parametrize(("text", "number"), [("2,55", 2.5), ("2.56", 2.6), ("0.04", 0.0)])
def test_what_is_used_has_no_more_digits_than_what_is_shown(qtbot, field, text, number):
    field.setDecimals(1)
    assert typed(qtbot, field, text) == number == float(field.text())
