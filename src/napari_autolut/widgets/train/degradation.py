"""How sharp images are made worse: the choice, and a picture of what it does.

Belongs here: the fields and the picture's wiring. What a degradation does is ``training``.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_autolut.arrays import Progress
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.findings import Findings
from napari_autolut.training.preview import Effect
from napari_autolut.training.sources import Source
from napari_autolut.widgets.shared.form import dock_form
from napari_autolut.widgets.shared.latest_run import LatestRun
from napari_autolut.widgets.shared.number_field import NumberField
from napari_autolut.widgets.shared.picture import Picture, pixmap
from napari_autolut.widgets.train.parts import button, words

DELAY_MS = 120
"""How long nothing must change before the picture is made."""

METHODS = (
    ("bicubic", "Interpolation", "Bicubic, as papers and image programs shrink"),
    ("area", "Binning", "The mean of the pixels, as a camera with larger pixels sees"),
    ("gaussian", "Blur and binning", "A point spread function, then larger pixels"),
)
"""Of a degradation, its title, and what it imitates."""

GAUSSIAN = "gaussian"
NONE = "none"


class DegradationChoice(QWidget):
    """Method, noise and compression; hidden for pairs, where there is nothing to choose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.method = QComboBox()
        for number, (method, title, explanation) in enumerate(METHODS):
            self.method.addItem(title, method)
            self.method.setItemData(number, explanation, Qt.ItemDataRole.ToolTipRole)
        self.method.setToolTip("How small images are made of the sharp ones")
        self.sigma = NumberField(decimals=1)
        _number(self.sigma, 0.1, 10.0, 0.1, " px", "Blur of the point spread function: sigma")
        self.sigma.setValue(1.0)
        self.noise = NumberField(decimals=1)
        _number(self.noise, 0.0, 100.0, 1.0, " of 255", "Detector noise: standard deviation")
        self.noise.setSpecialValueText(NONE)
        self.photons = QSpinBox()
        _number(self.photons, 0, 100_000, 50, " at white", "Shot noise: photons where it is white")
        self.photons.setSpecialValueText(NONE)
        self.jpeg = QSpinBox()
        _number(self.jpeg, 0, 95, 5, "", "JPEG compression: its quality, 1 to 95")
        self.jpeg.setSpecialValueText(NONE)
        self._form = dock_form(self, (self.method,))
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.addRow("Made smaller &by", self.method)
        self._form.addRow("Bl&ur", self.sigma)
        self._form.addRow("No&ise", self.noise)
        self._form.addRow("P&hotons", self.photons)
        self._form.addRow("&JPEG", self.jpeg)
        self.method.currentIndexChanged.connect(self._show_blur)
        for box in (self.sigma, self.noise, self.photons, self.jpeg):
            box.valueChanged.connect(self.changed)
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

    def choose(self, how: Degradation) -> None:
        """Set all fields as `degradation` gives them."""
        self.method.setCurrentIndex(self.method.findData(how.method))
        if how.sigma:
            self.sigma.setValue(how.sigma)
        self.noise.setValue(how.noise)
        self.photons.setValue(round(how.photons))
        self.jpeg.setValue(how.jpeg)

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
        self._how: tuple[int, Degradation] = (1, Degradation())
        self._place = 0
        self.before = Picture("The image as it is")
        self.after = Picture("What the table is shown, its pixels as squares")
        self.place = button("Another p&lace", "Show another place of the images")
        self.place.clicked.connect(self._go_elsewhere)
        self.problem = words()
        self.problem.hide()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(DELAY_MS)
        self._soon.timeout.connect(self._make)
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
        """Show images of this source from now on."""
        self._source, self._findings, self._place = source, findings, 0

    def ask(self, scale: int, how: Degradation) -> None:
        """Make the pictures as soon as nothing changes any more."""
        self._how = scale, how
        self._soon.start()

    @property
    def busy(self) -> bool:
        """Whether a picture is being made, or will be."""
        return self._soon.isActive() or self._run.running

    def drop(self) -> None:
        """Make no more pictures."""
        self._soon.stop()
        self._run.drop()

    def _go_elsewhere(self) -> None:
        self._place += 1
        self._make()

    def _make(self) -> None:
        source, images = self._source, self._findings.images
        if source is None or not images:
            return
        image = images[(len(images) // 2 + self._place) % len(images)]
        (scale, how), place = self._how, self._place

        def steps() -> Any:
            effect = source.effect(image, scale, how, place)
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


def _number(box: Any, least: float, most: float, step: float, suffix: str, tip: str) -> None:
    box.setRange(least, most)
    box.setSingleStep(step)
    box.setSuffix(suffix)
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    box.setMinimumWidth(60)
