"""The views of a comparison on one canvas: beside each other, in lanes, or one at a time.

Belongs here: layers and how they are laid out. All views are layers of one viewer model of its own:
they share camera, slice and contrast by construction, and closing it ends everything;
napari's viewer is never touched. Where the canvas looks is ``viewpoint.py``, labels and handles
over it are ``overlays.py``; it is drawn larger by ``enlarged.py``.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Layer
from napari.qt import QtViewer
from qtpy.QtCore import QEvent, QObject, QRectF, QSignalBlocker, Qt, QTimer, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from vispy.visuals.filters import Clipper

from napari_autolut._compat import (
    camera,
    grid,
    native_canvas,
    scale_bar,
    shortcuts_bound_quietly,
    swap_pixels,
    visual,
)
from napari_autolut.layers import LayerData
from napari_autolut.widgets.compare.in_place import show_instead
from napari_autolut.widgets.compare.layout import best_grid, cells, lanes
from napari_autolut.widgets.compare.viewpoint import Viewpoint

SPACING = 4
"""Pixels between views beside each other."""

KEYS = "Left and right: slices. Plus and minus: zoom. Ctrl and arrows: move. F: all of the image"
"""What the keys do on the canvas, for screen readers."""

FAR = 1e6
"""More pixels than a canvas has."""


class CompareCanvas(QWidget):
    """A canvas of its own with the views of a comparison.

    ``view_changed`` says that camera, slice or size have changed, ``laid_out`` that views lie
    elsewhere, ``pointed`` where in the world the mouse is.
    """

    view_changed = Signal()
    pointed = Signal(tuple)
    laid_out = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.model = ViewerModel()
        with shortcuts_bound_quietly():
            self.qt_viewer = QtViewer(self.model)
        self.qt_viewer.setAcceptDrops(False)
        self.native: QWidget = native_canvas(self.qt_viewer)
        self.native.setAccessibleName("Views")
        self.native.setAccessibleDescription(KEYS)
        self.viewpoint = Viewpoint(self.model, lambda: self.looks()[0])
        self.clippers: list[tuple[Any, Clipper]] = []
        self._splits: list[float] = []
        self._beside, self._depth = True, 1
        self._first_draw = QTimer(self, singleShot=True, interval=0)
        self._first_draw.timeout.connect(self._draw_unseen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.qt_viewer)
        scale_bar(self.model).visible = True
        grid(self.model).shape = (1, 1)
        grid(self.model).spacing = SPACING
        view = camera(self.model).events
        for signal in (view.zoom, view.center, self.model.dims.events.point):
            signal.connect(self._on_view_changed)
        self.model.mouse_move_callbacks.append(self._on_pointed)
        self.native.installEventFilter(self)

    # --- what is shown ------------------------------------------------------------------------

    @property
    def splits(self) -> list[float]:
        """Borders between lanes, as fractions of the width."""
        return self._splits

    @property
    def layers(self) -> list[Image]:
        """The layer of each view, in order; of several channels that of the first."""
        return [stack[0] for stack in self.stacks]

    @property
    def stacks(self) -> list[list[Image]]:
        """The layers of the views, from below: one for each channel that is seen in a view."""
        layers = list(self.model.layers)
        return [layers[at : at + self._depth] for at in range(0, len(layers), self._depth)]

    def prepared(self, stacks: Sequence[Sequence[LayerData]]) -> Iterator[None]:
        """Add layers for these views to an empty canvas, one by one; they are shown later.

        napari takes 0.05 s for each, and far less to make it another one.
        """
        self.native.setUpdatesEnabled(False)
        for data, meta, kind in itertools.chain(*stacks):
            corner = data[(slice(1),) * (data.ndim - meta["rgb"])]
            with QSignalBlocker(self):
                self.model.layers.append(Layer.create(corner, meta, kind))
            yield
        self.native.setUpdatesEnabled(True)

    def show_layers(self, stacks: Sequence[Sequence[LayerData]]) -> None:
        """Show these views, each of as many layers, where the last ones were looked at."""
        self._uncover()
        point, view = self.model.dims.point, camera(self.model)
        centre, zoom = view.center, view.zoom
        with QSignalBlocker(self):
            grid(self.model).enabled = False  # else cells are made anew with every layer
            self._depth = grid(self.model).stride = len(stacks[0])
            wanted = [Layer.create(*each) for each in itertools.chain(*stacks)]
            show_instead(self.model.layers, wanted)
            view.center, view.zoom = centre, zoom  # napari fits the first layer into the canvas
            if len(point) == self.model.dims.ndim:
                self.model.dims.point = point
            # Sliders come and go with layers, and the size of the canvas with them.
            self.viewpoint.rescale_zoom()
        for line in self.qt_viewer.dims.findChildren(QLineEdit):
            line.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # napari lets the tab key go no further

    def move_layers(self, stacks: Sequence[Sequence[LayerData]]) -> None:
        """Give the layers that are shown other pixels in another place; all else stays."""
        layers = itertools.chain(*stacks)
        with QSignalBlocker(self):
            for layer, (data, meta, _) in zip(self.model.layers, layers, strict=True):
                layer.data = data
                layer.scale, layer.translate = meta["scale"], meta["translate"]
        self.native.update()

    def share_contrast(
        self, limits: tuple[float, float], *, channel: int = 0, besides: Collection[int] = ()
    ) -> None:
        """Give a channel of all grey views but some the same limits, where its type is the same."""
        layers = [stack[channel] for stack in self.stacks]
        for number, layer in enumerate(layers):
            if number not in besides and not layer.rgb and layer.dtype == layers[0].dtype:
                layer.contrast_limits = limits

    def show_signed(self, limit: float, *, besides: Collection[int]) -> None:
        """Give all views but some the same limits on both sides of zero."""
        for number, layer in enumerate(self.layers):
            if number not in besides:
                layer.contrast_limits = (-limit, limit)

    def close_canvas(self) -> None:
        """Let go of the graphics card and of all pixels; nothing can be shown afterwards.

        The layers end with the window: napari would collect garbage for them, while that goes.
        """
        self._first_draw.stop()
        self.blockSignals(True)
        self.native.removeEventFilter(self)
        self.model.mouse_move_callbacks.clear()
        self.clippers.clear()
        for layer in self.model.layers:
            blank = np.zeros((1,) * layer.ndim + layer.data.shape[layer.ndim :], layer.dtype)
            swap_pixels(layer, blank, {"scale": layer.scale, "translate": layer.translate})
        self.qt_viewer.close()

    # --- how they are laid out ----------------------------------------------------------------

    def lay_beside(self) -> None:
        """Show every view in a cell of its own."""
        self._uncover()
        self._beside = True
        self._choose_grid()
        grid(self.model).enabled = True
        self.viewpoint.rescale_zoom()
        self._hide_new_cells()
        self.laid_out.emit()

    def _choose_grid(self) -> None:
        native = (self.native.height(), self.native.width())
        grid(self.model).shape = best_grid(len(self.layers), native, self.viewpoint.image_size())

    def _hide_new_cells(self) -> None:
        """Draw new cells once for nobody: their cameras follow the layout only as they draw."""
        self.native.setUpdatesEnabled(False)
        self._first_draw.start()

    def _draw_unseen(self) -> None:
        self.native.grabFramebuffer()
        self.native.setUpdatesEnabled(True)

    def lay_over(self, *, in_lanes: bool = False) -> None:
        """Show all views in one place, one over the other or each in a lane of its own."""
        self._uncover()
        self._beside = False
        grid(self.model).enabled = False
        self.viewpoint.rescale_zoom()
        if in_lanes:
            for layer in self.model.layers:
                clipper = Clipper()
                node = visual(self.qt_viewer, layer)
                node.attach(clipper)
                self.clippers.append((node, clipper))
            self.split(self._even_splits())
        else:
            self.laid_out.emit()

    def _even_splits(self) -> list[float]:
        """Borders that cut what is seen of the image into lanes of the same width."""
        view, width = camera(self.model), float(self.native.width())
        low, high = self.viewpoint.extent()[:, -1]
        left, right = (
            min(max(0.5 + (end - view.center[-1]) * view.zoom / width, 0.0), 1.0)
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
        lanes_of_views = lanes(splits, self.native.width() * ratio)
        for number, (_, clipper) in enumerate(self.clippers):
            lane = lanes_of_views[number // self._depth]
            clipper.bounds = (lane[0], -FAR, lane[1] - lane[0], 2 * FAR)
        self.native.update()

    def show_only(self, index: int | None) -> None:
        """Show one of the views that lie in the same place; None shows all."""
        for number, layer in enumerate(self.model.layers):
            layer.opacity = 1.0 if index in (None, number // self._depth) else 0.0

    def _uncover(self) -> None:
        for node, clipper in self.clippers:
            node.detach(clipper)
        self.clippers.clear()
        self._splits = []
        self.show_only(None)

    def places(self) -> list[QRectF]:
        """Where each view lies on the canvas, in Qt's pixels."""
        height, width = self.native.height(), self.native.width()
        if self._beside:
            shape, spacing = grid(self.model).shape, grid(self.model).spacing
            return cells(len(self.layers), shape, (height, width), spacing)
        if self._splits:
            return [QRectF(a, 0, b - a, height) for a, b in lanes(self._splits, width)]
        return [QRectF(0, 0, width, height)] * len(self.layers)

    def looks(self) -> list[QRectF]:
        """Where views would be seen uncovered: each beside the others, or all in one place."""
        whole = QRectF(0, 0, self.native.width(), self.native.height())
        return self.places() if self._beside and self.layers else [whole]

    # --- what it follows ----------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the size of the canvas, which is not that of this widget."""
        resized = event.type() == QEvent.Type.Resize and isinstance(event, QResizeEvent)
        # Where signals are blocked, layers come that napari cannot lay out yet.
        there = self.layers and self.viewpoint.has_image
        if resized and there and not self.signalsBlocked():
            before = grid(self.model).shape
            if self._beside:
                self._choose_grid()
            if grid(self.model).shape != before:
                self._hide_new_cells()
            self.viewpoint.rescale_zoom()
            if self._splits:
                self.split(self._splits)
            else:
                self.laid_out.emit()
            self.view_changed.emit()
        return super().eventFilter(watched, event)

    def _on_pointed(self, _model: object, event: Any) -> None:
        self.pointed.emit(tuple(event.position))

    def _on_view_changed(self, _event: object = None) -> None:
        self.view_changed.emit()
