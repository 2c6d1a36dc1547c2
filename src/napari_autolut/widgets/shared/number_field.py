"""A field for a real number, written and read in one way in every country.

Belongs here: the text of numbers. Numbers are shown with a point; a comma is understood as one, so
that what is typed as 0,25 or 0.25 is a quarter, whatever the system's language. A minus sign, as
pages and tables have it, is one.
"""

from __future__ import annotations

from qtpy.QtCore import QLocale
from qtpy.QtGui import QValidator
from qtpy.QtWidgets import QDoubleSpinBox


class NumberField(QDoubleSpinBox):
    """A spin box whose text is the number that it stands for.

    Parameters
    ----------
    decimals : int, default 9
        Digits behind the point at most; zeros that say nothing are left out.
    """

    def __init__(self, decimals: int = 9) -> None:
        super().__init__()
        self.setLocale(QLocale.c())
        self.setDecimals(decimals)

    def textFromValue(self, value: float) -> str:  # noqa: N802
        """Write 4095 and 0.25 as short as they are."""
        if abs(value) >= 1e9:
            return f"{value:.15g}"
        return (
            f"{value:.{self.decimals()}f}".rstrip("0").rstrip(".")
            if self.decimals()
            else str(round(value))
        )

    def valueFromText(self, text: str) -> float:  # noqa: N802
        """Read what was written or typed, as exactly as it will be shown; the suffix is no part."""
        return round(float(self._number(text)), self.decimals())

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

    def _number(self, text: str) -> str:
        """The text without prefix, suffix and spaces, with a point and a hyphen for minus."""
        bare = text.removeprefix(self.prefix()).removesuffix(self.suffix())
        return bare.strip().replace(",", ".").replace("\N{MINUS SIGN}", "-")
