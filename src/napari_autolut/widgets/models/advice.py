"""Which model is offered for a picked image or folder, and why: a line under the picker.

Belongs here: choosing for the user as long as the user has not chosen. Looking at images is
``suitable.py``, the rules are ``arrays.model_choice``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QWidget

from napari_autolut.arrays import AUTO, ModelChoice
from napari_autolut.preferences import preferences
from napari_autolut.widgets.models.picker import ModelPicker
from napari_autolut.widgets.models.suitable import Choose, SuitableModel
from napari_autolut.widgets.shared import wrapped_label

if TYPE_CHECKING:
    from napari.layers import Image

CHOOSING = "Choosing the model that suits the {}\N{HORIZONTAL ELLIPSIS}"
"""Said where a run waits for that; of the image or the images."""


class ModelAdvice(QWidget):
    """Chooses the model for images, until the user chooses one; then says what it would choose.

    Parameters
    ----------
    models : ModelPicker
        Where the model is chosen.
    """

    advised = Signal()

    def __init__(self, models: ModelPicker) -> None:
        super().__init__()
        self._models = models
        self.follows = preferences().model == AUTO
        self.choice: ModelChoice | None = None
        self.line = wrapped_label()
        self.button = QPushButton()
        self.button.setToolTip("Take the model that suits the image, for other images too")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(self.button)
        self._suitable = SuitableModel(self)
        self._suitable.found.connect(self._take)
        self._chosen, self._choosing = self._name, False
        models.model_changed.connect(self._on_model)
        self.button.clicked.connect(self._follow)
        self._describe()

    @property
    def busy(self) -> bool:
        """Whether images are being looked at."""
        return self._suitable.busy

    @property
    def choosing(self) -> bool:
        """Whether a model is about to be chosen for the user."""
        return self.busy and self.follows

    def choose_for(self, image: Image | None) -> None:
        """Look at another image; None forgets the last one."""
        self._suitable.choose_for(image)

    def choose_by(self, choose: Choose) -> None:
        """Look at other images, which ``choose`` does in a thread."""
        self._suitable.choose_by(choose)

    def cancel(self) -> None:
        """Look at nothing any more."""
        self._suitable.cancel()

    def stop_following(self) -> None:
        """Leave the choice to the user from now on."""
        self.follows = False

    @property
    def _name(self) -> str:
        entry = self._models.entry
        return "" if entry is None else entry.name

    def _on_model(self) -> None:
        """Another model than the last one, and not chosen here, is the user's choice."""
        if self._name != self._chosen and not self._choosing:
            self.stop_following()
        self._chosen = self._name
        self._describe()

    def _take(self, choice: ModelChoice | None) -> None:
        self.choice = choice
        if choice is not None and self.follows:
            self._choosing = True
            self._models.pick_name(choice.name)
            self._choosing = False
        self._describe()
        self.advised.emit()

    def _follow(self) -> None:
        self.follows = True
        self._take(self.choice)

    def _describe(self) -> None:
        choice = self.choice
        taken = choice is not None and self._name == choice.name
        if choice is not None:
            self.line.setText(choice.reason if taken else f"Suggested: {choice.reason}")
            self.button.setText(f"&Use {choice.name}")
        self.button.setVisible(choice is not None and not taken)
        self.setVisible(choice is not None)
