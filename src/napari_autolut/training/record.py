"""What is known of a training from its events: its curves, how far it is, and that in words.

Belongs here: no Qt and no torch. Not here: the events themselves, which are ``events.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from napari_autolut.model import Card
from napari_autolut.training.events import (
    Checkpoint,
    Event,
    Finishing,
    Paused,
    Postponed,
    Preview,
    Started,
    Step,
    Validation,
)

MINUTE = 60
HOUR = 60 * MINUTE


OVER_BICUBIC = "bicubic"
OVER_NOISY = "the shipped denoiser; no truth is known"
"""What figures are compared with, in words."""

_KEYS = {
    OVER_BICUBIC: ("held-out", "bicubic_psnr"),
    OVER_NOISY: ("own results with new noise", "shipped_psnr"),
}
"""Of a card's benchmark: the entry, and the name of the figure to beat."""

INITIAL = "initial_psnr"
"""Name of the figure of the table that was fine-tuned."""


class HeldOutFigures(NamedTuple):
    """PSNR in dB of a table on held-out images, of what it is compared with, and of its start.

    ``initial`` is that of the table it was fine-tuned from, where there is one.
    """

    psnr: float
    bicubic: float
    over: str = OVER_BICUBIC
    initial: float | None = None

    def as_benchmark(self) -> dict[str, dict[str, float]]:
        """For a card."""
        entry, name = _KEYS[self.over]
        figures = {"psnr": self.psnr, name: self.bicubic}
        return {entry: figures if self.initial is None else {**figures, INITIAL: self.initial}}


def held_out_figures(card: Card) -> HeldOutFigures | None:
    """The figures of a trained table, as every place shows them; None where its card has none."""
    for over, (entry, name) in _KEYS.items():
        figures = card.benchmark.get(entry, {})
        if "psnr" in figures and name in figures:
            return HeldOutFigures(figures["psnr"], figures[name], over, figures.get(INITIAL))
    return None


@dataclass
class TrainingRecord:
    """Curves and the latest figures of a training.

    ``psnr`` holds (step, dB on held-out images, whether it was the best), ``loss`` (step, mean
    squared error in 0..255 units); ``bicubic`` is the PSNR to beat; ``network`` holds (step, dB) of
    the network that tables learn from later; ``notes`` are the trainer's sentences on the images;
    ``kept`` is the PSNR of the table on disk, which steps that are done again do not change;
    ``postponed`` says which file could not be replaced at the last measurement.
    """

    psnr: list[tuple[int, float, bool]] = field(default_factory=list)
    loss: list[tuple[int, float]] = field(default_factory=list)
    network: list[tuple[int, float]] = field(default_factory=list)
    bicubic: float | None = None
    images: int = 0
    held_out: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    started: bool = False
    paused: bool = False
    step: int = 0
    progress: float = 0.0
    seconds_left: float | None = None
    steps_per_second: float | None = None
    preview: str | None = None
    ending_early: bool = False
    kept: float | None = None
    over: str = OVER_BICUBIC
    postponed: str = ""

    @classmethod
    def of(cls, events: Iterable[Event]) -> TrainingRecord:
        """What the events of an earlier process say."""
        record = cls()
        for event in events:
            record.take(event)
        record.started = record.paused = False
        record.postponed = ""
        record.seconds_left = record.steps_per_second = None
        return record

    @property
    def best(self) -> float | None:
        """PSNR in dB of the table that is kept."""
        return self.kept

    @property
    def initial(self) -> float | None:
        """PSNR in dB of the table that is fine-tuned, where there is one."""
        measured = self.psnr and self.psnr[0][0] == 0 and self.over == OVER_BICUBIC
        return self.psnr[0][1] if measured else None

    def take(self, event: Event) -> None:
        """Learn from an event."""
        match event:
            case Started():
                self._start(event)
            case Step():
                self._advance(event)
            case Validation():
                self._validate(event)
            case Preview():
                self.preview = event.path
            case Finishing():
                self.ending_early, self.seconds_left = True, event.seconds_left
            case Paused():
                self.paused = True
            case Postponed():
                self.postponed = postponed_text(event)
            case Checkpoint():
                self.postponed = ""

    def _start(self, event: Started) -> None:
        self.bicubic, self.over = event.bicubic_psnr, event.over
        self.images, self.held_out = event.images, event.held_out
        self.skipped, self.notes = event.skipped, event.notes
        self.started, self.paused = True, False

    def _advance(self, event: Step) -> None:
        self._forget_after(event.step - 1)
        self.step, self.progress = event.step, min(1.0, max(0.0, event.progress))
        self.seconds_left, self.steps_per_second = event.seconds_left, event.steps_per_second
        if math.isfinite(event.loss):
            self.loss.append((event.step, event.loss))

    def _validate(self, event: Validation) -> None:
        step = event.step
        self._forget_after(step)
        self.psnr = [each for each in self.psnr if each[0] < step]
        self.network = [each for each in self.network if each[0] < step]
        self.bicubic = event.bicubic_psnr
        if not math.isfinite(event.psnr):
            return
        if event.teacher:
            self.network.append((step, event.psnr))
        else:
            self.psnr.append((step, event.psnr, event.best))
            if event.best:
                self.kept = event.psnr

    def _forget_after(self, step: int) -> None:
        """A run that resumes from a checkpoint does some steps again."""
        self.psnr = [each for each in self.psnr if each[0] <= step]
        self.network = [each for each in self.network if each[0] <= step]
        while self.loss and self.loss[-1][0] > step:
            self.loss.pop()


