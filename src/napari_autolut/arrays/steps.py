"""Work in steps that can be watched and stopped: a task, block by block, and steps in general.

Belongs here: the loop over a task's blocks with numpy arrays, its warning, and progress as a value.
Generators around generators, too, and a pool of threads for steps that wait for files or a card.
Threads for a block are the engine's. Dask arrays are ``lazy.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.array_task import ArrayTask, Block
from napari_autolut.arrays.value_range import IntensityWarning
from napari_autolut.engine import PlaneEngine
from napari_autolut.util.boxes import TILE_SIZE, Box, tile_boxes
from napari_autolut.util.warning import warn

Item = TypeVar("Item")
Step = TypeVar("Step")
Converted = TypeVar("Converted")
Result = TypeVar("Result")

STEPS_OF_ONE = 1000
"""Progress of one of several works, whatever its own steps are."""


class Progress(NamedTuple):
    """Steps that are done, and all there are.

    Of :func:`~napari_autolut.arrays.run`, tiles of single planes: several are done at once where
    planes go together.
    """

    done: int
    total: int


Steps = Generator[Progress, None, NDArray[Any]]
"""Yields after every block and returns the result; closing it stops the work."""


def run(
    task: ArrayTask,
    engine: PlaneEngine,
    *,
    tile_size: int = TILE_SIZE,
    region: Box | None = None,
    warn: bool = True,
) -> Steps:
    """Compute the result of a task, or of a region of all its planes.

    Parameters
    ----------
    task : ArrayTask
        A lazy array is computed first.
    engine : PlaneEngine
        What runs the model.
    tile_size : int
        Side of a block in input pixels, approximately; no result depends on it.
    region : Box, optional
        Rows and columns in input pixels; all of them by default.
    warn : bool, default True
        Whether to warn, once, of pixels that are NaN or infinite.

    Returns
    -------
    numpy.ndarray
        Of the array's dtype.

    Yields
    ------
    Progress
        After every block.
    """
    task = task.on(np.asarray(task.array))
    region = region or task.whole
    result = np.empty(task.result_shape(region), task.dtype)
    pixels = (region.bottom - region.top) * (region.right - region.left)
    together = max(1, tile_size**2 // pixels)
    boxes = list(tile_boxes(region, tile_size))
    done, total = 0, task.plane_count * len(boxes)

    def compute(block: Block) -> None:
        task.compute(block, task.target(result, block, region), engine)

    blocks = task.blocks(boxes, together)
    for block, _ in side_by_side(compute, blocks, engine.blocks_at_once):
        if warn and task.has_non_finite(block):
            warn = False
            warn_of_non_finite()
        done += task.planes_in(block)
        yield Progress(done, total)
    return result


def warn_of_non_finite() -> None:
    """Say that an image has pixels that no model can enlarge."""
    warn(
        "the image has NaN or infinite pixels; they become blocks of the same in the result, "
        "and pixels around them are computed as if they were smooth",
        IntensityWarning,
    )


# --- steps of any work ----------------------------------------------------------------------------


def finish(steps: Generator[Any, None, Result]) -> Result:
    """Take all steps and give the result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


def relayed(
    steps: Generator[Step, None, Result], convert: Callable[[Step], Converted]
) -> Generator[Converted, None, Result]:
    """Take steps and yield of each what ``convert`` makes of it; closing it closes them."""
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                result: Result = end.value
                return result
            yield convert(step)


def one_of_several(
    steps: Generator[Progress, None, Result], number: int, count: int
) -> Generator[Progress, None, Result]:
    """Take the steps of work ``number``, from 0, of several that count alike."""
    return relayed(steps, lambda step: among_several(step, number, count))


def among_several(step: Progress, number: int, count: int) -> Progress:
    """How far several works are together, when number ``number`` of them, from 0, is at a step."""
    done = STEPS_OF_ONE * step.done // max(1, step.total)
    return Progress(STEPS_OF_ONE * number + done, STEPS_OF_ONE * count)


def side_by_side(
    work: Callable[[Item], Result], items: Iterable[Item], at_once: int
) -> Generator[tuple[Item, Result], None, None]:
    """Yield items with what ``work`` gives for them, ``at_once`` of which run in threads.

    Items are taken by the caller's thread, no more than are needed to keep the others busy. An
    error comes with its item; closing the generator stops what has not begun.
    """
    if at_once == 1:
        for item in items:
            yield item, work(item)
        return
    with ThreadPoolExecutor(at_once, "autolut-block") as pool:
        waiting: deque[tuple[Item, Future[Result]]] = deque()
        try:
            for item in items:
                waiting.append((item, pool.submit(work, item)))
                if len(waiting) > at_once:
                    done, result = waiting.popleft()
                    yield done, result.result()
            while waiting:
                done, result = waiting.popleft()
                yield done, result.result()
        finally:
            for _, unfinished in waiting:
                unfinished.cancel()
