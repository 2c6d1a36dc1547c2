"""Time against the number of pixels, from 64 x 64 to 4096 x 4096: a straight line or not."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
from timing import seconds
from workloads import grey

from napari_autolut.engine import plane_engine
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import tile_boxes, whole

SIDES = (64, 128, 256, 512, 1024, 2048, 4096)


def curve(model: LutModel, repeats: int) -> dict[int, float]:
    """Seconds for a grey plane of side x side, one thread, in tiles as layers are enlarged."""
    engine = plane_engine("fast", threads=1)
    times = {}
    for side in SIDES:
        plane = grey(side, side)

        def work(plane: np.ndarray = plane) -> None:
            for box in tile_boxes(whole(plane.shape)):
                engine(model, plane[box.grown(model.halo, plane.shape).slices]).max()

        work() if side < 1024 else None
        times[side] = statistics.median(
            seconds(work, time.process_time) for _ in range(repeats if side < 2048 else 1)
        )
    return times


def exponent(times: dict[int, float]) -> float:
    """Slope of log time over log pixels: 1 where time is proportional to pixels."""
    pixels = [2 * np.log(side) for side in times]
    return float(np.polyfit(pixels, np.log(list(times.values())), 1)[0])


def plot(curves: dict[str, dict[int, float]], path: Path) -> None:
    """Draw seconds over pixels for several models, each with the line of its cost per pixel."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.4), layout="constrained")
    axes = figure.subplots()
    for name, times in curves.items():
        pixels = np.array([side**2 for side in times])
        seconds_taken = np.array(list(times.values()))
        per_pixel = float(np.exp(np.mean(np.log(seconds_taken / pixels))))
        (line,) = axes.loglog(pixels, per_pixel * pixels, alpha=0.5)
        label = f"{name}: {1e9 * per_pixel:.0f} ns a pixel, exponent {exponent(times):.2f}"
        axes.loglog(pixels, seconds_taken, "o", color=line.get_color(), label=label)
    axes.set_xlabel("pixels of the grey source")
    axes.set_ylabel("seconds, one thread")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)
