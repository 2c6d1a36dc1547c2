"""What the Upscale dock says of colours: through luma, or each on its own.

Belongs here: the choice, which only RGB layers leave open.
"""

from __future__ import annotations

from collections.abc import Sequence

from napari.layers import Layer
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox

from napari_autolut.arrays import Colour
from napari_autolut.model import LutModel

TIP = (
    "Through luma: the table enlarges luma alone and colours follow it, in less than half the "
    "time. Each channel: for stains, which share no detail. Automatic: luma for photographs"
)
GREY = "Only RGB layers have colours to choose for"
NOISY = "This model knows the noise of each channel, so that each goes through it"

CHOICES: dict[str, Colour] = {
    "Each channel": "channels",
    "Through luma": "luma",
    "Automatic": "auto",
}


class ColourBox(QComboBox):
    """Each channel, through luma, or automatic."""

    colour_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        for words, colour in CHOICES.items():
            self.addItem(words, colour)
        self.setAccessibleName("Colours")
        self.currentIndexChanged.connect(self.colour_changed)
        self.adapt_to((), None)

    @property
    def colour(self) -> Colour:
        """How colours are enlarged, as :func:`~napari_autolut.upscale` takes it."""
        return CHOICES[self.currentText()]

    def adapt_to(self, layers: Sequence[Layer], model: LutModel | Exception | None) -> None:
        """Offer it for RGB layers, and for models that know no noise."""
        coloured = any(getattr(layer, "rgb", False) for layer in layers)
        noisy = isinstance(model, LutModel) and bool(model.noisy)
        self.setEnabled(coloured and not noisy)
        self.setToolTip(GREY if not coloured else NOISY if noisy else TIP)

    def choose(self, colour: Colour) -> None:
        """Set it as a result was made; what it was by itself stays so."""
        self.setCurrentIndex(list(CHOICES.values()).index(colour))
