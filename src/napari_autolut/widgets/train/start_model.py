"""Which model a training begins with: the preset's, or any in the catalogue."""

from __future__ import annotations

from qtpy.QtCore import QSignalBlocker
from qtpy.QtWidgets import QComboBox, QWidget

from napari_autolut.storage.catalogue import list_models
from napari_autolut.storage.summaries import in_groups

USUAL = "What the preset begins with"


class StartModel(QComboBox):
    """The models in the catalogue, those of the scale first; the preset's until one is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip(
            "The table that learns from your images: a shipped one, or one of your own that you "
            "train on. Of another scale, its blocks are resized"
        )
        self.setAccessibleName("Model that the training begins with")
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.expect(2)

    @property
    def model(self) -> str:
        """Name of the model; empty for the preset's."""
        return str(self.currentData() or "")

    def expect(self, scale: int) -> None:
        """Offer what there is for this scale; what is chosen stays chosen."""
        chosen = self.model
        summaries = [each for each in in_groups(list_models()) if not each.problem]
        ordered = sorted(summaries, key=lambda each: each.scale != scale)
        with QSignalBlocker(self):
            self.clear()
            self.addItem(USUAL, "")
            for summary in ordered:
                self.addItem(summary.label, summary.entry.name)
            self.setCurrentIndex(max(0, self.findData(chosen)))
