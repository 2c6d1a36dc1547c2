"""How fast the engine is: one run measures everything, prints a table and writes JSON.

    python benchmarks/engine.py [--tables FOLDER] [--json FILE] [--readme] [--repeats N]

Without ``--tables`` (a folder of MuLUT x4 tables) random ones of the same shape are used: the time
does not depend on what the tables hold. Every row is measured in turn with the fast engine on one
thread, so that a machine whose speed drifts slows both; ratios are medians of such pairs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pages
import published_lookup
from skimage.data import astronaut
from skimage.transform import rescale

from napari_autolut import list_models, load_model
from napari_autolut.bicubic import resize
from napari_autolut.engine import fast, reference
from napari_autolut.formats import import_tables
from napari_autolut.model import Branch, Card, LutModel, Signal, SpatialNode, Table, one_hot_windows

HEIGHT, WIDTH = 180, 320


def mulut(tables: Path | None) -> LutModel:
    """MuLUT SDY-X2 at x4, from its published tables or with random ones."""
    if tables:
        return import_tables(tables)
    random = np.random.default_rng(0)

    def stage(source: int, columns: int) -> tuple[Branch, ...]:
        return tuple(
            Branch(
                Table(random.integers(-60, 61, (17**4, columns)).astype(np.int8), 17),
                one_hot_windows(pattern),
                Signal(source),
            )
            for pattern in "SDY"
        )

    nodes = (SpatialNode(stage(0, 1), 12, 127), SpatialNode(stage(1, 16), 3, 0, 4))
    return LutModel(nodes, Card("MuLUT"), rounding="stage")


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def thread_scaling(model: LutModel, repeats: int) -> float:
    """How many times faster two threads are than one on 1024 x 1024 grey."""
    plane = np.random.default_rng(0).integers(0, 256, (1024, 1024)).astype(np.float32)

    def work(threads: int) -> Callable[[], object]:
        return lambda: fast.upscale_plane(model, plane, threads=threads)

    return statistics.median(seconds(work(1)) / seconds(work(2)) for _ in range(repeats))


def processor() -> str:
    """What the processor calls itself."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")] \
        if cpuinfo.exists() else []  # fmt: skip
    return names[0].partition(": ")[2] if names else platform.processor() or platform.machine()


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--readme", action="store_true", help="put the table into the README")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()

    image = astronaut()[:HEIGHT, :WIDTH]
    planes = [np.ascontiguousarray(image[..., c], np.float32) for c in range(3)]
    model = mulut(options.tables)

    def engine(of: LutModel, threads: int) -> Callable[[], object]:
        return lambda: [fast.upscale_plane(of, plane, threads=threads) for plane in planes]

    baseline = engine(model, 1)
    rows: dict[str, Callable[[], object]] = {
        "MuLUT, reference engine (numpy)": lambda: [
            reference.upscale_plane(model, plane) for plane in planes
        ],
        "MuLUT, published numpy look-up": lambda: [
            published_lookup.upscale_plane(model, plane) for plane in planes
        ],
        "bicubic (napari_autolut.bicubic)": lambda: resize(image, 4),
        "skimage.transform.rescale(order=3)": lambda: rescale(
            image, 4, order=3, channel_axis=-1, anti_aliasing=False
        ),
    }
    for entry in list_models():
        shipped = load_model(entry.path)
        if entry.origin == "shipped" and shipped.scale == 4:
            rows[f"{entry.name}, fast engine, 1 thread"] = engine(shipped, 1)

    for plane in planes:
        expected = published_lookup.upscale_plane(model, plane)
        assert (fast.upscale_plane(model, plane) == expected).all(), "the results differ"

    baseline()
    result: dict[str, dict[str, float]] = {}
    own: list[float] = []
    for name, work in rows.items():
        work()
        pairs = [(seconds(work), seconds(baseline)) for _ in range(options.repeats)]
        own += [b for _, b in pairs]
        result[name] = {
            "milliseconds": 1000 * statistics.median(a for a, _ in pairs),
            "ratio": statistics.median(a / b for a, b in pairs),
        }
    result = {
        "MuLUT, fast engine, 1 thread": {
            "milliseconds": 1000 * statistics.median(own),
            "ratio": 1.0,
        }
    } | result

    machine = f"{processor()}, {os.cpu_count()} cores"
    scaling = thread_scaling(model, options.repeats)
    print(f"{WIDTH} x {HEIGHT} RGB -> {4 * WIDTH} x {4 * HEIGHT} on {machine}")
    for name, row in result.items():
        print(f"{name:<42} {row['milliseconds']:9.1f} ms {row['ratio']:9.2f} x")
    print(f"two threads on 1024 x 1024 grey: {scaling:.2f} times one")
    if options.readme:
        table = [[name, f"{row['milliseconds']:.1f} ms", f"{row['ratio']:.2f}"]
                 for name, row in result.items()]  # fmt: skip
        text = (
            f"{pages.markdown(['', 'time', 'ratio'], table)}\n\nMeasured on {machine}; two threads "
            f"are {scaling:.1f} times as fast as one on 1024 x 1024 grey."
        )
        pages.put("speed", text)
    if options.json:
        options.json.write_text(
            json.dumps({"machine": machine, "rows": result, "two_threads": scaling}, indent=2)
        )


if __name__ == "__main__":
    main()
