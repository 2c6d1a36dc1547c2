"""Checkpoints of a run: everything that is needed to resume, in one safetensors file.

Belongs here: that file and its checks. What a run puts into it is in ``run.py``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from napari_autolut.util.atomic import atomic_write

HEADER_BYTES = 8
"""Of a safetensors file, which hold the length of its header."""


class CheckpointError(ValueError):
    """A checkpoint that cannot be resumed from."""


@dataclass(frozen=True)
class Position:
    """Where a run stands; ``random`` is the state of the crop sampler.

    The last two are those of :class:`autolut_training.loop.schedule.Schedule`.
    """

    identity: str
    step: int
    seconds: float
    grid_size: int
    best_psnr: float
    random: dict[str, object]
    validations_without_improvement: int = 0
    early: float | None = None


def save_checkpoint(path: Path, position: Position, tensors: dict[str, Tensor]) -> None:
    """Write a checkpoint over the last one; a failure leaves the last one intact."""
    # Written by Python, whose errors say what is wrong with the disk.
    content = save(tensors, {"position": json.dumps(asdict(position))})
    with atomic_write(path, overwrite=True) as temporary:
        temporary.write_bytes(content)


def load_checkpoint(path: Path, identity: str) -> tuple[Position, dict[str, Tensor]]:
    """Read a checkpoint and check that it belongs to these settings.

    Raises
    ------
    CheckpointError
        If it is missing, unreadable, or of a run with other settings.
    """
    if not path.is_file():
        raise CheckpointError(f"{path}: found no such checkpoint, expected one to resume from")
    try:
        # Not mapped: Windows replaces no file that is, and the next checkpoint replaces this one.
        content = path.read_bytes()
        size = int.from_bytes(content[:HEADER_BYTES], "little")
        header = json.loads(content[HEADER_BYTES : HEADER_BYTES + size])
        position = Position(**json.loads(header["__metadata__"]["position"]))
        tensors = load(content)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: found {error}, expected a checkpoint") from error
    if position.identity != identity:
        raise CheckpointError(
            f"{path}: found a run with other settings ({position.identity}), expected {identity}; "
            "resume with the settings it was started with, or start without --resume"
        )
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
    """Undo :func:`optimiser_tensors`."""
    content = optimiser.state_dict()
    for name, value in tensors.items():
        if name.startswith("adam."):
            _, number, key = name.split(".")
            content["state"].setdefault(int(number), {})[key] = value
    optimiser.load_state_dict(content)
