"""What computes the blocks of a file's task: this process, or something that does it elsewhere.

Belongs here: the protocol of executors and the one in this process. A cluster is ``cluster.py``;
what becomes of the blocks is ``file_upscaling.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from napari_autolut.arrays import Block, Task, warn_of_non_finite
from napari_autolut.engine import plane_engine
from napari_autolut.util.memmap import release

Computed = Generator[tuple[Block, NDArray[Any]], None, None]
"""Blocks, in any order, with their enlarged pixels."""


class BlockExecutor(Protocol):
    """Computes blocks of a task."""

    def run(self, task: Task, blocks: Iterable[Block]) -> Computed:
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

    def run(self, task: Task, blocks: Iterable[Block]) -> Computed:
        """Compute the blocks in their order."""
        engine = plane_engine(self.engine)
        for block in with_warning(task, blocks):
            if block.box.left == 0:
                release(task.array)
            yield block, task.computed(block, engine)


def with_warning(task: Task, blocks: Iterable[Block]) -> Iterator[Block]:
    """Give the blocks, and warn at the first with NaN or infinite pixels."""
    warned = False
    for block in blocks:
        if not warned and task.has_non_finite(block):
            warned = True
            warn_of_non_finite()
        yield block
