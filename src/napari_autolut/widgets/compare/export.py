"""A comparison as a picture: what the canvas shows, with names and borders, as PNG."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from qtpy.QtCore import QPoint
from qtpy.QtGui import QImage, QPainter, QRegion
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_autolut.widgets.compare.canvas import CompareCanvas

SUFFIX = ".png"


def picture_of(canvas: CompareCanvas, marks: Iterable[QWidget]) -> QImage:
    """What is seen, in the pixels of the screen; ``marks`` are the widgets over the canvas."""
    pixels = np.ascontiguousarray(canvas.qt_viewer.screenshot(flash=False))
    height, width = pixels.shape[:2]
    shown = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    picture = shown.convertToFormat(QImage.Format.Format_RGB888)
    painter = QPainter(picture)
    painter.scale(width / canvas.native.width(), height / canvas.native.height())
    for mark in marks:
        place = mark.mapTo(canvas.native, QPoint(0, 0))
        mark.render(painter, place, QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return picture


def write_picture(picture: QImage, path: str | Path) -> None:
    """Write a PNG.

    Raises
    ------
    OSError
        if it cannot be written
    """
    if not picture.save(str(path), "PNG"):
        raise OSError(f"{path}: the picture cannot be written there; choose another folder.")


def ask_path(parent: QWidget) -> Path | None:
    """Ask where to write; None if the user thinks better of it."""
    chosen, _ = QFileDialog.getSaveFileName(
        parent, "Export the comparison", "comparison.png", "PNG (*.png)"
    )
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX)
