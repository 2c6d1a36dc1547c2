"""What computes the blocks of a file's task: this process, or something that does it elsewhere.

Belongs here: the protocol of executors and the one in this process. A cluster is ``cluster.py``;
what becomes of the blocks is ``file_upscaling.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import ArrayTask, Block, warn_of_non_finite
from napari_autolut.engine import plane_engine
from napari_autolut.util.memmap import release

Computed = Generator[tuple[Block, NDArray[Any]], None, None]
"""Blocks, in any order, with their enlarged pixels."""


class BlockExecutor(Protocol):
    """Computes blocks of a task."""

    def run(self, task: ArrayTask, blocks: Iterable[Block]) -> Computed:
        """Compute all blocks; closing the generator stops the work."""
        ...


@dataclass(frozen=True)
class InProcess:
    """Computes blocks in this process, with the threads that the engine uses.

    Parameters
    ----------
    engine : {"auto", "fast", "reference", "torch"}, default "auto"
    """

    engine: str = "auto"

    def run(self, task: ArrayTask, blocks: Iterable[Block]) -> Computed:
        """Compute the blocks in their order."""
        engine = plane_engine(self.engine)
        if not isinstance(task.array, np.ndarray):
            for block, patch, place in patches(task, blocks):
                yield block, task.on_patch(block, patch).computed(place, engine)
            return
        warning = WarnOnce()
        for block in blocks:
            warning.look_at(task, block)
            if block.box.left == 0:
                release(task.array)
            yield block, task.computed(block, engine)


def patches(
    task: ArrayTask, blocks: Iterable[Block]
) -> Iterator[tuple[Block, NDArray[Any], Block]]:
    """Give each block with its patch, read into memory, and its place there."""
    warning = WarnOnce()
    for block in blocks:
        patch, place = task.patch(block)
        warning.look_at(task.on_patch(block, patch), place)
        yield block, patch, place


class WarnOnce:
    """Warns at the first block with NaN or infinite pixels."""

    def __init__(self) -> None:
        self._warned = False

    def look_at(self, task: ArrayTask, block: Block) -> None:
        """Look at the pixels of one block."""
        if not self._warned and task.has_non_finite(block):
            self._warned = True
            warn_of_non_finite()
