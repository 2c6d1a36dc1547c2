"""A comparison as a PNG file: what the canvas shows, with names, scale bar and colours.

Belongs here: drawing and writing that file. What lies over the canvas is ``overlays.py``, how it is
drawn larger ``enlarged.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qtpy.QtCore import QPoint
from qtpy.QtGui import QImage, QPainter, QRegion
from qtpy.QtWidgets import QWidget

from napari_autolut.util.atomic import atomic_write
from napari_autolut.widgets.compare.canvas import CompareCanvas
from napari_autolut.widgets.compare.enlarged import picture

KINDS = {"PNG (*.png)": ".png"}
"""What is written, and its suffix."""

SIZES = (
    ("As seen", 1, "In the pixels of the screen"),
    ("Twice as large", 2, "For print: two pixels for each one of the screen"),
    ("Full resolution", None, "So large that every pixel of the finest view is there, each as wide "
     "as the others"),
)  # fmt: skip
"""Text, factor and tip; None is the factor that the views need."""


def rendered(canvas: CompareCanvas, overlays: Iterable[QWidget], factor: int | None = 1) -> QImage:
    """What is seen, with the widgets that lie over the canvas, ``factor`` times as large.

    None makes it as large as the finest view needs.
    """
    pixels = picture(canvas, factor)
    height, width = pixels.shape[:2]
    shown = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    image = shown.convertToFormat(QImage.Format.Format_RGB888)
    painter = QPainter(image)
    painter.scale(width / canvas.native.width(), height / canvas.native.height())
    for overlay in overlays:
        place = overlay.mapTo(canvas.native, QPoint(0, 0))
        overlay.render(painter, place, QRegion(), QWidget.RenderFlag.DrawChildren)
    painter.end()
    return image


def write_png(image: QImage, path: Path) -> None:
    """Write a PNG.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    with atomic_write(path, overwrite=True) as temporary:
        if not image.save(str(temporary), "PNG"):
            raise OSError(f"{path}: the image cannot be written there; choose another folder")
