"""Events of a training run: typed, and as lines of JSON.

Belongs here: what a run emits, once for the trainer that emits it and for whoever
listens. Not here: what is made of them (``record.py``), and commands, which go the other way
(``commands.py``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Started:
    """Data is read; ``bicubic_psnr`` is what there is to beat on the held-out images (dB).

    ``skipped`` are files that cannot be used, with the reason; ``notes`` what a user should know;
    ``over`` what figures are compared with, in words: bicubic interpolation, or the shipped
    denoiser. Where ``parts`` is true, a part of each image is held out, and no other images are.
    """

    images: int
    held_out: int
    skipped: dict[str, str]
    bicubic_psnr: float
    notes: tuple[str, ...] = ()
    over: str = "bicubic"
    parts: bool = False


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

    ``teacher`` says that it is that of the network from which the table is distilled later.
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
    """The image at ``path`` is new: LR, bicubic, table and HR side by side."""

    step: int
    path: str


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint was written."""

    step: int
    path: str


@dataclass(frozen=True)
class Postponed:
    """The file at ``path`` could not be replaced, as another program has it open.

    It is as it was. The run goes on, and replaces it when it is next measured.
    """

    step: int
    path: str


@dataclass(frozen=True)
class Done:
    """The run is over and the best table stands at ``path``.

    ``initial_psnr`` is that of the table that was fine-tuned, where there is one.
    """

    step: int
    seconds: float
    psnr: float
    bicubic_psnr: float
    path: str
    initial_psnr: float | None = None


@dataclass(frozen=True)
class Paused:
    """Nothing is computed until the command ``resume``; checkpoint and table are on disk."""

    step: int


@dataclass(frozen=True)
class Stopped:
    """The run was ended by the command ``stop``; the best table so far, if any, is at ``path``."""

    step: int
    path: str


Event = (
    Started
    | Step
    | Validation
    | Finishing
    | Preview
    | Checkpoint
    | Postponed
    | Done
    | Paused
    | Stopped
)

_KINDS: dict[str, type[Event]] = {
    kind.__name__.lower(): kind
    for kind in (
        Started, Step, Validation, Finishing, Preview, Checkpoint, Postponed, Done, Paused, Stopped,
    )
}  # fmt: skip

LARGEST = 1e15
"""No count or figure of a training is larger, and windows draw none that is."""


def _figure(value: Any) -> float:
    """A number; it need not be finite, as the error of a training that diverges."""
    number = float(value)
    if math.isfinite(number) and abs(number) > LARGEST:
        raise ValueError("no figure of a training")
    return number


_CONVERT: dict[Any, Callable[[Any], Any]] = {
    "int": lambda value: int(_figure(value)),
    "float": _figure,
    "float | None": lambda value: None if value is None else _figure(value),
    "str": str,
    "bool": bool,
    "dict[str, str]": lambda value: {str(key): str(each) for key, each in value.items()},
    "tuple[str, ...]": lambda value: tuple(map(str, value)),
}
"""By the annotation of a field; JSON knows neither tuples nor whole floats."""


def as_json(event: Event) -> str:
    """One line: the event's name and fields."""
    return json.dumps({"event": type(event).__name__.lower(), **asdict(event)})


def parse_event(line: str) -> Event | None:
    """Read a line of JSON; None for anything else, as a library or a newer trainer may print it."""
    try:
        values = json.loads(line)
        kind = _KINDS[values["event"]]
        return kind(
            **{f.name: _CONVERT[f.type](values[f.name]) for f in fields(kind) if f.name in values}
        )
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
        return None
