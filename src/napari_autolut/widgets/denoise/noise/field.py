"""Which noise is taken away: found in each image, that of another one, or set by hand.

Belongs here: the choice, and the line that says what holds. Looking for noise is
``search.py``, what is said of it ``text.py``, the numbers that are set ``numbers.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari.layers import Image
from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QComboBox, QVBoxLayout, QWidget

from napari_autolut.layers import DenoiseTask, Models
from napari_autolut.widgets.denoise.noise.numbers import NoiseNumbers
from napari_autolut.widgets.denoise.noise.search import Found, ImageTask, NoiseSearch
from napari_autolut.widgets.denoise.noise.text import found_text
from napari_autolut.widgets.shared import (
    Connections,
    SelectableLabel,
    choice_box,
    is_source,
    wrapped_label,
)

if TYPE_CHECKING:
    from napari.components import ViewerModel

AUTO, OTHER, HAND = "auto", "other", "hand"
CHOICES = (
    ("Automatic", AUTO, "Found in flat places of every brightness of each image"),
    ("As in another image", OTHER, "Found in an image of the same camera and settings, such as a "
     "frame with less structure"),
    ("By hand", HAND, "From the camera's data sheet, or a calibration"),
)  # fmt: skip

SEARCHING = "Looking for the noise\N{HORIZONTAL ELLIPSIS}"
NO_OTHER = "No image is chosen whose noise could be taken."


class StillSearchingError(LookupError):
    """The noise is not known yet."""


class NoiseField(QWidget):
    """A choice of noise, a line that says what it is, and numbers where it is set by hand.

    ``changed`` says that another noise holds, or that more is known of it.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Whose images can lend their noise.
    """

    changed = Signal()

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._picked: list[ImageTask] = []
        self.choice = choice_box(CHOICES)
        self.choice.setToolTip("Where the noise model comes from")
        self.other = QComboBox()
        self.other.setToolTip("The image whose noise is taken away from the picked one")
        self.other.setAccessibleName("Image with the noise")
        self.other.setPlaceholderText("Choose an image")
        self.numbers = NoiseNumbers()
        self.line = wrapped_label(SelectableLabel)
        self.line.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.choice, self.other, self.numbers):
            layout.addWidget(widget)
        self.setFocusProxy(self.choice)
        self.search = NoiseSearch(self)
        self.search.ended.connect(self._on_found)
        self.choice.currentIndexChanged.connect(self._on_choice)
        self.other.currentIndexChanged.connect(self._on_other)
        self.numbers.changed.connect(self.changed)
        self.connections = Connections(self)
        self.connections.connect_layers(viewer.layers, self._list_others)
        self._list_others()
        self._show_parts()

    @property
    def kind(self) -> str:
        """What is chosen: "auto", "other" or "hand"."""
        kind: str = self.choice.currentData()
        return kind

    def models_for(self, image: Image, task: DenoiseTask) -> Models | None:
        """Give the noise that holds for an image; None where it is still to be found in it.

        Raises
        ------
        ValueError
            If there is no noise, or no image whose noise could be taken.
        StillSearchingError
            If it is that of another image, and not known yet.
        """
        if self.kind == HAND:
            return (self.numbers.model,)
        if self.kind == AUTO:
            found = self.search.of(image, task.axes)
            return None if found is None else usable(found, image.name)
        other = self._other()
        if other is None:
            raise ValueError(NO_OTHER)
        found = self.search.of(other[0], other[1].axes)
        if found is None:
            raise StillSearchingError(self.search.problem or SEARCHING)
        models = usable(found, other[0].name)
        return models if len(models) == _channel_count(task) else models[:1]

    @property
    def searching(self) -> bool:
        """Whether the noise that is to hold is still being looked for."""
        return self.kind != HAND and self.search.running

    def find_noise(self, picked: Sequence[ImageTask]) -> None:
        """Take the picked images, and look for their noise where it is not known."""
        self._picked = list(picked)
        self._suggest()
        self._find_unknown()

    def _find_unknown(self) -> None:
        other = self._other() if self.kind == OTHER else None
        self.search.find_noise([*self._picked, *([] if other is None else [other])])
        self._describe()

    def _suggest(self) -> None:
        """Begin with what is known of the first picked image, where numbers are set by hand."""
        known = [self.search.of(image, task.axes) for image, task in self._picked]
        if self.kind != HAND and known and known[0]:
            self.numbers.suggest(known[0][0])

    def _on_found(self) -> None:
        self._suggest()
        self._describe()
        self.changed.emit()

    def _describe(self) -> None:
        texts = self._texts()
        self.line.setText("\n".join(texts))
        self.line.setVisible(bool(texts))

    def _texts(self) -> list[str]:
        if self.kind == HAND:
            return []
        if self.search.problem:
            return [self.search.problem]
        other = self._other()
        described = self._picked if self.kind == AUTO else [] if other is None else [other]
        texts = []
        for image, task in described:
            found = self.search.of(image, task.axes)
            text = SEARCHING if found is None else found_text(found, _names(task, found))
            texts.append(f"{image.name}: {text}" if len(described) > 1 else text)
        return texts

    # --- that of another image ------------------------------------------------------------------

    def _other(self) -> ImageTask | None:
        image = self.other.currentData()
        if not isinstance(image, Image) or image not in self._viewer.layers:
            return None
        return image, DenoiseTask.of(image)

    def _list_others(self, _event: object = None) -> None:
        chosen = self.other.currentData()
        images = [each for each in reversed(self._viewer.layers) if is_source(each)]
        with QSignalBlocker(self.other):
            self.other.clear()
            for image in images:
                self.other.addItem(image.name, image)
            self.other.setCurrentIndex(images.index(chosen) if chosen in images else -1)
        if chosen is not None and chosen not in images and self.kind == OTHER:
            self._on_other()

    # --- what the user changes ------------------------------------------------------------------

    def _on_choice(self) -> None:
        self._show_parts()
        self._on_other()

    def _on_other(self) -> None:
        self._find_unknown()
        self.changed.emit()

    def _show_parts(self) -> None:
        self.other.setVisible(self.kind == OTHER)
        self.numbers.setVisible(self.kind == HAND)


def usable(found: Found, name: str) -> Models:
    """Give the models of channels, if any has noise.

    Raises
    ------
    ValueError
        Saying why there is none.
    """
    if all(each.problem or each.model.is_none for each in found):
        reason = next((each.problem for each in found if each.problem), "no noise was found")
        raise ValueError(
            f"{name!r}: {reason}. If there is noise, set it by hand or take it from another image."
        )
    return tuple(each.model for each in found)


def _channel_count(task: DenoiseTask) -> int:
    if task.rgb:
        return min(3, int(task.array.shape[-1]))
    return 1 if task.channel_axis is None else int(task.array.shape[task.channel_axis])


def _names(task: DenoiseTask, found: Found) -> list[str]:
    if task.rgb:
        return ["Red", "Green", "Blue"][: len(found)]
    return [f"Channel {number}" for number in range(len(found))]
