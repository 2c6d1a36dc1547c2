"""How a table is trained: preset and minutes, and which model it is fine-tuned from.

Belongs here: these choices. What the presets are is ``training/choices.py``.
"""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.storage import list_models
from napari_autolut.storage.summaries import in_groups
from napari_autolut.training.choices import PRESETS, Preset
from napari_autolut.widgets.shared.form import wrapping_row
from napari_autolut.widgets.shared.number_field import WholeNumberField
from napari_autolut.widgets.shared.text import size_text
from napari_autolut.widgets.train.elements import text_label

MAX_MINUTES = 24 * 60
NOISY_MINUTES = 2
"""Of the denoiser that learns from noisy images."""
OF_PRESET = "The preset's own"


class PresetChoice(QWidget):
    """Light, standard or thorough, and the minutes that go with it until they are set by hand."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._set_by_hand = False
        self._scale = 2
        self.buttons = [QRadioButton(preset.title) for preset in PRESETS]
        self._group = QButtonGroup(self)
        self.description = text_label(quiet=True)
        self.minutes = WholeNumberField()
        self.minutes.setRange(1, MAX_MINUTES)
        self.minutes.setSuffix(" min")
        self.minutes.setToolTip(
            "How long to train; it can be stopped earlier, and what it has learned is kept"
        )
        self.minutes.setAccessibleName("Minutes of training")
        for number, radio in enumerate(self.buttons):
            radio.setToolTip(PRESETS[number].words)
            self._group.addButton(radio, number)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(wrapping_row(*self.buttons))
        layout.addWidget(self.description)
        layout.addWidget(self.minutes)
        self._group.idToggled.connect(self._on_preset)
        self.minutes.valueChanged.connect(self._on_minutes)
        self.buttons[1].setChecked(True)

    @property
    def preset(self) -> Preset:
        """What is chosen."""
        return PRESETS[max(0, self._group.checkedId())]

    def show_noisy(self, noisy: bool) -> None:
        """Offer the minutes alone: noisy images have a recipe of their own."""
        for widget in (*self.buttons, self.description):
            widget.setVisible(not noisy)
        self._suggest_minutes(NOISY_MINUTES if noisy else self.preset.minutes)

    def show_scale(self, scale: int) -> None:
        """Say what to expect at this scale."""
        self._scale = scale
        self._describe()

    def _on_preset(self, _number: int, on: bool) -> None:
        if on:
            self._suggest_minutes(self.preset.minutes)
            self._describe()
            self.changed.emit()

    def _suggest_minutes(self, minutes: int) -> None:
        """Fill the field in, unless the user has."""
        if not self._set_by_hand:
            with QSignalBlocker(self.minutes):
                self.minutes.setValue(minutes)

    def _on_minutes(self) -> None:
        self._set_by_hand = True
        self.changed.emit()

    def _describe(self) -> None:
        size = size_text(self.preset.nbytes(self._scale))
        self.description.setText(
            f"{self.preset.words} About {size} at scale {self._scale}, or twice that where 8 bits "
            "are too few for your images."
        )


class InitialModelChoice(QComboBox):
    """The model to fine-tune: the preset's own, or another one, those of the scale first."""

    def __init__(self) -> None:
        super().__init__()
        self.setToolTip(
            "The table that learns from your images: a shipped one, or one of your own that you "
            "train on. Of another scale, its blocks are resized"
        )
        self.setAccessibleName("Model that the training begins with")
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.show_scale(2)

    @property
    def model(self) -> str:
        """Name of the model; empty for the preset's."""
        return str(self.currentData() or "")

    def show_scale(self, scale: int) -> None:
        """Offer what there is for this scale; what is chosen stays chosen."""
        chosen = self.model
        summaries = [each for each in in_groups(list_models()) if not each.problem]
        ordered = sorted(summaries, key=lambda each: each.scale != scale)
        with QSignalBlocker(self):
            self.clear()
            self.addItem(OF_PRESET, "")
            for summary in ordered:
                self.addItem(summary.label, summary.entry.name)
            self.setCurrentIndex(max(0, self.findData(chosen)))
