"""Times in pairs with a yardstick, so that a machine whose speed drifts slows both."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

Work = Callable[[], object]

Clock = Callable[[], float]
"""Of the wall, or of the processor: on one thread that is not changed by what runs beside."""


BUSY = 1.15
"""How many times the processor's time the wall's is where others use the cores."""


class Pairs(NamedTuple):
    """Medians over pairs of runs."""

    milliseconds: float
    yardstick_milliseconds: float
    ratio: float


def seconds(work: Work, clock: Clock = time.perf_counter) -> float:
    """Time of one call, on the wall or, with ``time.process_time``, of the processor."""
    start = clock()
    work()
    return clock() - start


def against(
    yardstick: Work, work: Work, repeats: int, least: float = 0, clock: Clock = time.perf_counter
) -> Pairs:
    """Time of ``work`` and how many times that of ``yardstick`` it is.

    There are ``repeats`` pairs, or more until they have taken ``least`` seconds: a machine that is
    shared may be slow for a while.
    """
    work()
    yardstick()
    pairs: list[tuple[float, float]] = []
    while len(pairs) < repeats or sum(map(sum, pairs)) < least:
        pairs.append((seconds(work, clock), seconds(yardstick, clock)))
    return Pairs(
        1000 * statistics.median(a for a, _ in pairs),
        1000 * statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def is_busy(work: Work) -> bool:
    """Whether others use the cores, so that a work of one thread waits for its own."""
    work()
    pairs = [(seconds(work), seconds(work, time.process_time)) for _ in range(9)]
    return statistics.median(wall / processor for wall, processor in pairs) > BUSY


def median_milliseconds(work: Work, repeats: int = 9) -> float:
    """Median time of a work, after a first call that may compile."""
    work()
    return 1000 * statistics.median(seconds(work) for _ in range(repeats))


def machine() -> str:
    """Processor, whether it has the widest vectors, and number of cores."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    vectors = " with AVX-512" if any(" avx512f" in line for line in lines) else ""
    return f"{name}{vectors}, {os.cpu_count()} cores"
