"""Fields for numbers, written and read in one way in every country.

Belongs here: the text of numbers. Numbers are shown with a point and without groups. A comma is
understood as a point: what is typed as 0,25 or 0.25 is a quarter, whatever the system's language.
The minus sign of pages and tables is understood, and so are digits and marks of other scripts.
Groups of thousands are where it is clear that they are some.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QEvent, QLocale, QSize
from qtpy.QtGui import QValidator
from qtpy.QtWidgets import QDoubleSpinBox, QSpinBox

MARKS = str.maketrans({
    "\N{MINUS SIGN}": "-", "\N{EN DASH}": "-",
    "\N{ARABIC DECIMAL SEPARATOR}": ".", "\N{ARABIC THOUSANDS SEPARATOR}": None,
    "'": None, "\N{RIGHT SINGLE QUOTATION MARK}": None, "_": "?",
})  # fmt: skip
"""Marks of numbers on pages and in tables; what only Python takes for one is none."""

ALL_DECIMALS = 323
"""Qt has no more; numbers are rounded to so many, which changes none."""

RESTYLED = (QEvent.Type.Polish, QEvent.Type.StyleChange, QEvent.Type.FontChange)
"""After these a field may have other letters, and the width that a theme sets."""

GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3}|,\d{3})+")
"""A number with groups of thousands, where its decimals are known to come after it."""


def plain_number(text: str, *, whole: bool = False) -> str:
    """Spell a number that somebody typed as Python does.

    Parameters
    ----------
    text : str
        With a point or a comma for decimals. Where there are both, the last one is the point.
    whole : bool, default False
        Whether there are no decimals, so that three digits after a point or comma are a group.

    Returns
    -------
    str
        Without spaces, groups, and the marks of direction that Arabic, Persian and Hebrew numbers
        have before a sign; what is no number stays none.

    Examples
    --------
    >>> [plain_number(text) for text in ("0,25", "1.500,5", "1 500", "1.500")]
    ['0.25', '1500.5', '1500', '1.500']
    >>> plain_number("1.500", whole=True)
    '1500'
    """
    text = "".join(each for each in text if unicodedata.category(each) != "Cf")
    text = "".join(unicodedata.normalize("NFKC", text).translate(MARKS).split())
    if whole and GROUPS.fullmatch(text):
        return re.sub("[.,]", "", text)
    last = max(text.rfind("."), text.rfind(","))
    before, point = text[:last], text[last : last + 1]
    if last > 0 and point not in before and GROUPS.fullmatch(before):
        text = re.sub("[.,]", "", before) + text[last:]
    return text.replace(",", ".")


class _NumberText:
    """The text of a spin box that is a number, in one form everywhere."""

    whole = False
    minimum: Callable[[], float]
    maximum: Callable[[], float]
    prefix: Callable[[], str]
    suffix: Callable[[], str]
    value: Callable[[], Any]
    textFromValue: Callable[[Any], str]  # noqa: N815
    bounded = True
    """Whether the longest text is short enough to have room for it always."""

    def event(self, event: QEvent) -> bool:
        """Keep the width that the longest number needs, whatever width a theme sets."""
        done: bool = super().event(event)  # type: ignore[misc]
        if event.type() in RESTYLED and self.bounded:
            self.setMinimumWidth(self.minimumSizeHint().width())  # type: ignore[attr-defined]
        return done

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept a number in the range, with a point or a comma."""
        number = self._number(text)
        if number in ("", "+", "-", ".", "-.", "+."):
            return QValidator.State.Intermediate, text, position
        try:
            value = float(number)
        except ValueError:
            partial = number.lower().rstrip("+-").endswith("e")
            state = QValidator.State.Intermediate if partial else QValidator.State.Invalid
            return state, text, position
        inside = self.minimum() <= value <= self.maximum()
        state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return state, text, position

    def fixup(self, text: str) -> str:
        """Take the nearest number in the range; Qt takes half of what was typed, or 0,75 for 75."""
        try:
            number = float(self._number(text))
        except ValueError:
            number = math.nan
        known = self.value() if math.isnan(number) else number
        inside = min(max(known, self.minimum()), self.maximum())
        nearest = round(inside) if self.whole else inside
        return self.prefix() + self.textFromValue(nearest) + self.suffix()

    def _number(self, text: str) -> str:
        """The number as Python writes it; prefix and suffix are no part of it."""
        bare = text.removeprefix(self.prefix()).removesuffix(self.suffix())
        return plain_number(bare.strip().removesuffix(self.suffix().strip()), whole=self.whole)


class NumberField(_NumberText, QDoubleSpinBox):
    """A spin box whose text is the number that it stands for.

    Parameters
    ----------
    decimals : int, optional
        Digits behind the point at most; zeros that say nothing are left out. By default as many as
        numbers of any size need: intensities may be of thousands, or thousandths.
    """

    def __init__(self, decimals: int | None = None) -> None:
        super().__init__()
        self.setLocale(QLocale.c())
        self.bounded = decimals is not None
        self.setDecimals(ALL_DECIMALS if decimals is None else decimals)

    def textFromValue(self, value: float) -> str:  # noqa: N802
        """Write 4095 and 0.25 as short as they are."""
        return f"{round(value, self.decimals()):.15g}"

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for each number that can be chosen, and its unit."""
        return super().sizeHint() + self._room_for_decimals()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The same."""
        return super().minimumSizeHint() + self._room_for_decimals()

    def _room_for_decimals(self) -> QSize:
        """What Qt lacks, which asks for the ends of the range: 1 and 10 are shorter than 9.75."""
        step = 10.0 ** -self.decimals()
        ends, within = (
            max(self.fontMetrics().horizontalAdvance(self.textFromValue(each)) for each in pair)
            for pair in (
                (self.minimum(), self.maximum()),
                (self.minimum() + step, self.maximum() - step),
            )
        )
        return QSize(max(0, within - ends), 0)

    def valueFromText(self, text: str) -> float:  # noqa: N802
        """Read what was written or typed, as exactly as it will be shown; the suffix is no part."""
        return round(float(self._number(text)), self.decimals())


class WholeNumberField(_NumberText, QSpinBox):
    """A spin box for whole numbers; decimals that somebody types are rounded, and shown so."""

    whole = True

    def __init__(self) -> None:
        super().__init__()
        self.setLocale(QLocale.c())

    def textFromValue(self, value: int) -> str:  # noqa: N802
        """Write 100000 without groups, in the digits of all other fields."""
        return str(value)

    def valueFromText(self, text: str) -> int:  # noqa: N802
        """Read what was written or typed."""
        return round(float(self._number(text)))
