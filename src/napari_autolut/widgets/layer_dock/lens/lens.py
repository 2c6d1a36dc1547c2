"""The lens in a viewer: shows the result for what is seen, and follows pan, zoom and sliders.

Belongs here: when something is computed anew, and what is said about it. What is in view is
``view.py``, which piece is next ``pieces.py``, what is computed ``layers.preview``, the layer that
shows it ``layer.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image
from qtpy.QtCore import QObject, Qt, QTimer, Signal

from napari_autolut.layers import LayerSource, Preview, Region, displayed_axes, preview_steps
from napari_autolut.widgets.layer_dock.lens.layer import LensLayer
from napari_autolut.widgets.layer_dock.lens.pace import first_pace, pace_after
from napari_autolut.widgets.layer_dock.lens.pieces import Piece, next_piece, piece_around
from napari_autolut.widgets.layer_dock.lens.view import moves_of, region_in_view
from napari_autolut.widgets.layer_dock.text import piece_text
from napari_autolut.widgets.shared import REFUSALS, AfterChanges, Connections, LatestRun, breakable

if TYPE_CHECKING:
    from napari.components import ViewerModel

REST = 0.1
"""Seconds without a move after which what is around the view is computed."""

PREPARING = "Preparing\N{HORIZONTAL ELLIPSIS}"

Wanted = tuple[Image, LayerSource]


class Lens(QObject):
    """Shows the result for what is in view, while it is on.

    ``status_changed`` has a line for the user, ``ended`` says why it went off by itself.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Where it shows the result, and whose view it follows.
    wanted : callable
        Gives the image to enlarge, and how; raises one of `REFUSALS` where that cannot be.
    parent : QObject
        Owner in Qt's tree.
    """

    status_changed = Signal(str)
    ended = Signal(str)
    _moved_on = Signal()

    def __init__(self, viewer: ViewerModel, wanted: Callable[[], Wanted], parent: QObject) -> None:
        super().__init__(parent)
        self._viewer, self._wanted = viewer, wanted
        self._source: Image | None = None
        self._task: LayerSource | None = None
        self._shown: LensLayer | None = None
        self._piece: Preview | None = None
        self._view: Region | None = None
        self._brief = False
        self._moved = self._took = self._pace = 0.0
        self.among = 1
        """How many layers are picked, of which it shows one."""
        self.on = False
        self._viewer_links = Connections(self)
        self._source_links = Connections(self)
        self._after_changes = AfterChanges(self)
        self._run = LatestRun(self)
        self._run.returned.connect(self._show)
        self._run.refused.connect(self._refuse)
        # Moves that come together are one. Unlike a timer, a queued signal comes before the canvas
        # is drawn, so that one thing is computed while the other is awaited.
        self._moves = False
        self._moved_on.connect(self._follow_move, Qt.ConnectionType.QueuedConnection)
        self._rest = QTimer(self, singleShot=True, interval=round(1000 * REST))
        self._rest.timeout.connect(self._compute_around)

    @property
    def layer(self) -> Image | None:
        """The temporary layer, while there is one."""
        return None if self._shown is None else self._shown.layer

    @property
    def busy(self) -> bool:
        """Whether something is to be computed or shown yet."""
        return self._moves or self._run.running

    def switch(self, on: bool) -> None:
        """Show the lens, or take it away without a trace."""
        if on == self.on:
            return
        self.on = on
        if on:
            self._follow_viewer()
            self.renew()
        else:
            self._viewer_links.undo()
            self._clear()
            self.status_changed.emit("")

    def peek(self, on: bool) -> None:
        """Show the image in place of the lens while something is held."""
        if self._shown is not None:
            self._shown.peek(on)

    def renew(self, _event: object = None) -> None:
        """Begin anew with the image, the model and the settings that are wanted now."""
        if not self.on or self._source_is_gone:  # of which it will hear
            return
        try:
            source, task = self._wanted()
        except REFUSALS as error:
            self._clear()
            self.status_changed.emit(str(error))
            return
        if source is not self._source:
            self._clear()
            self._source = source
            self._follow(source)
        if self._task is None or task.work != self._task.work:
            if self._shown is not None:
                self._shown.wait()
            self._pace = first_pace(task)
        self._run.cancel()
        self._task, self._piece, self._view = task, None, None
        self._on_move()

    # --- what it follows ----------------------------------------------------------------------

    def _follow_viewer(self) -> None:
        for signal in moves_of(self._viewer):
            self._viewer_links.connect(signal, self._on_move)
        self._viewer_links.connect(self._viewer.layers.events.removed, self._on_removed)
        self._after_changes.follow(self._viewer.layers, self._viewer_links)

    def _follow(self, source: Image) -> None:
        events = source.events
        place = ("scale", "translate", "rotate", "shear", "affine", "units")
        for name in ("data", *place, "projection_mode"):
            if hasattr(events, name):
                self._source_links.connect(getattr(events, name), self.renew)
        self._source_links.connect(events.contrast_limits, self._on_contrast)
        self._source_links.connect(events.set_data, self._on_drawn)

    def _on_move(self, _event: object = None) -> None:
        if not self._moves:
            self._moved, self._moves = perf_counter(), True
            self._moved_on.emit()

    def _follow_move(self) -> None:
        if self._moves:
            self._moves = False
            self._update_view()

    def _on_contrast(self, _event: object = None) -> None:
        """Contrast limits may be the value range."""
        if self._task is not None and self._task.follows_contrast:
            self.renew()

    def _on_drawn(self, _event: object = None) -> None:
        """Begin anew where pixels were changed in place, as those of a camera's next frame."""
        if not self.busy:
            self._check_pixels()

    def _check_pixels(self) -> bool:
        piece, task = self._piece, self._task
        same = piece is None or task is None or piece.source.still_in(task.array)
        if not same:
            self.renew()
        return same

    def _on_removed(self, _event: object = None) -> None:
        if self._source is not None and self._source_is_gone:
            self._end(f"Lens off: {self._source.name!r} was removed.")
        elif self.layer is not None and self.layer not in self._viewer.layers:
            self._end("Lens off: its layer was removed.")

    @property
    def _source_is_gone(self) -> bool:
        return self._source is not None and self._source not in self._viewer.layers

    # --- what it shows ------------------------------------------------------------------------

    def _update_view(self) -> None:
        """Compute what is in view now, unless it is shown; what is nearly done is awaited."""
        task, source = self._task, self._source
        if not self.on or task is None or source is None:
            return
        problem, view = region_in_view(self._viewer, source, task)
        if view is None:
            self._run.cancel()
            self._view = None
            self._take_away()
            self.status_changed.emit(problem)
        elif self._piece is not None and self._piece.region.holds(view):
            self._run.cancel()
            self._view = view
            self._show_status(self._piece, task, view)
            self._rest.start()
        elif not (self._run.running and (self._brief or view == self._view)):
            self._view = view
            if self._shown is None or self._shown.waits:
                self.status_changed.emit(PREPARING)
            self._compute(task, view, brief=True)

    def _compute(self, task: LayerSource, view: Region, *, brief: bool) -> None:
        known = None if self._piece is None else self._piece.region
        self._brief = brief
        self._begin(task, view, next_piece(known, view, self._axes(view), self._pace, brief=brief))

    def _compute_around(self) -> None:
        """Compute what a short pan would show, where that is quick and asks no file."""
        task, view, shown = self._task, self._view, self._piece
        if self.busy or task is None or view is None or shown is None or not view.whole:
            return
        axes = self._axes(view)
        if isinstance(task.array, np.ndarray) and set(axes) == set(task.spatial_axes):
            piece = piece_around(view, axes, task.array.shape, self._pace)
            if piece is not None and not shown.region.holds(piece.region):
                self._brief = False
                self._begin(task, piece.region, piece)

    def _axes(self, view: Region) -> tuple[int, int]:
        return displayed_axes(self._viewer.dims.order, len(view.spans))

    def _begin(self, task: LayerSource, view: Region, piece: Piece) -> None:
        steps = partial(preview_steps, task, piece.region, tile_pixels=piece.tile_pixels)
        self._run.start(partial(steps, view=view, shown=self._piece, displayed=piece.displayed))

    def _show(self, piece: Preview) -> None:
        task, source, view = self._task, self._source, self._view
        if task is None or source is None or source not in self._viewer.layers:
            return
        shown, self._piece = self._piece, piece
        is_around = shown is not None and view is not None and shown.region.holds(view)
        if not is_around:
            self._pace = pace_after(piece, self._pace)
        if self._shown is None:
            self._shown = LensLayer(self._viewer, source, self)
        self._shown.show(piece, task.label)
        if not is_around:
            self._took = perf_counter() - self._moved
        if view is not None:
            self._show_status(piece, task, view)
        if self._check_pixels():
            self._complete_view(task, source, view)

    def _show_status(self, piece: Preview, task: LayerSource, view: Region) -> None:
        hidden = self._shown is not None and self._shown.hides_source
        text = piece_text(piece.region, view, task, self._took, hidden)
        if self.among > 1 and self._source is not None:
            text = f"Shows {self._source.name!r}, one of {self.among} layers: {text}"
        self.status_changed.emit(breakable(text))

    def _complete_view(self, task: LayerSource, source: Image, before: Region | None) -> None:
        """Compute what is missing of the view, or of another one if that has moved meanwhile."""
        _, view = region_in_view(self._viewer, source, task)
        if view is None or view != before:
            self._brief = False
            self._update_view()
        elif self._piece is not None and not self._piece.region.holds(view):
            self._compute(task, view, brief=False)
        else:
            self._rest.start()

    def _refuse(self, reason: str) -> None:
        self._take_away()
        self.status_changed.emit(reason)

    def _end(self, reason: str) -> None:
        self.switch(False)
        self.ended.emit(reason)

    def _clear(self) -> None:
        """Forget the source and everything about it."""
        self._moves = False
        self._rest.stop()
        self._run.cancel()
        self._source_links.undo()
        self._take_away()
        self._source = self._task = self._view = None

    def _take_away(self) -> None:
        shown, self._shown, self._piece = self._shown, None, None
        if shown is not None:
            self._after_changes.call(shown.remove)
