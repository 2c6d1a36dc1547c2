"""Checkpoints of a run: everything that is needed to resume, in one safetensors file.

Belongs here: that file and its checks. What a run puts into it is in ``run.py``.
"""

from __future__ import annotations

import hashlib
import json
import math
import operator
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from autolut_training.settings import Settings
from autolut_training.settings.settings import DEFAULTS
from napari_autolut.storage import ModelFileError, load_model_file
from napari_autolut.training.record import held_out_figures
from napari_autolut.util.atomic import atomic_write

HEADER_BYTES = 8
"""Of a safetensors file, which hold the length of its header."""

NO_DIGEST = "0" * 64
"""Stands where the checksum will, which is over the whole file with this in its place."""

MOMENTS = ("exp_avg", "exp_avg_sq")
"""What Adam keeps of a parameter, in its shape, besides the number of steps."""

DAMAGED = (OSError, SafetensorError, LookupError, TypeError, ValueError, AttributeError,
           RecursionError, OverflowError, RuntimeError)  # fmt: skip
"""What reading a checkpoint ends in that is none; the last is torch's, of other tensors."""


class CheckpointError(ValueError):
    """A checkpoint that cannot be resumed from."""


@dataclass(frozen=True)
class Position:
    """Where a run stands; ``random`` is the state of the crop sampler.

    ``validations_without_improvement``, ``early``, ``peak`` and ``initial`` are those of
    :class:`autolut_training.loop.schedule.Schedule`, ``images`` is what ``same_images.py`` notes,
    ``settings`` are those that must be the same.
    """

    identity: str
    step: int
    seconds: float
    grid_size: int
    best_psnr: float
    random: dict[str, object]
    validations_without_improvement: int = 0
    early: float | None = None
    peak: float | None = None
    images: dict[str, list[float]] | None = None
    settings: dict[str, Any] | None = None
    initial: float | None = None

    def check_numbers(self) -> None:
        """Check that a run can have such numbers.

        Raises
        ------
        TypeError, ValueError
            If not.
        """
        counts = (self.step, self.grid_size, self.validations_without_improvement)
        shares = (self.seconds, 0.0 if self.early is None else self.early)
        figures = (each for each in (self.peak, self.initial) if each is not None)
        if not (
            all(operator.index(each) >= 0 for each in counts)
            and all(0 <= each < math.inf for each in shares)
            and not any(map(math.isnan, (self.best_psnr, *figures)))
        ):
            raise ValueError("numbers that no run has")

    def check(self, path: Path, settings: Settings) -> None:
        """Check that the checkpoint at ``path`` belongs to these settings.

        Raises
        ------
        CheckpointError
            If it is of a run with others.
        """
        if self.identity == settings.identity:
            return
        then, now = self.settings or {}, json.loads(json.dumps(settings.fixed))
        changes = "; ".join(
            f"{name} was {_said(then, name)} and is {_said(now, name)}"
            for name in sorted(then.keys() | now.keys())
            if then.get(name) != now.get(name)
        )
        found = f" ({changes})" if self.settings and changes else ""
        raise CheckpointError(
            f"{path}: found a run with other settings{found}, expected the same; resume with those "
            "it was started with, or start without --resume"
        )


def _said(settings: dict[str, Any], name: str) -> str:
    """A setting's value; those that are not noted are the defaults."""
    return json.dumps(settings[name] if name in settings else DEFAULTS.get(name))


def save_checkpoint(path: Path, position: Position, tensors: dict[str, Tensor]) -> None:
    """Write a checkpoint over the last one; a failure leaves the last one intact."""
    # Written by Python, whose errors say what is wrong with the disk.
    content = save(tensors, {"position": json.dumps(asdict(position)), "sha256": NO_DIGEST})
    content = content.replace(NO_DIGEST.encode(), hashlib.sha256(content).hexdigest().encode(), 1)
    with atomic_write(path, overwrite=True) as temporary:
        temporary.write_bytes(content)


def _check_digest(content: bytes, said: str | None) -> None:
    """Compare a file with its checksum; those of earlier versions have none."""
    if said is None:
        return
    plain = content.replace(said.encode(), NO_DIGEST.encode(), 1)
    if hashlib.sha256(plain).hexdigest() != said:
        raise ValueError("other bytes than were written")


@contextmanager
def being_read(path: Path) -> Iterator[None]:
    """Whatever is wrong with a checkpoint becomes a `CheckpointError` that names the file."""
    try:
        yield
    except CheckpointError:
        raise
    except DAMAGED as error:
        raise CheckpointError(
            f"{path}: found other bytes, expected a checkpoint; it is damaged or of another "
            "version, and this training cannot be resumed: train under another name, with --start "
            "from the table that is there"
        ) from error


def load_checkpoint(path: Path) -> tuple[Position, dict[str, Tensor]]:
    """Read a checkpoint.

    Raises
    ------
    CheckpointError
        If it is missing or damaged.
    """
    if not path.is_file():
        raise CheckpointError(f"{path}: found no such checkpoint, expected one to resume from")
    with being_read(path):
        # Not mapped: Windows replaces no file that is, and the next checkpoint replaces this one.
        content = path.read_bytes()
        size = int.from_bytes(content[:HEADER_BYTES], "little")
        header = json.loads(content[HEADER_BYTES : HEADER_BYTES + size])
        said = header["__metadata__"]
        position = Position(**json.loads(said["position"]))
        position.check_numbers()
        _check_digest(content, said.get("sha256"))
        tensors = load(content)
        if not all(bool(value.isfinite().all()) for value in tensors.values()):
            raise ValueError("NaN or infinity")
        return position, tensors


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Adam's moments and step counts, by number of the parameter."""
    state = optimiser.state_dict()["state"]
    return {
        f"adam.{number}.{key}": torch.as_tensor(value)
        for number, entry in state.items()
        for key, value in entry.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Undo :func:`optimiser_tensors`.

    Raises
    ------
    ValueError
        If a parameter would have other moments than Adam's, or some of another shape.
    """
    content = optimiser.state_dict()
    for name, value in tensors.items():
        if name.startswith("adam."):
            _, number, key = name.split(".")
            content["state"].setdefault(int(number), {})[key] = value
    parameters = [each for group in optimiser.param_groups for each in group["params"]]
    for number, entry in content["state"].items():
        shapes = {key: value.shape for key, value in entry.items() if key != "step"}
        if "step" not in entry or shapes != dict.fromkeys(MOMENTS, parameters[number].shape):
            raise ValueError(f"adam.{number}: found {shapes}, expected Adam's moments")
    optimiser.load_state_dict(content)


def part_of(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Tensors whose names begin so, without that."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def kept_psnr(out: Path, best: float) -> float:
    """PSNR in dB of the table that stands at ``out``, which a better one replaces.

    That of the checkpoint, ``best``, where the table's card does not say. A run may have been
    killed between a checkpoint and its table, or the table may have been taken away or damaged.
    """
    if not out.exists():
        return -math.inf
    try:
        figures = held_out_figures(load_model_file(out).card)
    except ModelFileError as error:
        if _is_unread(error):
            raise
        return -math.inf
    return best if figures is None else figures.psnr


def is_damaged(out: Path) -> bool:
    """Whether what stands at ``out`` is no table, or none any more; not where it is not read."""
    try:
        load_model_file(out)
    except ModelFileError as error:
        return not _is_unread(error)
    return False


def _is_unread(error: ModelFileError) -> bool:
    return isinstance(error.__cause__, OSError)
