"""The third page of the Train dock: scale, degradation, time, name, and Start.

Belongs here: what is asked of a training. What was found is ``findings.py``; fields of more than
one widget have files of their own.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from napari_autolut.storage import SUFFIX, list_models
from napari_autolut.storage.summaries import TIMES
from napari_autolut.training.choices import (
    name_error,
    suggested_name,
    validation_error,
)
from napari_autolut.training.findings import Findings
from napari_autolut.training.images import SCALES
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.sources import Source, learned_from, skipped_text, too_few
from napari_autolut.widgets.shared.form import empty_form
from napari_autolut.widgets.train.degradation import DegradationChoice, EffectPictures
from napari_autolut.widgets.train.elements import (
    Heading,
    button,
    page_layout,
    row_layout,
    text_label,
)
from napari_autolut.widgets.train.preset import InitialModelChoice, PresetChoice
from napari_autolut.widgets.train.proposal import Proposal

FIRST_SCALE = 2


class SettingsPage(QWidget):
    """Makes a request of what was found; ``start_pressed`` gives it with the layers it means."""

    back_pressed = Signal()
    start_pressed = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._source: Source | None = None
        self._findings = Findings()
        self._named_by_hand = False
        self.title = Heading("")
        self.scale = QComboBox()
        self.scale.setToolTip("How many times larger the table makes each side of an image")
        for scale in SCALES:
            self.scale.addItem(f"{TIMES}{scale}" if scale > 1 else f"{TIMES}1: restore only", scale)
        self.scale.setCurrentIndex(SCALES.index(FIRST_SCALE))
        self.degradation = DegradationChoice()
        self.proposal = Proposal()
        self.pictures = EffectPictures()
        self.preset = PresetChoice()
        self.init_from = InitialModelChoice()
        self.name = QLineEdit()
        self.name.setToolTip("Name of the model in all lists")
        self.problem = text_label()
        self.back = button("&Back", "Look at the images again")
        self.start = button("&Start", "Begin the training")
        self._lay_out()
        self.scale.currentIndexChanged.connect(self._on_scale)
        self.degradation.changed.connect(self._on_degradation)
        self.proposal.accepted.connect(self.degradation.show_degradation)
        self.preset.changed.connect(self._check)
        self.name.textEdited.connect(self._on_name_edited)
        self.name.textChanged.connect(self._check)
        self.back.clicked.connect(self.back_pressed)
        self.start.clicked.connect(self._emit_request)

    def _lay_out(self) -> None:
        layout = page_layout(self)
        layout.addWidget(self.title)
        layout.addLayout(_form("S&cale", self.scale))
        self._model_form = _form("Be&gins with", self.init_from)
        self._name_form = _form("Na&me", self.name)
        self._degradation_title = Heading("What the table learns to undo")
        layout.addWidget(self._degradation_title)
        layout.addWidget(self.proposal)
        layout.addWidget(self.degradation)
        layout.addWidget(self.pictures)
        layout.addWidget(Heading("How thorough, and how long"))
        layout.addWidget(self.preset)
        layout.addLayout(self._model_form)
        layout.addLayout(self._name_form)
        layout.addWidget(self.problem)
        layout.addLayout(row_layout(self.back, self.start))
        layout.addStretch(1)

    @property
    def request(self) -> TrainRequest:
        """What is asked for; in which folder, is known when it begins."""
        source = self._source
        assert source is not None
        images, lr = source.folders
        given = lr is not None or source.noisy
        return TrainRequest(
            images=Path(images),
            out=Path(f"{self.name.text()}{SUFFIX}"),
            lr=None if lr is None else Path(lr),
            recipe=None if source.noisy else self.preset.preset.recipe,
            scale=self.scale.currentData(),
            minutes=float(self.preset.minutes.value()),
            noisy=source.noisy,
            degradation={} if given else asdict(self.degradation.degradation),
            settings={"init_from": model} if (model := self.init_from.model) else {},
            training_data=learned_from(source, self._findings),
        )

    def show_source(self, source: Source, findings: Findings) -> None:
        """Offer what can be made of these images."""
        self._source, self._findings = source, findings
        self._named_by_hand = False
        self.pictures.show_source(source, findings)
        self.title.setText(learned_from(source, findings))
        self.proposal.cancel()
        pairs, noisy = findings.scale is not None, source.noisy
        self.scale.setEnabled(not (pairs or noisy))
        self.degradation.setVisible(not (pairs or noisy))
        self._degradation_title.setText("A pair" if pairs else "What the table learns to undo")
        for widget in (self._degradation_title, self.pictures):
            widget.setVisible(not noisy)
        self.init_from.setVisible(not noisy)
        self._model_form.labelForField(self.init_from).setVisible(not noisy)
        self.preset.show_noisy(noisy)
        wanted = 1 if noisy else findings.scale or self.scale.currentData()
        self.scale.setCurrentIndex(SCALES.index(self._feasible_scale(wanted)))
        self._on_scale()

    def _feasible_scale(self, wanted: int) -> int:
        """The scale that was wanted, or the largest that the images are large enough for."""
        fits = [s for s in SCALES if not too_few(self._findings, s)]
        if self._findings.scale is not None or wanted in fits:
            return wanted
        return max(fits, default=wanted)

    def cancel(self) -> None:
        """Make no more pictures, and propose nothing."""
        self.pictures.cancel()
        self.proposal.cancel()

    def _on_scale(self) -> None:
        if self._source is None:
            return
        if not self._named_by_hand:
            scale, noisy = self.scale.currentData(), self._source.noisy
            name = suggested_name(self._source.name, scale, _known_names(), noisy=noisy)
            self.name.setText(name)
        self.preset.show_scale(self.scale.currentData())
        self.init_from.show_scale(self.scale.currentData())
        if not self.degradation.isHidden():
            self.proposal.search(self._source, self._findings, self.scale.currentData())
        self._on_degradation()

    def _on_degradation(self) -> None:
        if self._source is not None and not self._source.noisy:
            self.pictures.request(self.scale.currentData(), self.degradation.degradation)
        self._check()

    def _on_name_edited(self) -> None:
        self._named_by_hand = True

    def _check(self) -> None:
        """Say why a training cannot begin like this, or which images would be skipped."""
        if self._source is None:
            return
        scale = self.scale.currentData()
        problem = (
            too_few(self._findings, scale)
            or name_error(self.name.text(), _known_names())
            or validation_error(self.request)
        )
        text = problem or skipped_text(self._findings, scale)
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.start.setEnabled(not problem)

    def _emit_request(self) -> None:
        self._check()  # a model of this name may have come meanwhile
        if self.start.isEnabled() and self._source is not None:
            self.start_pressed.emit(self.request, self._source.layers)


def _form(label: str, field: QWidget) -> QFormLayout:
    form = empty_form()
    form.addRow(label, field)
    return form


def _known_names() -> list[str]:
    return [entry.name for entry in list_models()]
