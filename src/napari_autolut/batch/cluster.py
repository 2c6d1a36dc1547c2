"""Other processes and machines as what computes the blocks of a file: dask.distributed.

Belongs here: connecting to a scheduler, and sending blocks there and back. This process reads and
writes the files, so workers need no access to them. Dask arrays need nothing of this; they are
``arrays/lazy.py``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import ArrayTask, Block, Computed
from napari_autolut.arrays.patches import patches
from napari_autolut.engine import plane_engine
from napari_autolut.util.memmap import release
from napari_autolut.util.optional import distributed

if TYPE_CHECKING:
    from distributed import Client

ADDRESS = re.compile(r"((tcp|tls|wss?|ucx)://)?[^/]+:\d+/?|inproc://.+")

TIMEOUT = 10
"""Seconds to wait for a scheduler, and for its first worker."""

BLOCKS_PER_THREAD = 2
"""How many blocks are on their way for each thread of the cluster: one computed, one to come."""

TRIES = 4
"""How often a block is sent whose worker was lost."""

PAUSE = 0.5
"""Seconds in which a scheduler sees that a worker is gone."""

LOST = ("cancelled", "lost")
"""What becomes of a block whose pixels were on a worker that is gone."""


class Sending(NamedTuple):
    """A block on its way, with its patch, its place there, and how often it may still be sent."""

    block: Block
    patch: NDArray[Any]
    place: Block
    tries: int = TRIES


class ClusterError(ConnectionError):
    """A cluster that cannot be reached or does not do its work: which one, and what to do."""


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
        What each worker computes with.
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
        sent = self._sent(template)
        waiting = patches(task, blocks)
        under_way: dict[Any, Sending] = {}
        finished = distributed().as_completed(
            loop=self.client.loop, with_results=True, raise_errors=False
        )
        max_under_way = BLOCKS_PER_THREAD * sum(self.client.nthreads().values())
        try:
            while True:
                for block, patch, place in waiting:
                    if block.box.left == 0:
                        release(task.array)
                    sending = Sending(block, patch, place)
                    future = self._submit(sending, sent)
                    under_way[future] = sending
                    finished.add(future)
                    if len(under_way) >= max_under_way:
                        break
                if not under_way:
                    return
                future, values = next(finished)
                sending = under_way.pop(future)
                if future.status in LOST and sending.tries > 1:
                    # What a worker was sent is gone with it, the task too if it was the only one.
                    sent, again = self._sent(template), sending._replace(tries=sending.tries - 1)
                    future = self._submit(again, sent)
                    under_way[future] = again
                    finished.add(future)
                    continue
                if future.status != "finished":
                    raise self._failure(values)
                future.release()
                yield sending.block, values
        finally:
            # The client does what it was asked in order: after the last call nothing is left.
            sent.release()
            self.client.cancel(list(under_way))

    def _sent(self, template: ArrayTask) -> Any:
        """Send a task to every worker."""
        (sent,) = self._scattered([template], broadcast=True)
        return sent

    def _submit(self, sending: Sending, template: Any) -> Any:
        """Send a block and the pixels that its result depends on."""
        pixels = self._scattered(sending.patch, hash=False)
        return self.client.submit(
            computed_patch,
            template,
            pixels,
            sending.block,
            sending.place,
            self.engine,
            pure=False,
        )

    def _scattered(self, what: Any, **how: bool) -> Any:
        """Send something to workers, also where the scheduler has yet to see that one is gone."""
        for left in reversed(range(TRIES)):
            try:
                return self.client.scatter(what, **how)
            except OSError as error:
                if not left:
                    problem = "loses its workers; see to them, and start it again"
                    raise ClusterError(f"{self.address}: {problem}") from error
                time.sleep(PAUSE)
        raise AssertionError("unreachable")

    def _failure(self, found: Any) -> BaseException:
        """Say what came instead of a result; a block's own error as it would be here."""
        kind, error = found[:2] if isinstance(found, tuple) else (type(found), found)
        if isinstance(error, MemoryError):
            return error
        return ClusterError(
            f"{self.address}: the workers cannot compute a tile ({kind.__name__}: {error}); "
            "expected workers with this napari-autolut installed"
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
        If it is no address, no scheduler answers there, or it has no workers.
    """
    package = distributed()
    if not ADDRESS.fullmatch(address):
        problem = "found no address of a scheduler, expected tcp://host:8786"
        raise ClusterError(f"{address}: {problem}")
    try:
        client = package.Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        problem = "no scheduler answers there; start one (dask scheduler) or check the address"
        raise ClusterError(f"{address}: {problem}") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=TIMEOUT)
        except TimeoutError as error:
            problem = f"the scheduler has no workers; start some: dask worker {address}"
            raise ClusterError(f"{address}: {problem}") from error
        yield Cluster(client, address, engine)
