"""Checkpoints that were damaged: one sentence, and never other tables."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from autolut_training.loop.checkpoint import (
    CheckpointError,
    Position,
    load_checkpoint,
    save_checkpoint,
)

POSITION = Position("a" * 64, 7, 1.5, 17, 30.25, {"seed": 3})
TENSORS = {"a": torch.arange(40.0), "b": torch.zeros(3, dtype=torch.int64)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_checkpoint(tmp_path / "t.checkpoint", POSITION, TENSORS)
    return tmp_path / "t.checkpoint"


def test_what_is_written_comes_back(path: Path) -> None:
    position, tensors = load_checkpoint(path)
    assert position == POSITION
    assert all(torch.equal(tensors[name], value) for name, value in TENSORS.items())


def test_any_byte_that_changed_is_found(path: Path) -> None:
    """Else a disk that lost one is learned from, without a word."""
    content = path.read_bytes()
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        try:
            position, tensors = load_checkpoint(path)
        except CheckpointError as error:
            assert "expected a checkpoint; it is damaged" in str(error)
            assert "\n" not in str(error)
            continue
        assert position == POSITION  # a space of the header, or the name of the checksum
        assert all(torch.equal(tensors[name], value) for name, value in TENSORS.items())


OTHER_KINDS = [json.dumps(vars(POSITION) | {name: value})
               for name in ("step", "grid_size", "seconds", "best_psnr", "peak")
               for value in ("", [], math.nan)]  # fmt: skip
NO_RUN_HAS = [json.dumps(vars(POSITION) | {name: value})
              for name in ("step", "grid_size", "seconds")
              for value in (-1, None, math.inf)]  # fmt: skip


@pytest.mark.parametrize(
    "position",
    ["[" * 100_000, "[]", "3", "null", '{"step": 1}', *OTHER_KINDS, *NO_RUN_HAS],
)
def test_positions_that_are_none(path: Path, position: str) -> None:
    path.write_bytes(save(TENSORS, {"position": position}))
    with pytest.raises(CheckpointError, match="expected a checkpoint"):
        load_checkpoint(path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_nothing_is_learned_from(path: Path, value: float) -> None:
    """The sentence names the file, and not the weights of a window alone."""
    save_checkpoint(path, POSITION, {**TENSORS, "c": torch.tensor([1.0, value])})
    with pytest.raises(CheckpointError, match=f"{path}: .* expected a checkpoint"):
        load_checkpoint(path)
