"""Other processes and machines as what computes the blocks of a file: dask.distributed.

Belongs here: connecting to a scheduler, and sending blocks there and back. This process reads and
writes the files, so workers need no access to them. Dask arrays need nothing of this; they are
``arrays/lazy.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import ArrayTask, Block
from napari_autolut.arrays.patches import Computed, patches
from napari_autolut.engine import plane_engine
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

    def run(self, task: ArrayTask, blocks: Iterable[Block]) -> Computed:
        """Compute the blocks, and give each when it is done; a few at a time are on their way.

        Raises
        ------
        ClusterError
            If the workers are lost, or cannot run the code.
        """
        # Once for every worker, without pixels: these come block by block, a plane at a time.
        template = task.on(np.empty((0,) * task.array.ndim, task.array.dtype))
        (sent,) = self.client.scatter([template], broadcast=True)
        waiting = patches(task, blocks)
        under_way: dict[Any, Block] = {}
        finished = distributed().as_completed(
            loop=self.client.loop, with_results=True, raise_errors=False
        )
        max_under_way = BLOCKS_PER_THREAD * sum(self.client.nthreads().values())
        try:
            while True:
                for block, patch, place in waiting:
                    if block.box.left == 0:
                        release(task.array)
                    future = self._submit(block, patch, place, sent)
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

    def _submit(self, block: Block, patch: NDArray[Any], place: Block, template: Any) -> Any:
        """Send a block and the pixels that its result depends on."""
        pixels = self.client.scatter(patch, hash=False)
        return self.client.submit(
            computed_patch, template, pixels, block, place, self.engine, pure=False
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
    template: ArrayTask, patch: NDArray[Any], block: Block, place: Block, engine: str
) -> NDArray[Any]:
    """Compute a block's patch; this runs on a worker, which has threads of its own."""
    task = template.on_patch(block, patch, place)
    return task.computed(place, plane_engine(engine, threads=1))


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
