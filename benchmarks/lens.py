"""Time from a move in the viewer until the lens shows its first piece and all of the view.

    xvfb-run -a python benchmarks/lens.py [MODEL ...]

Real window, real dock, a grey 8-bit image of 3072 x 3072 and a canvas of 512 x 512 of its pixels.
A jump shows a part that has nothing in common with the one before. A pan moves it by 64 pixels; the
view has been still for 0.3 s before, in which the lens computes what is around it.
"""

from __future__ import annotations

import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pages import markdown
from skimage.data import camera as cameraman
from timing import machine

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

from picture_windows import Stage, own_folders, stage
from qtpy.QtCore import QEventLoop
from qtpy.QtWidgets import QApplication

from napari_autolut._compat import camera, canvas_size

VIEW, PAN = 512, 64
ROUNDS = 2
PLACES = [(300 + 700 * i, 300 + 700 * j) for i in range(4) for j in range(4)]
PANS = [(1500, 400 + PAN * k) for k in range(16)]
MODELS = ["natural-x4", "natural-x4-fast", "natural-x4-light"]


@dataclass(frozen=True)
class Move:
    """Milliseconds until something new was shown, and until all of the view was."""

    first: float
    whole: float


def main() -> None:
    """Measure and print a table."""
    rows = []
    with own_folders() as folder, stage(Path(folder)) as opened:
        noise = np.random.default_rng(0).integers(0, 100, (6 * VIEW, 6 * VIEW))
        pixels = (np.tile(cameraman(), (6, 6)) // 2 + noise).astype(np.uint8)
        opened.viewer.add_image(pixels, name="big")
        dock = opened.dock("Upscale")
        _fit_canvas(opened)
        for model in sys.argv[1:] or MODELS:
            assert dock.models.pick_name(model)
            dock.lens_box.setChecked(True)
            jumps = [_move(opened, dock, place) for _ in range(ROUNDS) for place in PLACES][1:]
            pans = [_move(opened, dock, place) for place in PANS][1:]
            rows.append([model, *_texts(jumps), *_texts(pans)])
            dock.lens_box.setChecked(False)
    print(f"Median milliseconds, {machine()}\n")
    kinds = [f"{move}: {what}" for move in ("jump", "pan") for what in ("first", "whole view")]
    print(markdown(["model", *kinds], rows))


def _fit_canvas(opened: Stage) -> None:
    """Make the canvas as large as the view, at one pixel of the image per pixel of the screen."""
    window = opened.viewer.window._qt_window
    for _ in range(3):
        height, width = canvas_size(opened.viewer)
        window.resize(window.width() + VIEW - width, window.height() + VIEW - height)
        opened.settle()
    camera(opened.viewer).zoom = 1


def _move(opened: Stage, dock: Any, centre: tuple[int, int]) -> Move:
    """Look elsewhere; drawing is done before the next move."""
    times: list[float] = []
    connection = dock.lens.status_changed.connect(
        lambda line: times.append(time.perf_counter()) if "px" in line else None
    )
    begun = time.perf_counter()
    camera(opened.viewer).center = (0, *centre)
    _wait_until_still(dock.lens)
    dock.lens.status_changed.disconnect(connection)
    opened.settle(0.3)
    return Move(1000 * (times[0] - begun), 1000 * (times[-1] - begun))


def _wait_until_still(lens: Any) -> None:
    """Sleep between events, as the application does: a loop that spins takes a core away."""
    wait = QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    while lens.busy:
        QApplication.processEvents(wait)


def _texts(moves: list[Move]) -> list[str]:
    firsts, wholes = ([getattr(move, name) for move in moves] for name in ("first", "whole"))
    return [f"{statistics.median(values):.0f}" for values in (firsts, wholes)]


if __name__ == "__main__":
    main()
