"""How many times as large results are: what the model does, or any other factor.

Belongs here: the field, and what it can be for a model.
"""

from __future__ import annotations

from napari_autolut.model import LutModel
from napari_autolut.storage.summaries import TIMES
from napari_autolut.util.grid import MAX_SCALE, Scale
from napari_autolut.widgets.models.picker import ModelPicker
from napari_autolut.widgets.shared.number_field import NumberField

MIN_SCALE = 1.01
LARGEST_TABLE = 4
"""Models that enlarge so much serve all larger factors, too."""

TIP = (
    "How many times as large, such as 2.5. Where it is not the model's own factor, the model's "
    "result is resampled; sides are rounded to whole pixels"
)
RESTORES = "This model keeps the size"


class ScaleField(NumberField):
    """A number; the model's own factor until the user chooses another one.

    Parameters
    ----------
    models : ModelPicker
        Where the model is chosen.
    """

    def __init__(self, models: ModelPicker) -> None:
        super().__init__(3)
        self.setPrefix(TIMES)
        self.setSingleStep(0.5)
        self.setKeyboardTracking(False)
        self.setAccessibleName("Scale")
        self._own: Scale = 1
        self._models = models
        models.model_changed.connect(self._suit)
        self._suit()

    @property
    def scale(self) -> Scale | None:
        """What was chosen; None where it is what the model does."""
        value = self.value()
        return None if value == self._own else int(value) if value.is_integer() else value

    def _suit(self) -> None:
        """Take the factor of another model, and the range in which it serves."""
        model = self._models.loaded
        own = model.scale if isinstance(model, LutModel) else 1
        self.setEnabled(own > 1)
        self.setToolTip(TIP if own > 1 else RESTORES)
        if own != self._own or own == 1:
            self._own = own
            highest = MAX_SCALE if own >= LARGEST_TABLE else own
            self.setRange(min(MIN_SCALE, own), max(own, highest))
            self.setValue(own)

    def choose(self, scale: Scale) -> None:
        """Set it as a result was made."""
        self.setValue(scale)
