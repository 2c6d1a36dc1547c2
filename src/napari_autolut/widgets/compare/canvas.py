"""The views of a comparison on one canvas: beside each other, in lanes, or one at a time.

Belongs here: layers, how they are laid out, and where the canvas looks. All views are layers of one
viewer model of its own, so that they share camera, slice and contrast by construction, and closing
it ends everything; napari's viewer is never touched. Labels and handles over the canvas are
``compare_marks.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Layer
from napari.qt import QtViewer
from numpy.typing import NDArray
from qtpy.QtCore import QEvent, QObject, QRectF, QSignalBlocker, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QVBoxLayout, QWidget
from vispy.visuals.filters import Clipper

from napari_autolut._compat import camera, canvas_size, grid, native_canvas, scale_bar, visual
from napari_autolut.comparison.layers import seen_part
from napari_autolut.layers.results_to_layers import LayerData
from napari_autolut.util.boxes import Box
from napari_autolut.widgets.compare.layout import best_grid, cells, lanes

SPACING = 4
"""Pixels between views beside each other."""

FITTING = 0.95
"""Part of a view that a picture takes that fits."""

FAR = 1e6
"""More pixels than a canvas has."""


class CompareCanvas(QWidget):
    """A canvas of its own with the views of a comparison.

    ``looked`` says that camera, slice or size have changed, ``laid_out`` that views lie elsewhere,
    ``pointed`` where in the world the mouse is.
    """

    looked = Signal()
    pointed = Signal(tuple)
    laid_out = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ViewerModel()
        self.qt_viewer = QtViewer(self.model)
        self.qt_viewer.setAcceptDrops(False)
        self.native: QWidget = native_canvas(self.qt_viewer)
        self._clippers: list[tuple[Any, Clipper]] = []
        self._splits: list[float] = []
        self._beside = True
        self._whole = 1.0
        self._ground: Layer | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.qt_viewer)
        scale_bar(self.model).visible = True
        grid(self.model).shape = (1, 1)
        grid(self.model).stride = 1
        grid(self.model).spacing = SPACING
        look = camera(self.model).events
        for signal in (look.zoom, look.center, self.model.dims.events.point):
            signal.connect(self._on_looked)
        self.model.mouse_move_callbacks.append(self._on_pointed)
        self.native.installEventFilter(self)

    # --- what is shown ------------------------------------------------------------------------

    @property
    def splits(self) -> list[float]:
        """Borders between lanes, as fractions of the width."""
        return self._splits

    @property
    def layers(self) -> list[Image]:
        """The layers of the views, in order."""
        return list(self.model.layers)

    def stand_on(self, ground: Layer) -> bool:
        """Take a layer that covers all that could be seen; say whether it is another place.

        It is not shown. What is seen of the views may be a part of it.
        """
        was, self._ground = self._ground, ground
        if was is None or was.ndim != ground.ndim:
            return True
        return not np.allclose(was.extent.world, ground.extent.world)

    def show_layers(self, layers: Sequence[LayerData]) -> None:
        """Show these layers and no others, where the last ones were looked at."""
        self._uncover()
        point, look = self.model.dims.point, camera(self.model)
        centre, zoom = look.center, look.zoom
        with QSignalBlocker(self):
            self.model.layers.clear()
            for layer_data in layers:
                self.model.layers.append(Layer.create(*layer_data))
            look.center, look.zoom = centre, zoom  # napari fits the first layer into the canvas
            if len(point) == self.model.dims.ndim:
                self.model.dims.point = point
            self._whole = self._whole_zoom()

    def move_layers(self, layers: Sequence[LayerData]) -> None:
        """Give the layers that are shown other pixels in another place; all else stays."""
        with QSignalBlocker(self):
            for layer, (data, meta, _) in zip(self.layers, layers, strict=True):
                layer.data = data
                layer.scale, layer.translate = meta["scale"], meta["translate"]
        self.native.update()

    def close_canvas(self) -> None:
        """Let go of the graphics card and of all layers; nothing can be shown afterwards."""
        self.native.removeEventFilter(self)
        self.model.mouse_move_callbacks.clear()
        self._clippers.clear()
        self.qt_viewer.close()
        self.model.layers.clear()

    # --- how they are laid out ----------------------------------------------------------------

    def lay_beside(self) -> None:
        """Show every view in a cell of its own."""
        self._uncover()
        self._beside = True
        self._choose_grid()
        grid(self.model).enabled = True
        self._keep_part_in_view()
        self.laid_out.emit()

    def _choose_grid(self) -> None:
        native = (self.native.height(), self.native.width())
        grid(self.model).shape = best_grid(len(self.layers), native, self._picture_size())

    def lay_over(self, *, in_lanes: bool = False) -> None:
        """Show all views in one place, one over the other or each in a lane of its own."""
        self._uncover()
        self._beside = False
        grid(self.model).enabled = False
        self._keep_part_in_view()
        if in_lanes:
            for layer in self.layers:
                clipper = Clipper()
                node = visual(self.qt_viewer, layer)
                node.attach(clipper)
                self._clippers.append((node, clipper))
            self.split(self.even_splits())
        else:
            self.laid_out.emit()

    def even_splits(self) -> list[float]:
        """Borders that cut what is seen of the picture into lanes of the same width."""
        look, width = camera(self.model), float(self.native.width())
        low, high = self._extent()[:, -1]
        left, right = (
            min(max(0.5 + (end - look.center[-1]) * look.zoom / width, 0.0), 1.0)
            for end in (low, high)
        )
        if right - left < 0.1:
            left, right = 0.0, 1.0
        count = len(self.layers)
        return [left + (right - left) * number / count for number in range(1, count)]

    def split(self, splits: Sequence[float]) -> None:
        """Move the borders between the lanes."""
        self._splits = list(splits)
        self.laid_out.emit()
        ratio = self.native.devicePixelRatioF()
        for (_, clipper), lane in zip(
            self._clippers, lanes(splits, self.native.width() * ratio), strict=True
        ):
            clipper.bounds = (lane[0], -FAR, lane[1] - lane[0], 2 * FAR)
        self.native.update()

    def show_only(self, index: int | None) -> None:
        """Show one of the views that lie in the same place; None shows all."""
        for number, layer in enumerate(self.layers):
            layer.opacity = 1.0 if index in (None, number) else 0.0

    def _uncover(self) -> None:
        for node, clipper in self._clippers:
            node.detach(clipper)
        self._clippers.clear()
        self._splits = []
        self.show_only(None)

    def places(self) -> list[QRectF]:
        """Where each view lies on the canvas, in Qt's pixels."""
        height, width = self.native.height(), self.native.width()
        if self._beside:
            return cells(len(self.layers), grid(self.model).shape, (height, width), SPACING)
        if self._splits:
            return [QRectF(a, 0, b - a, height) for a, b in lanes(self._splits, width)]
        return [QRectF(0, 0, width, height)] * len(self.layers)

    def _cell(self) -> QRectF:
        """The part of the canvas that shows all that a view can see."""
        width, height = float(self.native.width()), float(self.native.height())
        return self.places()[0] if self._beside and self.layers else QRectF(0, 0, width, height)

    def _whole_zoom(self) -> float:
        """Zoom at which a view just sees the whole picture."""
        cell, (height, width) = self._cell(), self._picture_size()
        return max(1e-9, min(cell.height() / height, cell.width() / width))

    def _keep_part_in_view(self) -> None:
        """Zoom with the size of the views, so that they still show the same part of the world."""
        whole = self._whole_zoom()
        camera(self.model).zoom *= whole / self._whole
        self._whole = whole

    # --- where the canvas looks ---------------------------------------------------------------

    def fit(self) -> None:
        """Show all of the picture, with a little room around."""
        low, high = self._extent()[:, -2:]
        look = camera(self.model)
        look.center = (*look.center[:-2], *(low + high) / 2)
        look.zoom = FITTING * self._whole_zoom()

    def look_as(self, other: ViewerModel) -> None:
        """Look where another viewer looks: the same slice and centre, at least the same part."""
        ndim = min(other.dims.ndim, self.model.dims.ndim)
        self.model.dims.point = (
            *self.model.dims.point[: self.model.dims.ndim - ndim],
            *other.dims.point[other.dims.ndim - ndim :],
        )
        theirs, ours = camera(other), camera(self.model)
        ours.center = theirs.center
        place, (height, width) = self._cell(), canvas_size(other)
        ours.zoom = theirs.zoom * min(place.height() / height, place.width() / width)

    def visible_part(self, size: tuple[int, int]) -> Box:
        """The part that can be seen, in pixels of a picture of this size that covers the views."""
        layer = self.layers[0]
        point, half = self.sight()
        return seen_part(layer, point, half, size=size)

    def seen_of_ground(self) -> Box:
        """The part of the whole picture that can be seen, in its own pixels."""
        assert self._ground is not None
        return seen_part(self._ground, *self.sight())

    def sight(self) -> tuple[tuple[float, ...], tuple[float, float]]:
        """The point in the middle of a view, and half the height and width that it sees."""
        cell, look = self._cell(), camera(self.model)
        half = cell.height() / look.zoom / 2, cell.width() / look.zoom / 2
        return (*self.model.dims.point[:-2], *look.center[-2:]), half

    def share_contrast(self, limits: tuple[float, float]) -> None:
        """Give the same limits to all grey views that have the first one's type of values."""
        for layer in self.layers:
            if not layer.rgb and layer.dtype == self.layers[0].dtype:
                layer.contrast_limits = limits

    def show_signed(self, limit: float, *, besides: int) -> None:
        """Give all views but one the same limits on both sides of zero."""
        for number, layer in enumerate(self.layers):
            if number != besides:
                layer.contrast_limits = (-limit, limit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the size of the canvas, which is not that of this widget."""
        resized = event.type() == QEvent.Type.Resize and isinstance(event, QResizeEvent)
        if resized and not self.signalsBlocked():  # else layers come that napari cannot lay out yet
            if self._beside:
                self._choose_grid()
            self._keep_part_in_view()
            if self._splits:
                self.split(self._splits)
            else:
                self.laid_out.emit()
            self.looked.emit()
        return super().eventFilter(watched, event)

    def _picture_size(self) -> tuple[float, float]:
        """Height and width of the picture in world units."""
        low, high = self._extent()
        height, width = (high - low)[-2:]
        return float(height) or 1.0, float(width) or 1.0

    def _extent(self) -> NDArray[np.float64]:
        """Lowest and highest world coordinates of the whole picture."""
        return np.array(
            [[0.0, 0.0], [1.0, 1.0]] if self._ground is None else self._ground.extent.world
        )

    def _on_pointed(self, _model: object, event: Any) -> None:
        self.pointed.emit(tuple(event.position))

    def _on_looked(self, _event: object = None) -> None:
        self.looked.emit()
