"""Windows of napari for pictures: opened, driven, waited for and closed.

Belongs here: everything that presses or grabs. What is shown is ``make_pictures.py``.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from npe2 import PluginManager
from picture_files import Pixels
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage
from qtpy.QtWidgets import QApplication, QTableWidget, QWidget

from napari_autolut._compat import camera, canvas_size

if TYPE_CHECKING:
    from napari import Viewer
    from napari.layers import Image

    from napari_autolut.widgets.compare.window import CompareWindow

WINDOW = (1320, 800)
COMPARE_WINDOW = (1080, 640)
DOCK_WIDTH = 330
MENU_HEIGHT, STATUS_HEIGHT = 20, 26
SETTLING = 0.7
"""Seconds that animations, delayed work and drawing may take."""

PATIENCE = 180
"""Seconds that anything but a training may take."""


@contextmanager
def own_folders() -> Iterator[str]:
    """Keep models, trainings and settings of this process in a folder that is removed."""
    with TemporaryDirectory(prefix="pictures-") as folder:
        os.environ["XDG_DATA_HOME"] = folder
        os.environ["NAPARI_CONFIG"] = str(Path(folder) / "settings.yaml")
        os.environ["NAPARI_ASYNC"] = "0"
        yield folder


@dataclass
class Stage:
    """A window of napari, and a folder for files."""

    viewer: Viewer
    folder: Path

    def dock(self, name: str) -> Any:
        """Open a dock under the title that the menu gives it, and give it its width."""
        docks = PluginManager.instance().iter_widgets()
        (dock,) = [
            each
            for each in docks
            if (each.plugin_name, each.display_name) == ("napari-autolut", name)
        ]
        widget = dock.get_callable()(self.viewer)
        title = f"{name} (AutoLUT upscaling)"
        area = self.viewer.window.add_dock_widget(widget, name=title)
        window = self.viewer.window._qt_window
        window.resizeDocks([area], [DOCK_WIDTH], Qt.Orientation.Horizontal)
        self.settle()
        return widget

    def run(self, dock: Any) -> None:
        """Press Run, when the model is chosen, and wait for the result."""
        if hasattr(dock, "advice"):
            self.wait(lambda: not dock.advice.busy)
        dock.run_bar.button.click()
        self.wait(lambda: not dock.run_bar.running)
        self.settle()

    def compare(
        self, source: Image, *, truth: Image | None = None, views: Sequence[str] = ()
    ) -> CompareWindow:
        """Open the Compare window on an image, with views by name or those it proposes."""
        dock = self.dock("Compare")
        dock.layers.pick(source)
        if views:
            for choice in dock.views.ticked:
                dock.views.tick(choice, on=False)
            for row in range(dock.views.count()):
                item = dock.views.item(row)
                if set(re.findall(r"[\w-]+", item.text().lower())) & set(views):
                    item.setCheckState(Qt.CheckState.Checked)
        if truth is not None:
            dock.truth.setCurrentIndex(dock.truth.findData(truth))
            dock.truth.activated.emit(dock.truth.currentIndex())
        self.run(dock)
        window: CompareWindow = dock.window_of_views
        self.wait(window.bar.isEnabled)
        window.resize(*COMPARE_WINDOW)
        self.settle()
        return window

    def clear(self) -> None:
        """Close all docks of the plugin and remove all layers."""
        self.viewer.window.remove_dock_widget("all")
        self.viewer.layers.clear()
        self.settle()

    def look_at(self, window: CompareWindow, row: float, column: float, rows: float) -> None:
        """Put a place into the middle of the views, with so many rows from top to bottom."""
        look = camera(window.canvas.model)
        look.center = (row, column)
        look.zoom = window.canvas.native.height() / rows
        self.settle()

    def picture_of_comparison(self, window: CompareWindow) -> Pixels:
        """The window, when all figures are there."""
        self.wait(lambda: "…" not in figures_of(window))
        self.settle()
        return pixels_of(window)

    def picture(self, settle: float = SETTLING) -> Pixels:
        """The whole window of napari."""
        self.settle(settle)
        return pixels_of(self.viewer.window._qt_window)

    def right_dock_of(self, pixels: Pixels) -> Pixels:
        """The part of a picture of the window that the dock on the right takes."""
        return pixels[MENU_HEIGHT:-STATUS_HEIGHT, -DOCK_WIDTH:]

    @property
    def canvas_height(self) -> int:
        """Height of the canvas in pixels."""
        return canvas_size(self.viewer)[0]

    def wait(self, done: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Let the windows live until something has happened.

        Raises
        ------
        TimeoutError
            if it has not in that time
        """
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {seconds} seconds in vain")
            QApplication.processEvents()
            time.sleep(0.01)

    def settle(self, seconds: float = SETTLING) -> None:
        """Let animations, delayed work and drawing come to an end."""
        until = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > until)


@contextmanager
def stage(folder: Path, theme: str = "dark") -> Iterator[Stage]:
    """Open napari in a theme and close it at the end."""
    import napari

    napari.utils.notifications.notification_manager.records.clear()
    viewer = napari.Viewer(title="napari")
    viewer.theme = theme
    viewer.window.resize(*WINDOW)
    images = folder / "microscope"
    images.mkdir()
    made = Stage(viewer, images)
    made.settle()
    try:
        yield made
    finally:
        viewer.close()
        QApplication.processEvents()


def pixels_of(widget: QWidget) -> Pixels:
    """What a widget shows, its canvas too."""
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    height, width = picture.height(), picture.width()
    bits = picture.constBits()
    data = np.frombuffer(bits.asstring(picture.sizeInBytes()), np.uint8)
    return (
        data.reshape(height, picture.bytesPerLine())[:, : 3 * width]
        .reshape(height, width, 3)
        .copy()
    )


def choose_mode(window: CompareWindow, name: str) -> None:
    """Press the button of a mode."""
    from napari_autolut.widgets.compare.bar import Mode

    window.bar.buttons[Mode[name]].click()


def figures_of(window: CompareWindow) -> list[str]:
    """All texts of the table below the views."""
    table = window.findChild(QTableWidget)
    cells = (table.item(r, c) for r in range(table.rowCount()) for c in range(table.columnCount()))
    return [cell.text() for cell in cells if cell is not None]


def write_pieces(image: Any, folder: Path, side: int, name: str) -> None:
    """Cut an image into square files, whose names begin with the one given."""
    from PIL import Image as Pillow

    folder.mkdir(exist_ok=True)
    for row in range(0, image.shape[0] - side + 1, side):
        for column in range(0, image.shape[1] - side + 1, side):
            piece = Pillow.fromarray(image[row : row + side, column : column + side])
            piece.save(folder / f"{name}-{row // side}{column // side}.png")


def add_truth(viewer: Viewer, data: Any, source: Image, name: str) -> Image:
    """Add an image that covers the same place as a smaller one."""
    factor = np.array(data.shape[:2]) / source.data.shape[:2]
    scale = np.array(source.scale[-2:]) / factor
    translate = np.array(source.translate[-2:]) + scale * (1 - factor) / 2
    return viewer.add_image(data, name=name, rgb=data.ndim == 3, scale=scale, translate=translate)
