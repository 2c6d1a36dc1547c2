"""Several processes that train one table, each on its part of every batch.

Belongs here: what they tell each other, and how a process finds the others. ``torchrun`` starts
them, see ``__main__.py``; the loop is ``trainer.py``.

All processes draw the same crops from the same seed and take their part of them; gradients are
averaged, so that all of them make the same step. The first one decides how far the run is,
measures and saves.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import torch
from torch import Tensor, distributed

from autolut_training.report.control import StopRun

LEAVE = math.inf
"""A progress that says that the first process has left the run."""


@dataclass(frozen=True)
class Workers:
    """The processes of a run: how many there are, and which one this is."""

    rank: int = 0
    count: int = 1

    def share(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """Give this process's part of the crops that all of them have drawn."""
        lr, hr = (side.tensor_split(self.count)[self.rank] for side in batch)
        return lr, hr

    def average(self, tensors: Iterable[Tensor]) -> None:
        """Replace tensors by their means over the processes."""
        if self.count == 1:
            return
        parts = list(tensors)
        flat = torch.cat([part.flatten() for part in parts])
        distributed.all_reduce(flat)
        flat /= self.count
        means = torch.split(flat, [part.numel() for part in parts])
        for part, mean in zip(parts, means, strict=True):
            part.copy_(mean.view_as(part))

    def agreed(self, progress: float, grid_size: int = 0) -> tuple[float, int]:
        """What the first process says of how far the run is, and L; the others' is not asked."""
        if self.count == 1:
            return progress, grid_size
        said = torch.tensor([progress, grid_size], dtype=torch.float64)
        distributed.broadcast(said, 0)
        return float(said[0]), int(said[1])

    @contextmanager
    def led(self) -> Iterator[None]:
        """Send the others home, who wait for the next step, if there will be none.

        Not after Ctrl-C, which may come in the middle of a step, and comes to all of them.
        """
        try:
            yield
        except (GeneratorExit, StopRun, OSError):
            with suppress(RuntimeError):  # they have left already
                self.agreed(LEAVE)
            raise


def workers() -> Workers:
    """The processes that were started together; one where nobody did."""
    if distributed.is_available() and distributed.is_initialized():
        return Workers(distributed.get_rank(), distributed.get_world_size())
    return Workers()


@contextmanager
def together() -> Iterator[None]:
    """Find the other processes that torchrun has started, and part from them in the end."""
    if "WORLD_SIZE" not in os.environ:
        yield
        return
    here = int(os.environ.get("LOCAL_WORLD_SIZE", os.environ["WORLD_SIZE"]))
    share = max(1, (os.cpu_count() or 1) // here)
    os.environ.setdefault("NAPARI_AUTOLUT_THREADS", str(share))
    backend = "gloo"
    if torch.cuda.is_available():
        backend = "cpu:gloo,cuda:nccl"
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    # Functions of this module have the group of the time as a default. Were it read later, as the
    # optimisers do, they would keep the group, and its threads would outlive the interpreter.
    from torch.distributed.nn import functional  # noqa: F401

    distributed.init_process_group(backend)
    try:
        yield
    finally:
        distributed.destroy_process_group()


def own_device(device: str) -> str:
    """The device of this process: with several, each has a card of its own."""
    if device != "cuda" or workers().count == 1:
        return device
    return f"cuda:{torch.cuda.current_device()}"