def gain_text(
    psnr: float | None,
    bicubic: float | None,
    over: str = OVER_BICUBIC,
    initial: float | None = None,
) -> str:
    """Say how good a table is: ``30.12 dB, +1.34 over bicubic, +0.20 over what it began with``."""
    if psnr is None or bicubic is None:
        return "not measured yet"
    gain = psnr - bicubic
    how = f"{gain:+.2f} over" if gain >= 0 else f"{-gain:.2f} below"
    text = f"{psnr:.2f}\N{NO-BREAK SPACE}dB, {how} {over}"
    if initial is None:
        return text
    if psnr <= initial:
        return f"{text}, no better than the table it began with"
    return f"{text}, {psnr - initial:+.2f} over the table it began with"


def quality_text(record: TrainingRecord) -> str:
    """Say how good the table of a training is, or the network that it will learn from."""
    text = gain_text(record.best, record.bicubic, record.over)
    if record.best is not None and record.best == record.initial:
        return f"{text} by the table it begins with"
    if record.psnr or not record.network:
        return gain_text(record.best, record.bicubic, record.over, record.initial)
    return f"{gain_text(record.network[-1][1], record.bicubic)} by the network it is distilled from"


def postponed_text(event: Postponed) -> str:
    """Say which file of a run could not be replaced, and that nothing is lost by it."""
    return f"{event.path}: is open in another program; written when the table is next measured"


def left_text(seconds: float | None) -> str:
    """Time that is left, no finer than it is known: ``about 3 minutes left``."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    if seconds < MINUTE:
        return "less than a minute left"
    if seconds < 1.5 * MINUTE:
        return "about a minute left"
    if seconds < HOUR:
        return f"about {round(seconds / MINUTE)} minutes left"
    hours, minutes = divmod(round(seconds / MINUTE), 60)
    return f"about {hours} h {minutes} min left"


def pace_text(steps_per_second: float | None) -> str:
    """Steps a second with two digits that say something: ``12 steps/s``, ``0.8 steps/s``."""
    if steps_per_second is None:
        return ""
    digits = 0 if steps_per_second >= 10 else 1
    return f"{steps_per_second:.{digits}f}\N{NO-BREAK SPACE}steps/s"
