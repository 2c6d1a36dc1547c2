"""How sharp images are made worse: the choice, and a picture of what it does.

Belongs here: the fields and the picture's wiring. What a degradation does is ``training``.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import (
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.arrays import Progress
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.findings import Findings
from napari_autolut.training.preview import Effect
from napari_autolut.training.sources import Source
from napari_autolut.widgets.shared.form import choice_box, dock_form
from napari_autolut.widgets.shared.latest_run import LatestRun
from napari_autolut.widgets.shared.number_field import NumberField, WholeNumberField
from napari_autolut.widgets.shared.picture import Picture, pixmap
from napari_autolut.widgets.train.elements import button, text_label

DELAY_MS = 120
"""How long nothing must change before the picture is made."""

METHODS = (
    ("Interpolation", "bicubic", "Bicubic, as papers and image programs shrink"),
    ("Binning", "area", "The mean of the pixels, as a camera with larger pixels sees"),
    ("Blur and binning", "gaussian", "A point spread function, then larger pixels"),
)
"""A title, the degradation that it stands for, and what that imitates."""

GAUSSIAN = "gaussian"
NONE = "none"


class DegradationChoice(QWidget):
    """Method, noise and compression; hidden for pairs, where there is nothing to choose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.method = choice_box(METHODS)
        self.method.setToolTip("How small images are made of the sharp ones")
        self.sigma = NumberField(decimals=1)
        _set_up(self.sigma, 0.1, 10.0, 0.1, " px", "Blur of the point spread function: sigma")
        self.sigma.setValue(1.0)
        self.noise = NumberField(decimals=1)
        _set_up(self.noise, 0.0, 100.0, 1.0, " of 255", "Detector noise: standard deviation")
        self.noise.setSpecialValueText(NONE)
        self.photons = WholeNumberField()
        _set_up(self.photons, 0, 100_000, 50, " at white", "Shot noise: photons where it is white")
        self.photons.setSpecialValueText(NONE)
        self.jpeg = WholeNumberField()
        _set_up(self.jpeg, 0, 95, 5, "", "JPEG compression: its quality, 1 to 95")
        self.jpeg.setSpecialValueText(NONE)
        self._form = dock_form(self, (self.method,))
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.addRow("Made sm&aller by", self.method)
        self._form.addRow("Blu&r", self.sigma)
        self._form.addRow("No&ise", self.noise)
        self._form.addRow("Ph&otons", self.photons)
        self._form.addRow("&JPEG", self.jpeg)
        self.method.currentIndexChanged.connect(self._show_blur)
        for field in (self.sigma, self.noise, self.photons, self.jpeg):
            field.valueChanged.connect(self.changed)
        self._show_blur()

    @property
    def degradation(self) -> Degradation:
        """What is chosen."""
        method = self.method.currentData()
        return Degradation(
            method=method,
            sigma=self.sigma.value() if method == GAUSSIAN else 0.0,
            noise=self.noise.value(),
            photons=float(self.photons.value()),
            jpeg=self.jpeg.value(),
        )

    def show_degradation(self, degradation: Degradation) -> None:
        """Set all fields to it."""
        self.method.setCurrentIndex(self.method.findData(degradation.method))
        if degradation.sigma:
            self.sigma.setValue(degradation.sigma)
        self.noise.setValue(degradation.noise)
        self.photons.setValue(round(degradation.photons))
        self.jpeg.setValue(degradation.jpeg)

    def _show_blur(self) -> None:
        shown = self.method.currentData() == GAUSSIAN
        self.sigma.setVisible(shown)
        self._form.labelForField(self.sigma).setVisible(shown)
        self.changed.emit()


class EffectPictures(QWidget):
    """A place of an image as it is, and as it is learned from; another place by a button."""

    def __init__(self) -> None:
        super().__init__()
        self._source: Source | None = None
        self._findings = Findings()
        self._scale, self._degradation = 1, Degradation()
        self._place = 0
        self.before = Picture("The image as it is")
        self.after = Picture("What the table is shown, its pixels as squares")
        self.place = button("A&nother place", "Show another place of the images")
        self.place.clicked.connect(self._show_next_place)
        self.problem = text_label()
        self.problem.hide()
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(self._make)
        self._run = LatestRun(self)
        self._run.returned.connect(self._show)
        self._run.refused.connect(self._refuse)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        for column, (caption, picture) in enumerate(
            (("Sharp", self.before), ("Learned from", self.after))
        ):
            grid.addWidget(QLabel(caption), 0, column)
            grid.addWidget(picture, 1, column)
            grid.setColumnStretch(column, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(grid)
        layout.addWidget(self.problem)
        layout.addWidget(self.place)

    def show_source(self, source: Source, findings: Findings) -> None:
        """Take places of these images from now on."""
        self._source, self._findings, self._place = source, findings, 0

    def request(self, scale: int, degradation: Degradation) -> None:
        """Make the pictures as soon as nothing changes any more."""
        self._scale, self._degradation = scale, degradation
        self._delay.start()

    @property
    def busy(self) -> bool:
        """Whether a picture is being made, or will be."""
        return self._delay.isActive() or self._run.running

    def cancel(self) -> None:
        """Make no more pictures."""
        self._delay.stop()
        self._run.cancel()

    def _show_next_place(self) -> None:
        self._place += 1
        self._make()

    def _make(self) -> None:
        source, images = self._source, self._findings.images
        if source is None or not images:
            return
        image = images[(len(images) // 2 + self._place) % len(images)]
        scale, degradation, place = self._scale, self._degradation, self._place

        def steps() -> Any:
            effect = source.effect(image, scale, degradation, place)
            yield Progress(1, 1)
            return effect

        self._run.start(steps)

    def _show(self, effect: Effect) -> None:
        self.problem.hide()
        self.before.show_picture(pixmap(effect.before))
        self.after.show_picture(pixmap(effect.after))

    def _refuse(self, reason: str) -> None:
        self.problem.setText(reason)
        self.problem.show()


def _set_up(field: Any, low: float, high: float, step: float, suffix: str, tip: str) -> None:
    field.setRange(low, high)
    field.setSingleStep(step)
    field.setSuffix(suffix)
    field.setToolTip(tip)
    field.setAccessibleName(tip)
