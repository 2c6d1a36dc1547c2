"""Other processes and machines as what computes the blocks of a file: dask.distributed.

Belongs here: connecting to a scheduler, and sending blocks there and back. This process reads and
writes the files, so workers need no access to them. Dask arrays need nothing of this; they are
``arrays/lazy.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Axes, Block, Range, Task
from napari_autolut.batch.executors import Computed, with_warning
from napari_autolut.engine import plane_engine
from napari_autolut.util.boxes import Box
from napari_autolut.util.memmap import release
from napari_autolut.util.optional import distributed

if TYPE_CHECKING:
    from distributed import Client

TIMEOUT = 10
"""Seconds to wait for a scheduler, and for its first worker."""

BLOCKS_PER_THREAD = 2
"""How many blocks are on their way for each thread of the cluster: one computed, one to come."""


class ClusterError(ConnectionError):
    """A cluster that cannot be reached or does not do its work: which one, and what to do."""

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"{address}: {problem}")


@dataclass(frozen=True)
class Cluster:
    """Computes blocks on a cluster.

    Parameters
    ----------
    client : distributed.Client
        Connected to the scheduler.
    address : str
        Of the scheduler, for messages.
    engine : {"auto", "fast", "reference"}, default "auto"
    """

    client: Client
    address: str
    engine: str = "auto"

    def run(self, task: Task, blocks: Iterable[Block]) -> Computed:
        """Compute the blocks, and give each when it is done; a few at a time are on their way.

        Raises
        ------
        ClusterError
            If the workers are lost, or cannot run the code.
        """
        # Once for every worker, without pixels: these come block by block, a plane at a time.
        empty = np.empty((0,) * (2 + task.axes.rgb), task.array.dtype)
        template = replace(task.on(empty), axes=Axes((0, 1), task.axes.rgb), ranges=())
        (sent,) = self.client.scatter([template], broadcast=True)
        waiting = with_warning(task, blocks)
        under_way: dict[Any, Block] = {}
        finished = distributed().as_completed(
            loop=self.client.loop, with_results=True, raise_errors=False
        )
        max_under_way = BLOCKS_PER_THREAD * sum(self.client.nthreads().values())
        try:
            while True:
                for block in waiting:
                    future = self._submit(task, block, sent)
                    under_way[future] = block
                    finished.add(future)
                    if len(under_way) >= max_under_way:
                        break
                if not under_way:
                    return
                future, values = next(finished)
                block = under_way.pop(future)
                if future.status != "finished":
                    raise self._failure(values)
                future.release()
                yield block, values
        finally:
            # The client does what it was asked in order: after the last call nothing is left.
            sent.release()
            self.client.cancel(list(under_way))

    def _submit(self, task: Task, block: Block, template: Any) -> Any:
        """Send a block and the pixels that its result depends on."""
        outer = block.box.grown(task.halo_radius, (task.whole.bottom, task.whole.right))
        patch = np.array(task.source(Block(block.planes, outer)))
        if block.box.left == 0:
            release(task.array)
        pixels = self.client.scatter(patch, hash=False)
        place, value_range = block.box.within(outer), task.range_of(block)
        return self.client.submit(
            computed_patch, template, pixels, place, value_range, self.engine, pure=False
        )

    def _failure(self, found: Any) -> BaseException:
        """Say what came instead of a result; a block's own error as it would be here."""
        kind, error = found[:2] if isinstance(found, tuple) else (type(found), found)
        if isinstance(error, MemoryError):
            return error
        return ClusterError(
            self.address,
            f"the workers cannot compute a tile ({kind.__name__}: {error}); expected workers with "
            "this napari-autolut installed",
        )


def computed_patch(
    template: Task, patch: NDArray[Any], place: Box, value_range: Range, engine: str
) -> NDArray[Any]:
    """Compute a box of a plane's patch; this runs on a worker, which has threads of its own."""
    task = replace(template, array=patch, ranges=(value_range,))
    return task.computed(Block((), place), plane_engine(engine, threads=1))


@contextmanager
def connected(address: str, engine: str = "auto") -> Iterator[Cluster]:
    """Connect to a scheduler, such as ``tcp://host:8786``, and disconnect afterwards.

    Raises
    ------
    MissingDependencyError
        If dask.distributed is not installed.
    ClusterError
        If no scheduler answers, or it has no workers.
    """
    package = distributed()
    try:
        client = package.Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        problem = "no scheduler answers there; start one (dask scheduler) or check the address"
        raise ClusterError(address, problem) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=TIMEOUT)
        except TimeoutError as error:
            problem = f"the scheduler has no workers; start some: dask worker {address}"
            raise ClusterError(address, problem) from error
        yield Cluster(client, address, engine)
