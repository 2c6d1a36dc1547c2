"""Threads, pools of processes and dask's schedulers, one of whose workers is killed.

Belongs here: who calls the engine at the same time. Limits of threads are ``bits.py``.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut import upscale
from napari_autolut.batch import upscale_file_steps
from napari_autolut.batch.cluster import connected
from napari_autolut.io import ImageFile, read_image, write_image
from tests.pictures import picture
from tests.soak.part import Finding, folder, scaled

MODELS = ("natural-x2", "natural-x4-light", "micro-x2", "autolut-mulut-x4")
THREADS, PROCESSES, JOBS = 16, 4, 96


def job(number: int) -> NDArray[Any]:
    """One of many calls that differ."""
    dtype = ("uint8", "uint16", "float32")[number % 3]
    image = picture((20 + number % 31, 25 + number % 17), dtype, seed=number)
    return upscale(image, MODELS[number % len(MODELS)])


def run(amount: float) -> Iterator[Finding]:
    """Compare with one call after the other."""
    count = scaled(JOBS, amount)
    expected = [job(number) for number in range(count)]

    def different(found: list[NDArray[Any]], who: str) -> tuple[str, ...]:
        pairs = enumerate(zip(found, expected, strict=True))
        return tuple(f"{who}: call {n}" for n, pair in pairs if not np.array_equal(*pair))

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(job, range(count)))
    faults = different(found, f"{THREADS} threads")
    yield Finding(f"{THREADS} threads at once", f"{count:,} calls, the same bits", faults)

    for method in ("spawn", "fork"):
        if method not in multiprocessing.get_all_start_methods():
            continue
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(PROCESSES, mp_context=context) as processes:
            found = list(processes.map(job, range(count)))
        what = f"A pool of {PROCESSES} processes ({method})"
        yield Finding(what, f"{count:,} calls, the same bits", different(found, method))
    yield from schedulers(scaled(2, amount))


def schedulers(kills: int) -> Iterator[Finding]:
    """Dask arrays with every scheduler, and files on a cluster that loses workers."""
    import dask
    import dask.array as da

    image = picture((6, 200, 190), "uint16", top=9000)
    options: dict[str, Any] = {"value_range": (0, 9000), "channel_axis": 0}
    expected, faults = upscale(image, "natural-x2", **options), []
    lazy = upscale(da.from_array(image, chunks=(1, 70, 64)), "natural-x2", **options)
    for scheduler in ("synchronous", "threads", "processes"):
        with dask.config.set(scheduler=scheduler):
            if not np.array_equal(lazy.compute(), expected):
                faults.append(f"other bits from dask's {scheduler}")
    yield Finding("Dask: synchronous, threads, processes", "the same bits", tuple(faults))
    yield from cluster(lazy, expected, kills)


def cluster(lazy: Any, expected: NDArray[Any], kills: int) -> Iterator[Finding]:
    """A cluster one of whose workers is killed while it works."""
    import distributed

    faults, killed = [], 0
    large = picture((700, 900), "uint16", top=9000)
    whole = upscale(large, "natural-x4-light")
    with (
        folder() as place,
        distributed.LocalCluster(n_workers=3, threads_per_worker=1, dashboard_address=":0",
                                 silence_logs="CRITICAL") as running,
        distributed.Client(running) as client,
    ):  # fmt: skip
        source = write_image(place / "in.tif", ImageFile(large, "YX"))
        for _ in range(kills):
            with one_killed(client):
                if not np.array_equal(lazy.compute(), expected):
                    faults.append("other bits from an array whose worker was killed")
            killed += 1
            client.wait_for_workers(3)
            with one_killed(client), connected(running.scheduler_address) as executor:
                out: Path = place / f"out-{killed}.tif"
                list(upscale_file_steps(source, out, "natural-x4-light", executor=executor))
            killed += 1
            if not np.array_equal(read_image(out).data, whole):
                faults.append("other bits from a file whose worker was killed")
            client.wait_for_workers(3)
    yield Finding("Dask: a cluster that loses a worker while it works",
                  f"{killed} workers killed, the same bits", tuple(faults))  # fmt: skip


class one_killed:
    """While this is entered, a worker of a cluster is killed."""

    def __init__(self, client: Any) -> None:
        pids = sorted(client.run(os.getpid).values())
        self._timer = Timer(0.3, self._kill, (pids[0],))

    def _kill(self, process: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.join()
