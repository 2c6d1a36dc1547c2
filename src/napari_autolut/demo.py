"""The main job on a real image: a small portrait, upscaled and shown beside itself.

``python -m napari_autolut.demo`` opens napari, presses Run in the Upscale dock and lays source and
result side by side; ``--screenshot FILE`` writes the window as PNG and closes it.

Belongs here: what is pressed and shown. What happens then is the dock's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_autolut._compat import grid, show_name

if TYPE_CHECKING:
    from napari import Viewer

    from napari_autolut.widgets.upscale.dock import UpscaleWidget

WINDOW = (1500, 900)
SETTLING_MS, MAX_WAITS = 1000, 20
"""How long the dock has to stay as it is until it counts as laid out, and how often that is
awaited: it shows the measured speed first, and a busy computer lays out late."""


def show(
    screenshot: Annotated[
        Path | None, typer.Option(help="Write the window as PNG there and close it.")
    ] = None,
    sample: Annotated[str, typer.Option(help="Key of the sample to open.")] = "astronaut",
) -> None:
    """Open napari with a sample, its upscaled version beside it and the Upscale dock."""
    import napari

    from napari_autolut.widgets.upscale.again import shown_dock

    viewer = napari.Viewer(title="napari-autolut")
    viewer.window.resize(*WINDOW)
    viewer.open_sample("napari-autolut", sample)
    dock = shown_dock(viewer)
    before = len(viewer.layers)
    _press_run(dock)
    if len(viewer.layers) == before:
        viewer.close()
        raise typer.Exit(2)
    lay_side_by_side(viewer)
    if screenshot is None:
        napari.run()
    else:
        _write_window(viewer, screenshot)
        viewer.close()


def _press_run(dock: UpscaleWidget) -> None:
    """Press the button and wait until the dock is idle again; the window stays usable."""
    from qtpy.QtCore import QEventLoop

    waiting = QEventLoop()
    if dock.advice.choosing:
        dock.advice.advised.connect(waiting.quit)
        waiting.exec()
        dock.advice.advised.disconnect(waiting.quit)
    dock.run_bar.running_changed.connect(lambda running: running or waiting.quit())
    dock.destroyed.connect(waiting.quit)
    dock.run_bar.button.click()
    if dock.run_bar.running:
        waiting.exec()


def lay_side_by_side(viewer: Viewer) -> None:
    """Each layer in a place of its own, with its name, all with the same part in view."""
    grid(viewer).enabled = True
    grid(viewer).stride = 1
    for layer in viewer.layers:
        show_name(layer)
    viewer.reset_view()


def _write_window(viewer: Viewer, path: Path) -> None:
    """Screenshot of the whole window, once it has been laid out and drawn."""
    from qtpy.QtCore import QEventLoop, QTimer
    from qtpy.QtWidgets import QWidget

    waiting = QEventLoop()
    before = None
    for _ in range(MAX_WAITS):
        places = [each.geometry() for each in viewer.window._qt_window.findChildren(QWidget)]
        if places == before:
            break
        before = places
        QTimer.singleShot(SETTLING_MS, waiting.quit)
        waiting.exec()
    viewer.window.screenshot(str(path), flash=False, canvas_only=False)


if __name__ == "__main__":
    typer.run(show)
