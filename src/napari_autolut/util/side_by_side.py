"""Work on several items at a time, whose results come in the items' order.

Belongs here: a pool of threads for steps that wait for files or a card; the engine has threads of
its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


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
