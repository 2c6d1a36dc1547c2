"""What computes the blocks of a file's task: this process, or something that does it elsewhere.

Belongs here: the protocol of executors and the one in this process. A cluster is
``batch/cluster.py``; what becomes of the blocks is ``upscaling.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from napari_autolut.arrays import ArrayTask, Block, Computed, computed_blocks


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
        return computed_blocks(task, blocks, self.engine)
