"""Which values of a layer a model sees as black and white.

Belongs here: the choice. What a range means for pixels is ``arrays.value_range``.
"""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_autolut.preferences import preferences
from napari_autolut.widgets.shared.form import choice_box, wrapped_label
from napari_autolut.widgets.shared.number_field import NumberField

CUSTOM = "custom"
CHOICES: tuple[tuple[str, str | None, str], ...] = (
    (
        "Automatic",
        None,
        "8-bit images: all their values; others: nearly all values of a sample of the whole image, "
        "all but 0.1 % at either end, so that hot pixels do not count",
    ),
    ("Data type", "dtype", "All values that the image's data type can hold"),
    ("Minimum to maximum", "data", "The values that occur in the image, read in full once"),
    (
        "Contrast limits",
        "contrast",
        "The contrast limits of the layer; values outside are kept, not cut off",
    ),
    ("Custom", CUSTOM, "Two values of your choice; values outside are kept, not cut off"),
)


class ValueRangePicker(QWidget):
    """A choice of ranges, and two numbers where the user sets them.

    Parameters
    ----------
    suggest : callable
        Gives the two numbers to start from when the custom range is first asked for.
    """

    range_changed = Signal()

    def __init__(self, suggest: Callable[[], tuple[float, float]]) -> None:
        super().__init__()
        self._suggest = suggest
        self.choice = choice_box(CHOICES)
        self.choice.setCurrentIndex(self.choice.findData(preferences().value_range))
        self.low, self.high = _limit("Lower limit"), _limit("Upper limit")
        self._limits = QWidget()
        row_layout = QHBoxLayout(self._limits)
        row_layout.setContentsMargins(0, 0, 0, 0)
        row_layout.addWidget(self.low, 1)
        row_layout.addWidget(QLabel("to"))
        row_layout.addWidget(self.high, 1)
        self._limits.hide()
        self.problem = wrapped_label()
        self.problem.setText("The lower limit must be below the upper.")
        self.problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.choice)
        layout.addWidget(self._limits)
        layout.addWidget(self.problem)
        self.setFocusProxy(self.choice)
        self.choice.currentIndexChanged.connect(self._show_limits)
        for box in (self.low, self.high):
            box.valueChanged.connect(self._on_limit)

    @property
    def value_range(self) -> str | tuple[float, float] | None:
        """The choice as ``napari_autolut.upscale`` takes it."""
        key: str | None = self.choice.currentData()
        return (self.low.value(), self.high.value()) if key == CUSTOM else key

    def choose(self, value_range: str | tuple[float, float] | None) -> None:
        """Set a range as `value_range` gives it."""
        if value_range is None or isinstance(value_range, str):
            self.choice.setCurrentIndex(self.choice.findData(value_range))
            return
        self.low.setValue(value_range[0])
        self.high.setValue(value_range[1])
        self.choice.setCurrentIndex(self.choice.findData(CUSTOM))

    def _show_limits(self) -> None:
        custom = self.choice.currentData() == CUSTOM
        if custom and self.low.value() == self.high.value():
            low, high = self._suggest()
            self.low.setValue(low)
            self.high.setValue(high)
        self._limits.setVisible(custom)
        self._on_limit()

    def _on_limit(self, _value: float = 0.0) -> None:
        """Refuse at once, not when something is run, what is no range."""
        custom = self.choice.currentData() == CUSTOM
        self.problem.setVisible(custom and self.low.value() >= self.high.value())
        self.range_changed.emit()


def _limit(name: str) -> NumberField:
    field = NumberField()
    field.setButtonSymbols(NumberField.ButtonSymbols.NoButtons)
    field.setRange(-1e18, 1e18)
    field.setAccessibleName(name)
    field.setToolTip(name)
    field.setMinimumWidth(60)
    return field
