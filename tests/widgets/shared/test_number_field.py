"""Numbers as people write them: shown in one way, read with a point or a comma."""

import pytest
from qtpy.QtCore import QLocale, Qt
from qtpy.QtGui import QValidator

from napari_autolut.widgets.shared.number_field import NumberField, WholeNumberField

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


NUMBERS = [0.25, 0.95, -0.125, 1.5, 100.125, 4095, 2**32 - 1, 123456789.1, 1e-6, 7.63e-12, 0]


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_shown_is_what_is_read(field, number):
    field.setValue(number)
    assert float(field.text()) == number
    field.interpretText()
    assert field.value() == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0,25", 0.25),
        ("0.7", 0.7),
        ("-0,125", -0.125),
        ("12", 12),
        ("1e3", 1000),
        ("1,5E-2", 0.015),
        ("1.500,5", 1500.5),
        ("1,500.5", 1500.5),
        ("1 500,5", 1500.5),
        ("1'500.5", 1500.5),
    ],
)
def test_typed_either_way(qtbot, field, text, number):
    assert typed(qtbot, field, text) == pytest.approx(number)
    assert "," not in field.text()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("\N{MINUS SIGN}0,5", -0.5),
        ("\N{EN DASH}0.5", -0.5),
        ("1\N{NO-BREAK SPACE}500,5", 1500.5),
        ("1\N{NARROW NO-BREAK SPACE}500,5", 1500.5),
        ("1\N{RIGHT SINGLE QUOTATION MARK}500.5", 1500.5),
        ("\u0661\u066c\u0665\u0660\u0660\u066b\u0665", 1500.5),  # Arabic
        ("\u06f0\u066b\u06f2\u06f5", 0.25),  # Persian
        *((QLocale(each).toString(-2.5, "f", 1), -2.5) for each in ("ar_EG", "fa_IR", "he_IL")),
        ("\N{FULLWIDTH DIGIT ZERO}\N{FULLWIDTH FULL STOP}\N{FULLWIDTH DIGIT FIVE}", 0.5),
    ],
)
def test_marks_and_digits_of_pages_and_scripts(field, text, number):
    """As they are pasted."""
    field.selectAll()
    field.lineEdit().insert(text)
    field.interpretText()
    assert (field.value(), field.text()) == (number, f"{number:g}")


def test_what_is_no_number_cannot_be_typed(qtbot, field):
    field.setValue(3)
    for text in ("1,0,0", "1.5,5.5", "0.5,5", "1_000"):
        assert field.validate(text, 5)[0] == QValidator.State.Invalid
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


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7), ("1500", 1500), ("1.500", 1500), ("1,500", 1500), ("1 500", 1500),
        ("2000,0", 2000), ("1,6", 2), ("1.6", 2), ("1e3", 1000), ("0,125", 0),
        ("1234,5678", 1235),
    ],
)  # fmt: skip
@pytest.mark.parametrize("country", [*LOCALES, "ar_EG", "hi_IN"])
def test_whole_numbers_are_read_in_one_way_too(qtbot, country, text, number):
    before = QLocale()
    QLocale.setDefault(QLocale(country))
    try:
        field = WholeNumberField()
        field.setRange(0, 10**8)
        field.setSuffix(" ms")
        qtbot.addWidget(field)
        assert (typed(qtbot, field, text), field.text()) == (number, f"{number} ms")
    finally:
        QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234", 1000), ("1.234,5", 1000), ("1234,5", 1000), ("1e9", 1000), ("0,005", 0.01),
        ("0", 0.01), ("-3", 0.01), ("", 5), ("-", 5),
    ],
)  # fmt: skip
def test_what_is_out_of_range_becomes_the_nearest_number(qtbot, field, text, number):
    """Not 123, which was typed on the way, and not 5, which is 0,005 without its comma."""
    field.setRange(0.01, 1000)
    field.setValue(5)
    field.setSuffix(" px")
    assert typed(qtbot, field, text) == number
    assert field.text() == f"{number:g} px"
    field.lineEdit().setText("nan px")
    field.interpretText()
    assert field.value() == number


@pytest.mark.parametrize(("text", "number"), [("0,75", 1), ("0.5", 1), ("12000", 9999), ("", 5)])
def test_so_do_whole_numbers(qtbot, text, number):
    field = WholeNumberField()
    field.setRange(1, 9999)
    field.setSuffix(" minutes")
    field.setValue(5)
    qtbot.addWidget(field)
    assert typed(qtbot, field, text) == number
    assert field.text() == f"{number} minutes"
