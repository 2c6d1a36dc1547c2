"""How thorough and how long: three choices in words, with what can be expected of them."""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QSpinBox, QVBoxLayout, QWidget

from napari_autolut.training.choices import PRESETS, Preset
from napari_autolut.widgets.shared.text import size_text
from napari_autolut.widgets.train.parts import words

MOST_MINUTES = 24 * 60
NOISY_MINUTES = 2
"""How long the denoiser learns from noisy images."""


class PresetChoice(QWidget):
    """Light, standard or thorough, and the minutes that go with it until they are set by hand."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._set_by_hand = False
        self._scale = 2
        self.buttons = [QRadioButton(preset.title) for preset in PRESETS]
        self._group = QButtonGroup(self)
        self.words = words(quiet=True)
        self.minutes = QSpinBox()
        self.minutes.setRange(1, MOST_MINUTES)
        self.minutes.setSuffix(" minutes")
        self.minutes.setToolTip(
            "How long to train; it can be stopped earlier, and what it has learned is kept"
        )
        self.minutes.setAccessibleName("Minutes of training")
        choices = QHBoxLayout()
        for number, radio in enumerate(self.buttons):
            radio.setToolTip(PRESETS[number].words)
            self._group.addButton(radio, number)
            choices.addWidget(radio)
        choices.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(choices)
        layout.addWidget(self.words)
        layout.addWidget(self.minutes)
        self._group.idToggled.connect(self._choose)
        self.minutes.valueChanged.connect(self._keep_minutes)
        self.buttons[1].setChecked(True)

    @property
    def preset(self) -> Preset:
        """What is chosen."""
        return PRESETS[max(0, self._group.checkedId())]

    def show_noisy(self, noisy: bool) -> None:
        """Offer the minutes alone: noisy images have a recipe of their own."""
        for widget in (*self.buttons, self.words):
            widget.setVisible(not noisy)
        if not self._set_by_hand:
            with QSignalBlocker(self.minutes):
                self.minutes.setValue(NOISY_MINUTES if noisy else self.preset.minutes)

    def expect(self, scale: int) -> None:
        """Say what to expect at this scale."""
        self._scale = scale
        self._describe()

    def _choose(self, _number: int, on: bool) -> None:
        if not on:
            return
        if not self._set_by_hand:
            self.minutes.blockSignals(True)
            self.minutes.setValue(self.preset.minutes)
            self.minutes.blockSignals(False)
        self._describe()
        self.changed.emit()

    def _keep_minutes(self) -> None:
        self._set_by_hand = True
        self.changed.emit()

    def _describe(self) -> None:
        size = size_text(self.preset.nbytes(self._scale))
        self.words.setText(
            f"{self.preset.words} About {size} at scale {self._scale}, or twice that where 8 bits "
            "are too few for your images."
        )
