"""What a run tells while it goes on: typed events that also travel as JSON lines."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Started:
    """Data is read; ``bicubic_psnr`` is what there is to beat on the held-out images (dB).

    ``skipped`` are files that were passed over, with the reason; ``notes`` what a user should know.
    """

    images: int
    held_out: int
    skipped: dict[str, str]
    bicubic_psnr: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """Loss is the mean squared error since the last such event, in 0..255 units.

    ``memory_mb`` is what the process holds, in millions of bytes.
    """

    step: int
    progress: float
    loss: float
    steps_per_second: float
    seconds_left: float
    memory_mb: float = 0.0


@dataclass(frozen=True)
class Validation:
    """PSNR in dB on held-out images of the table as stored; ``best`` if it was kept.

    ``teacher`` says that it is that of the network which tables will learn from.
    """

    step: int
    psnr: float
    bicubic_psnr: float
    best: bool
    teacher: bool = False


@dataclass(frozen=True)
class Finishing:
    """The run ends early: its last ``validations`` were all worse than the best (dB)."""

    step: int
    validations: int
    best_psnr: float
    seconds_left: float


@dataclass(frozen=True)
class Preview:
    """The picture at ``path`` is new: LR, bicubic, table and HR side by side, see ``previews``."""

    step: int
    path: str


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint was written."""

    step: int
    path: str


@dataclass(frozen=True)
class Done:
    """The run is over and the best table stands at ``path``."""

    step: int
    seconds: float
    psnr: float
    bicubic_psnr: float
    path: str


Event = Started | Step | Validation | Finishing | Preview | Checkpoint | Done


def as_json(event: Event) -> str:
    """One line: the event's name and fields."""
    return json.dumps({"event": type(event).__name__.lower(), **asdict(event)})
