"""The bar over the views of a comparison: how they are laid out, and the controls of each mode.

Belongs here: buttons, boxes and sliders, and the signals they give; no view is touched from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.comparison import LayerSnapshot
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.compare.contrast import ContrastRow
from napari_autolut.widgets.compare.export import SIZES
from napari_autolut.widgets.shared import choice_box, number_text
from napari_autolut.widgets.shared.number_field import WholeNumberField

INTERVAL_MS = 700
MIN_INTERVAL_MS, MAX_INTERVAL_MS = 200, 5000
"""Time that a view is seen while blinking; nothing on a screen should flash faster than that."""

GAINS = [2.0**power for power in range(9)]
FIRST_GAIN = 1


class Mode(Enum):
    """How views are laid out: text of the button, and what it does."""

    BESIDE = ("&Side by side", "Every view in a place of its own; they move together (Alt+S)")
    CURTAIN = ("&Curtain", "All views in one place, in lanes whose borders can be dragged (Alt+C)")
    BLINK = ("&Blink", "One view after the other in the same place (Alt+B)")
    DIFFERENCE = ("&Difference", "What each view has more (orange) or less (blue) (Alt+D)")


class CompareBar(QWidget):
    """Buttons for the modes, and the controls of the one that is chosen."""

    mode_changed = Signal(object)
    play_toggled = Signal(bool)
    interval_changed = Signal(int)
    next_pressed = Signal()
    reference_changed = Signal()
    gain_changed = Signal()
    contrast_changed = Signal()
    magnifier_toggled = Signal(bool)
    fit_pressed = Signal()
    export_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.buttons = {mode: self._mode_button(mode) for mode in Mode}
        self.buttons[Mode.BESIDE].setChecked(True)
        self._group.buttonClicked.connect(self._on_mode)
        self._make_blink_controls()
        self._make_difference_controls()
        self.contrast = ContrastRow()
        self.region_text = QLabel()
        self.region_text.setToolTip(
            "What is computed of this large image; it follows as you look around. Tick Whole image "
            "in the dock to compute all of it"
        )
        self.contrast.changed.connect(self.contrast_changed)
        self.magnifier = QPushButton("&Magnifier")
        self.magnifier.setCheckable(True)
        self.magnifier.setToolTip(
            f"Show the same 64 {TIMES} 64 pixels of all views, around the mouse, one by one (M)"
        )
        self.magnifier.toggled.connect(self.magnifier_toggled)
        self.fit = _button("&Fit", "Show the whole image (F)", self.fit_pressed)
        self.export = _button(
            "E&xport…", "Write what is seen, with names and scale bar, as PNG", self.export_pressed
        )
        self.export_size = choice_box(SIZES)
        self.export_size.setAccessibleName("Size of the export")
        self.export_size.setToolTip("How large the picture of an export is")
        self._lay_out()
        self._show_controls()

    @property
    def mode(self) -> Mode:
        """The mode that is chosen."""
        return next(mode for mode, button in self.buttons.items() if button.isChecked())

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self.buttons[mode].click()

    @property
    def gain(self) -> float:
        """How much differences are amplified."""
        return GAINS[self.gain_slider.value()]

    @property
    def reference(self) -> int:
        """Which view the others are compared with."""
        return self.reference_box.currentData() or 0

    def offer(self, names: Mapping[int, str], reference: int) -> None:
        """Name the views that can be the reference by their numbers, and the one to start from."""
        before = self.reference_box.currentText()
        with QSignalBlocker(self.reference_box):
            self.reference_box.clear()
            for number, name in names.items():
                self.reference_box.addItem(name, number)
            again = self.reference_box.findText(before) if before else -1
            first = self.reference_box.findData(reference)
            self.reference_box.setCurrentIndex(again if again >= 0 else max(0, first))

    def show_region(self, source: LayerSnapshot) -> None:
        """Say how much of an image is computed, where that is not all."""
        box, (rows, columns) = source.box, source.size
        region = f"{box.right - box.left} {TIMES} {box.bottom - box.top}"
        self.region_text.setText(f"{region} of {columns} {TIMES} {rows} px")
        self.region_text.setVisible(source.region is not None)

    def show_limit(self, limit: float) -> None:
        """Say what difference the ends of the colours stand for."""
        self.gain_text.setText(f"{TIMES}{self.gain:g}: ±{number_text(limit)}")

    def _mode_button(self, mode: Mode) -> QPushButton:
        text, tip = mode.value
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        self._group.addButton(button)
        return button

    def _make_blink_controls(self) -> None:
        self.play = QPushButton("&Play")
        self.play.setCheckable(True)
        self.play.setToolTip("Show one view after the other by itself (Alt+P)")
        self.play.toggled.connect(self.play_toggled)
        self.next = _button(
            "&Next", "Show the next view (N); 1 to 4 show one by its number", self.next_pressed
        )
        self.interval = WholeNumberField()
        self.interval.setRange(MIN_INTERVAL_MS, MAX_INTERVAL_MS)
        self.interval.setSingleStep(100)
        self.interval.setValue(INTERVAL_MS)
        self.interval.setSuffix(" ms")
        self.interval.setToolTip("How long each view is seen")
        self.interval.setAccessibleName("Time for each view")
        self.interval.valueChanged.connect(self.interval_changed)

    def _make_difference_controls(self) -> None:
        self.reference_name, self.reference_box = QLabel("&Against"), QComboBox()
        self.reference_box.setToolTip("The view that is subtracted from the others")
        self.reference_name.setBuddy(self.reference_box)
        self.reference_box.currentIndexChanged.connect(self.reference_changed)
        self.gain_name, self.gain_slider = QLabel("&Gain"), QSlider(Qt.Orientation.Horizontal)
        self.gain_slider.setRange(0, len(GAINS) - 1)
        self.gain_slider.setValue(FIRST_GAIN)
        self.gain_slider.setMinimumWidth(90)
        self.gain_slider.setToolTip("Amplify differences; the ends of the colours stand for less")
        self.gain_name.setBuddy(self.gain_slider)
        self.gain_slider.valueChanged.connect(self.gain_changed)
        self.gain_text = QLabel()
        self.gain_text.setToolTip("Difference in pixel values that the ends of the colours show")
        self._difference = QWidget()
        row = QHBoxLayout(self._difference)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.reference_name)
        row.addWidget(self.reference_box)
        row.addWidget(self.gain_name)
        row.addWidget(self.gain_slider, 1)
        row.addWidget(self.gain_text)

    def _lay_out(self) -> None:
        self._of_blink = (self.play, self.next, self.interval)
        modes = QHBoxLayout()
        modes.setSpacing(2)
        for button in self.buttons.values():
            modes.addWidget(button)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(modes)
        row.addSpacing(12)
        for widget in self._of_blink:
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.region_text)
        row.addWidget(self.magnifier)
        row.addWidget(self.fit)
        row.addWidget(self.export)
        row.addWidget(self.export_size)
        self._below = QStackedWidget()  # as high as the higher of both: views stay where they are
        self._below.addWidget(self.contrast)
        self._below.addWidget(self._difference)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self._below)

    def _on_mode(self) -> None:
        self._show_controls()
        self.mode_changed.emit(self.mode)

    def _show_controls(self) -> None:
        for widget in self._of_blink:
            widget.setVisible(self.mode is Mode.BLINK)
        differs = self.mode is Mode.DIFFERENCE
        self._below.setCurrentWidget(self._difference if differs else self.contrast)


def _button(text: str, tip: str, pressed: Signal) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda: pressed.emit())
    return button
