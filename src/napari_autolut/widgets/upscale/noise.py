"""What the Upscale dock says of an image's noise: that it is found, or that there is none.

Belongs here: the choice, which only models that know of noise have.
"""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox

from napari_autolut.arrays import Noise
from napari_autolut.model import LutModel

TIP = (
    "Automatic: the noise of each image is found, and the table that knows it is taken. As it is: "
    "noise is enlarged like everything else"
)
MISSING = "This model knows no noise; it enlarges noise like everything else"

CHOICES = {"Automatic": "auto", "As it is": None}


class NoiseBox(QComboBox):
    """Automatic, or as it is."""

    noise_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        for words, noise in CHOICES.items():
            self.addItem(words, noise)
        self.setToolTip(TIP)
        self.setAccessibleName("Noise")
        self.currentIndexChanged.connect(self.noise_changed)

    @property
    def noise(self) -> Noise:
        """What is said of the noise, as :func:`~napari_autolut.upscale` takes it."""
        chosen: str | None = self.currentData()
        return chosen

    def adapt_to(self, model: LutModel | Exception) -> None:
        """Offer it for a model that knows of noise."""
        knows = isinstance(model, LutModel) and bool(model.noisy)
        self.setEnabled(knows)
        self.setToolTip(TIP if knows else MISSING)

    def choose(self, noise: str | None) -> None:
        """Set it as a result was made."""
        self.setCurrentIndex(list(CHOICES.values()).index(None if noise == "none" else "auto"))
