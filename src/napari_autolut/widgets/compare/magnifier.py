"""The magnifier: the same 64 x 64 pixels of all views, large enough to count them.

Belongs here: widgets that paint these pixels. Which ones they are is ``comparison.magnifier``.
"""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QPointF, QRect, QSize, Qt
from qtpy.QtGui import QHideEvent, QImage, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_autolut._compat import camera, world_units
from napari_autolut.comparison import SIDE, Coloured, magnify
from napari_autolut.widgets.compare.canvas import CompareCanvas
from napari_autolut.widgets.compare.layout import outlines

MAGNIFICATION = 3


class Magnifier(QWidget):
    """A magnified image for each view of a canvas, in a row."""

    def __init__(self, canvas: CompareCanvas) -> None:
        super().__init__()
        self._canvas = canvas
        self._pointed: tuple[float, ...] | None = None
        self.frames = RegionFrames(canvas.native)
        self.panes: list[Pane] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(12)
        self._row.addStretch(1)
        self._row.addStretch(1)
        canvas.pointed.connect(self._point)
        canvas.view_changed.connect(self.refresh)
        canvas.laid_out.connect(self.refresh)
        self.hide()

    def refresh(self) -> None:
        """Show what the mouse points at, or what lies in the middle before it does."""
        layers = self._canvas.layers
        if self.isHidden() or not layers:
            self.frames.outline([])
            return
        middle = self._canvas.viewpoint.middle()
        point = middle if self._pointed is None else (*middle[:-2], *self._pointed[-2:])
        seen = magnify(self._canvas.stacks, point, world_units(self._canvas.model))
        self._show_images([layer.name for layer in layers], seen.images)
        zoom = camera(self._canvas.model).zoom
        self.frames.outline(outlines(seen.corners, middle, zoom, self._canvas.looks()))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show what is there now."""
        self.refresh()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Take the outlines away."""
        self.frames.outline([])
        super().hideEvent(event)

    def _point(self, position: tuple[float, ...]) -> None:
        self._pointed = position
        self.refresh()

    def _show_images(self, names: Sequence[str], images: Sequence[Coloured]) -> None:
        while len(self.panes) < len(images):
            self.panes.append(Pane())
            self._row.insertWidget(len(self.panes), self.panes[-1])
        for number, pane in enumerate(self.panes):
            pane.setVisible(number < len(images))
        for pane, name, pixels in zip(self.panes, names, images, strict=False):
            pane.show_image(name, pixels)


class Pane(QWidget):
    """One magnified image and its name."""

    def __init__(self) -> None:
        super().__init__()
        self.magnified = Squares()
        self.name = QLabel()
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.magnified)
        layout.addWidget(self.name)

    def show_image(self, name: str, pixels: Coloured) -> None:
        """Show an image; a long name loses its middle."""
        width = self.magnified.sizeHint().width()
        middle = Qt.TextElideMode.ElideMiddle
        self.name.setText(self.name.fontMetrics().elidedText(name, middle, width))
        self.magnified.show_pixels(pixels)


class Squares(QWidget):
    """An image whose every pixel is a square."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(self.sizeHint())
        self.image = QImage()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for as many pixels as are ever shown."""
        return QSize(SIDE * MAGNIFICATION, SIDE * MAGNIFICATION)

    def show_pixels(self, pixels: Coloured) -> None:
        """Show other pixels."""
        rows, columns = pixels.shape[:2]
        shared = QImage(pixels.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        self.image = shared.copy()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw every pixel as a square, in the middle."""
        place = QRect(0, 0, *(MAGNIFICATION * n for n in (self.image.width(), self.image.height())))
        place.moveCenter(self.rect().center())
        QPainter(self).drawImage(place, self.image)


class RegionFrames(QWidget):
    """Outlines, over a canvas, of the region of each view that is magnified."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.outlines: list[QPolygonF] = []
        self.hide()

    def outline(self, outlines: Sequence[Sequence[QPointF]]) -> None:
        """Draw these, and no others."""
        self.outlines = [QPolygonF(list(points)) for points in outlines]
        self.setGeometry(self.parentWidget().rect())
        self.setVisible(bool(self.outlines))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw lines that can be seen on light and dark images."""
        painter = QPainter(self)
        for brush, width in ((self.palette().window(), 3), (self.palette().windowText(), 1)):
            painter.setPen(QPen(brush, width))
            for polygon in self.outlines:
                painter.drawPolygon(polygon)
