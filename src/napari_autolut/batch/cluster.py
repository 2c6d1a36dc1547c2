"""Other processes and machines as what computes the pieces of a file: dask.distributed.

Belongs here: connecting to a scheduler, and sending blocks there and back. This process reads and
writes the files, so workers need no access to them. Dask arrays need nothing of this; they are
``lazy.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.blocks import reach
from napari_autolut.arrays.jobs import Job
from napari_autolut.batch.file_blocks import Block, Computed, FilePlan, enlarged_block, warned
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
class OnCluster:
    """Computes blocks on a cluster."""

    client: Client
    address: str
    engine: str = "auto"

    def run(self, plan: FilePlan, blocks: Sequence[Block]) -> Computed:
        """Compute the blocks, and give each when it is done; a few at a time are on their way.

        Raises
        ------
        ClusterError
            if the workers are lost, or cannot run the code
        """
        # All channels' jobs in one piece, once for every worker: they share the model.
        (jobs,) = self.client.scatter([plan.jobs], broadcast=True)
        waiting = warned(plan, blocks)
        under_way: dict[Any, Block] = {}
        finished = distributed().as_completed(
            loop=self.client.loop, with_results=True, raise_errors=False
        )
        most = BLOCKS_PER_THREAD * sum(self.client.nthreads().values())
        try:
            while True:
                for block in waiting:
                    future = self._submit(plan, block, jobs)
                    under_way[future] = block
                    finished.add(future)
                    if len(under_way) >= most:
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
            # The client does what it was told in order: after the last call nothing is kept.
            jobs.release()
            self.client.cancel(list(under_way))

    def _submit(self, plan: FilePlan, block: Block, jobs: Any) -> Any:
        """Send a block and the pixels that its result depends on."""
        number = plan.job_number(block.place)
        picture = plan.pictures[block.place]
        height, width = picture.shape[:2]
        outer = block.box.grown(reach(plan.jobs[number].model, picture.dtype), (height, width))
        patch = np.array(picture[outer.slices])
        if block.box.left == 0:
            release(picture)
        inner = block.box.within(outer)
        sent = self.client.scatter(patch, hash=False)
        return self.client.submit(
            enlarged_patch, jobs, number, sent, inner, self.engine, pure=False
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


def enlarged_patch(
    jobs: Sequence[Job], number: int, patch: NDArray[Any], inner: Box, engine: str
) -> NDArray[Any]:
    """Compute the inner box of a patch; this runs on a worker, which has threads of its own."""
    return enlarged_block(jobs[number], patch, inner, plane_engine(engine, threads=1))


@contextmanager
def connected(address: str, engine: str = "auto") -> Iterator[OnCluster]:
    """Connect to a scheduler, such as ``tcp://host:8786``, and disconnect afterwards.

    Raises
    ------
    MissingExtraError
        if dask.distributed is not installed
    ClusterError
        if no scheduler answers, or it has no workers
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
        yield OnCluster(client, address, engine)
