"""The bar over the views of a comparison: how they are laid out, and the controls of each mode.

Belongs here: buttons, boxes and sliders, and the signals they give; no view is touched from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from superqt import QDoubleRangeSlider

from napari_autolut.comparison import LayerSnapshot
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.compare.export import SIZES
from napari_autolut.widgets.shared import number_text, range_text

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
    DIFFERENCE = ("&Difference", "What each view has more (red) or less (blue) (Alt+D)")


class CompareBar(QWidget):
    """Buttons for the modes, and the controls of the one that is chosen."""

    mode_changed = Signal(object)
    play_toggled = Signal(bool)
    interval_changed = Signal(int)
    next_pressed = Signal()
    reference_changed = Signal()
    gain_changed = Signal()
    contrast_changed = Signal(tuple)
    magnifier_toggled = Signal(bool)
    fit_pressed = Signal()
    export_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.buttons = {mode: self._mode_button(mode) for mode in Mode}
        self.buttons[Mode.BESIDE].setChecked(True)
        self._group.buttonClicked.connect(self._on_mode)
        self._make_blink_controls()
        self._make_difference_controls()
        self.contrast_name, self.contrast = QLabel("C&ontrast"), QDoubleRangeSlider()
        self.contrast.setOrientation(Qt.Orientation.Horizontal)
        self.contrast.setToolTip("Contrast limits of all grey views")
        self.contrast_name.setBuddy(self.contrast)
        self.contrast_text = QLabel()
        self.region_text = QLabel()
        self.region_text.setToolTip(
            "What is computed of this large image; it follows as you look around. Tick Whole image "
            "in the dock to compute all of it"
        )
        self.contrast.valueChanged.connect(self._on_contrast)
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
        self.export_size = QComboBox()
        self.export_size.setAccessibleName("Size of the export")
        self.export_size.setToolTip("How large the picture of an export is")
        for row, (text, factor, tip) in enumerate(SIZES):
            self.export_size.addItem(text, factor)
            self.export_size.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
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
        return max(0, self.reference_box.currentIndex())

    def offer(self, names: Sequence[str], reference: int) -> None:
        """Name the views that there are, and the one to start from as reference."""
        before = self.reference_box.currentText()
        with QSignalBlocker(self.reference_box):
            self.reference_box.clear()
            self.reference_box.addItems(list(names))
            again = self.reference_box.findText(before) if before else -1
            self.reference_box.setCurrentIndex(again if again >= 0 else reference)

    def offer_contrast(
        self, limits: tuple[float, float] | None, span: tuple[float, float] = (0, 1)
    ) -> None:
        """Show the limits of grey views within all that they may be; None for colours."""
        for widget in (self.contrast_name, self.contrast, self.contrast_text):
            widget.setVisible(limits is not None)
        if limits is not None:
            with QSignalBlocker(self.contrast):
                self.contrast.setRange(*span)
                self.contrast.setSingleStep((span[1] - span[0]) / 256)
                self.contrast.setValue(limits)
            self._show_contrast(limits)

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
        self.interval = QSpinBox()
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

    def _lay_out(self) -> None:
        self._controls: dict[Mode, list[QWidget]] = {
            Mode.BLINK: [self.play, self.next, self.interval],
            Mode.DIFFERENCE: [
                *(self.reference_name, self.reference_box),
                *(self.gain_name, self.gain_slider, self.gain_text),
            ],
        }
        modes = QHBoxLayout()
        modes.setSpacing(2)
        for button in self.buttons.values():
            modes.addWidget(button)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(modes)
        row.addSpacing(12)
        for widgets in self._controls.values():
            for widget in widgets:
                row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.region_text)
        row.addWidget(self.magnifier)
        row.addWidget(self.fit)
        row.addWidget(self.export)
        row.addWidget(self.export_size)
        limits = QHBoxLayout()
        limits.setSpacing(8)
        limits.addWidget(self.contrast_name)
        limits.addWidget(self.contrast, 1)
        limits.addWidget(self.contrast_text)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addLayout(limits)

    def _on_mode(self) -> None:
        self._show_controls()
        self.mode_changed.emit(self.mode)

    def _on_contrast(self, limits: tuple[float, float]) -> None:
        self._show_contrast(limits)
        self.contrast_changed.emit(limits)

    def _show_contrast(self, limits: tuple[float, float]) -> None:
        self.contrast_text.setText(range_text(*limits))

    def _show_controls(self) -> None:
        for mode, widgets in self._controls.items():
            for widget in widgets:
                widget.setVisible(mode is self.mode)
        self.contrast.setEnabled(self.mode is not Mode.DIFFERENCE)


def _button(text: str, tip: str, pressed: Signal) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda: pressed.emit())
    return button
