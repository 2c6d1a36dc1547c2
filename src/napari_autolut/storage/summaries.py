"""What a list of models says of each: task, scale, figures, size; in groups, and searched.

Belongs here: the lines of the docks' lists and their order. Only cards are read, and again only
when a file has changed. Where models are is in ``catalogue.py``; the shell's list is in ``cli``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from napari_autolut.model import Card
from napari_autolut.storage.catalogue import CatalogueEntry
from napari_autolut.storage.model_file import read_card
from napari_autolut.storage.tensor_file import ModelFileError
from napari_autolut.util.errors import error_message
from napari_autolut.util.text import printable

TIMES = "\N{MULTIPLICATION SIGN}"
BROKEN = "Cannot be used"
FIGURES = ("psnr_y", "psnr")
"""Names of the PSNR on cards: of luma, as the papers measure it, or of all channels."""


@dataclass(frozen=True)
class ModelSummary:
    """A model of the catalogue as lists show it.

    Parameters
    ----------
    entry : CatalogueEntry
        Its place in the catalogue.
    card : Card
        Its card; of a file that cannot be used, one that says the name alone.
    scale : int, default 0
        Upscaling factor.
    nbytes : int, default 0
        Size of the file.
    problem : str, optional
        Why it cannot be used.
    """

    entry: CatalogueEntry
    card: Card
    scale: int = 0
    nbytes: int = 0
    problem: str = ""

    @classmethod
    def of(cls, entry: CatalogueEntry) -> ModelSummary:
        """Read the card of a model; a file that is not one is a problem, no error."""
        try:
            stat = entry.path.stat()
            card, scale = _card(entry.path, stat.st_mtime_ns, stat.st_size)
        except (ModelFileError, OSError) as error:
            return cls(entry, Card(entry.name), problem=error_message(error))
        return cls(entry, card, scale, stat.st_size)

    @property
    def label(self) -> str:
        """Name, fit for one line, and whether it is a user model."""
        name = printable(self.entry.name)
        return f"{name} (own)" if self.entry.origin == "user" else name

    @property
    def group(self) -> str:
        """What it does and how much larger, for a heading."""
        if self.problem:
            return BROKEN
        task = task_text(self.card).capitalize()
        return f"{task} {TIMES}{self.scale}" if self.scale > 1 else task

    @property
    def purpose(self) -> str:
        """Which images it is for: how its description begins."""
        return re.split(r"[:;,.(]", self.card.description)[0].strip()

    @property
    def gain(self) -> str:
        """By how many dB it is ahead of bicubic interpolation, on the first images of its card.

        Those are held-out ones of its own kind. PSNRs of different images do not compare at all.
        Where the size stays, a gain over the image itself is mostly that image's noise: a light
        table that was measured on noisier ones would stand above the better one.
        """
        if self.scale == 1:
            return ""
        for figures in self.card.benchmark.values():
            own, bicubic = psnr(figures), psnr(figures, "bicubic_")
            if own is not None and bicubic is not None:
                return f"{own - bicubic:+.1f} dB"
        return ""

    def matches(self, words: str) -> bool:
        """Whether every word occurs in what is known about it, in any case."""
        card = self.card
        text = " ".join(
            (
                self.label,
                self.group,
                card.task,
                f"x{self.scale}",
                card.description,
                card.training_data,
            )
        ).casefold()
        return all(word in text for word in words.casefold().split())


def task_text(card: Card) -> str:
    """What a model does, in the users' words: to microscopists super-resolution is optics."""
    return "upscaling" if card.task == Card.task else card.task


def in_groups(entries: Iterable[CatalogueEntry]) -> list[ModelSummary]:
    """Sort summaries by task and scale, super-resolution first; else in the order given."""
    return sorted(map(ModelSummary.of, entries), key=_rank)


def grouped(summaries: Sequence[ModelSummary]) -> list[tuple[str, list[ModelSummary]]]:
    """Headings and what belongs under them, of summaries in the order of `in_groups`."""
    return [(group, list(each)) for group, each in groupby(summaries, key=lambda s: s.group)]


def psnr(figures: object, prefix: str = "") -> float | None:
    """The PSNR among a data set's figures in dB; ``prefix`` "bicubic_" gives bicubic's."""
    if isinstance(figures, Mapping):
        for name in FIGURES:
            value = figures.get(prefix + name)
            if isinstance(value, int | float):
                return float(value)
    return None


def figures_text(figures: Mapping[str, float], over: str = "") -> str:
    """What a card says of one data set: ``31.43 dB (+3.00), SSIM 0.8830``.

    ``over`` follows the gain, and says over what it is.
    """
    own, bicubic = psnr(figures), psnr(figures, "bicubic_")
    gain = "" if own is None or bicubic is None else f" ({own - bicubic:+.2f}{over})"
    said = [] if own is None else [f"{own:.2f} dB{gain}"]
    said += [f"SSIM {figures[name]:.4f}" for name in ("ssim_y", "ssim") if name in figures]
    return ", ".join(said)


def _rank(summary: ModelSummary) -> tuple[bool, bool, str, int]:
    task = summary.card.task
    return bool(summary.problem), task != Card.task, task, summary.scale


@lru_cache(maxsize=512)
def _card(path: Path, modified: int, size: int) -> tuple[Card, int]:
    return read_card(path)
