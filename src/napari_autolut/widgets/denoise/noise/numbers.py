"""Numbers of a noise model as data sheets give them: gain, dark level, read noise.

Belongs here: four fields and the model that they say. What a model means is ``noise``.
"""

from __future__ import annotations

import math

from qtpy.QtCore import QSignalBlocker, Signal
from qtpy.QtWidgets import QWidget

from napari_autolut.denoising import FoundNoise
from napari_autolut.noise import NoiseModel
from napari_autolut.widgets.shared.form import empty_form
from napari_autolut.widgets.shared.number_field import NumberField

LAGS = 4
"""Distances in pixels over which noise that is set by hand is correlated."""


class NoiseNumbers(QWidget):
    """Gain, dark level, read noise and what neighbours share; starts from what was found."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._correlation: tuple[float, ...] = ()
        self.gain = _field("Grey levels per photon", 1e9, 1.0)
        self.gain.setToolTip(
            "How much one detected photon (electron) adds; 1 / (electrons per grey level). 0 where "
            "the noise is the same everywhere"
        )
        self.dark = _field("Dark level", 1e12, 0.0, lowest=-1e12)
        self.dark.setToolTip("Grey level of a pixel without light: the camera's offset")
        self.read = _field("Read noise", 1e12, 0.0)
        self.read.setToolTip("Standard deviation in the dark, in grey levels")
        self.shared = _field("Shared by neighbours", 100.0, 0.0, decimals=0)
        self.shared.setSuffix(" %")
        self.shared.setToolTip(
            "Correlation of the noise of neighbouring pixels: 0 for white noise; more where images "
            "were resampled or the camera smooths"
        )
        form = empty_form(self)
        form.setContentsMargins(0, 0, 0, 0)
        for field in self.fields:
            form.addRow(field.accessibleName(), field)
            field.valueChanged.connect(self.changed)

    @property
    def fields(self) -> tuple[NumberField, ...]:
        """All fields, in order."""
        return self.gain, self.dark, self.read, self.shared

    @property
    def model(self) -> NoiseModel:
        """The noise that the numbers say."""
        gain, shared = self.gain.value(), self.shared.value() / 100
        offset_variance = self.read.value() ** 2 - gain * self.dark.value()
        correlation: tuple[float, ...] = ()
        if self._correlation and round(self._correlation[0], 2) == round(shared, 2):
            correlation = self._correlation
        elif shared > 0:  # as noise behind a Gaussian blur has it
            correlation = tuple(shared ** (lag * lag) for lag in range(1, LAGS + 1))
        return NoiseModel(gain, offset_variance, correlation)

    def suggest(self, found: FoundNoise) -> None:
        """Set the numbers to what was found in an image, in silence."""
        model = found.model
        if model.is_none:
            return
        dark, square = found.dark, model.offset_variance + model.gain * found.dark
        if square < 0:
            dark, square = model.dark, 0.0
        self._correlation = model.correlation if model.is_correlated else ()
        shared = 100 * self._correlation[0] if self._correlation else 0.0
        values = (model.gain, dark if model.gain else 0.0, math.sqrt(square), shared)
        for field, value in zip(self.fields, values, strict=True):
            with QSignalBlocker(field):
                field.setValue(float(f"{value:.4g}"))


def _field(
    name: str, highest: float, value: float, *, lowest: float = 0.0, decimals: int | None = None
) -> NumberField:
    field = NumberField(decimals)
    field.setButtonSymbols(NumberField.ButtonSymbols.NoButtons)
    field.setRange(lowest, highest)
    field.setValue(value)
    field.setAccessibleName(name)
    field.setKeyboardTracking(False)
    field.setMinimumWidth(60)
    return field
