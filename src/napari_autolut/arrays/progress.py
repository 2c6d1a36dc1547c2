"""Work in steps that can be watched and stopped: generators that yield how far they are.

Belongs here: progress as a value, generators around generators, and a pool of threads for steps
that wait for files or a card. What is done in a step is ``eager.py``'s and its users'.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any, NamedTuple, TypeVar

Item = TypeVar("Item")
Step = TypeVar("Step")
Told = TypeVar("Told")
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


def finish(steps: Generator[Any, None, Result]) -> Result:
    """Take all steps and give the result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: Result = end.value
            return result


def relayed(
    steps: Generator[Step, None, Result], told: Callable[[Step], Told]
) -> Generator[Told, None, Result]:
    """Take steps and yield of each what ``told`` makes of it; closing it closes them."""
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                result: Result = end.value
                return result
            yield told(step)


def one_of_several(
    steps: Generator[Progress, None, Result], number: int, count: int
) -> Generator[Progress, None, Result]:
    """Take the steps of one of several works that count alike, whatever steps each has."""

    def among_all(step: Progress) -> Progress:
        done = STEPS_OF_ONE * step.done // max(1, step.total)
        return Progress(STEPS_OF_ONE * number + done, STEPS_OF_ONE * count)

    return relayed(steps, among_all)


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
