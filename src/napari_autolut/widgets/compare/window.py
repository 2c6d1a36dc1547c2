"""The window of a comparison: views on a canvas, and a bar that says how they are laid out.

Belongs here: wiring between the parts, which have their own files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.layers import Layer
from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtGui import QCloseEvent, QKeySequence, QShortcut
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_autolut._compat import qt_viewer_in
from napari_autolut.comparison.layers import Comparison, slice_at
from napari_autolut.comparison.plan import ComparisonPlan
from napari_autolut.util.boxes import Box
from napari_autolut.widgets.compare.bar import INTERVAL_MS, CompareBar, Mode
from napari_autolut.widgets.compare.blink import Turns
from napari_autolut.widgets.compare.canvas import CompareCanvas
from napari_autolut.widgets.compare.choice import MOST
from napari_autolut.widgets.compare.context import OwnContext
from napari_autolut.widgets.compare.differences import DifferenceMaps
from napari_autolut.widgets.compare.export import ask_path, picture_of, write_picture
from napari_autolut.widgets.compare.figures import FiguresTable
from napari_autolut.widgets.compare.layout import moved_split
from napari_autolut.widgets.compare.magnifier import Loupe
from napari_autolut.widgets.compare.overlays import Handles, Names
from napari_autolut.widgets.compare.regions import Parts
from napari_autolut.widgets.shared.connections import Connections

if TYPE_CHECKING:
    import napari

SIZE = (1200, 800)
"""Width and height of a new window."""

NARROWEST = 0.02
"""Width of the narrowest lane, as a fraction of the canvas."""


class CompareWindow(QWidget):
    """A top-level window of linked views; it ends with its parent."""

    closed = Signal()

    def __init__(self, parent: QWidget, viewer: napari.viewer.Viewer) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Compare")
        self.resize(*SIZE)
        self._viewer = viewer
        self._comparison: Comparison | None = None
        self._ground: Layer | None = None
        self._maps_shown = False
        self.bar = CompareBar()
        self.canvas = CompareCanvas()
        self.names = Names(self.canvas.native)
        self.handles = Handles(self.canvas.native, self._move_split)
        self.turns = Turns(self, INTERVAL_MS)
        self.maps = DifferenceMaps(self)
        self.figures = FiguresTable(self._seen)
        self.loupe = Loupe(self.canvas)
        self.parts = Parts(self, self.canvas.seen_of_ground)
        layout = QVBoxLayout(self)
        layout.addWidget(self.bar)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.loupe)
        layout.addWidget(self.figures)
        self._connections = Connections(self)
        self._connections.connect(viewer.events.theme, self._follow_theme)
        canvases = (qt_viewer_in(parent), self.canvas.qt_viewer)
        self._contexts = [OwnContext(each, self) for each in canvases if each is not None]
        self._follow_theme()
        self._connect()
        parent.installEventFilter(self)

    def _connect(self) -> None:
        self.canvas.laid_out.connect(self._place_marks)
        self.bar.mode_changed.connect(self._lay_out)
        self.bar.contrast_changed.connect(self._share_contrast)
        self.bar.fit_pressed.connect(self.canvas.fit)
        self.bar.play_toggled.connect(self.turns.play)
        self.bar.interval_changed.connect(self.turns.set_interval)
        self.bar.next_pressed.connect(self.turns.next)
        self.bar.reference_changed.connect(self._ask_differences)
        self.bar.gain_changed.connect(self._amplify)
        self.canvas.looked.connect(self._ask_differences)
        self.maps.ready.connect(self._show_differences)
        self.maps.refused.connect(show_error)
        self.canvas.looked.connect(self.parts.ask)
        self.canvas.laid_out.connect(self.parts.ask)
        self.parts.ready.connect(self._show_part)
        self.parts.refused.connect(show_error)
        self.canvas.looked.connect(self.figures.ask)
        self.canvas.laid_out.connect(self.figures.ask)
        self.figures.refused.connect(show_error)
        self.bar.loupe_toggled.connect(self.loupe.show_or_hide)
        self.bar.export_pressed.connect(self._export)
        self.turns.turned.connect(self._take_turn)
        self._add_keys()

    def _add_keys(self) -> None:
        """Keys that hold wherever the focus is in the window."""
        for key in ("N", "L", "F", *(str(number) for number in range(1, MOST + 1))):
            QShortcut(QKeySequence(key), self).activated.connect(self._on_key)

    def _on_key(self) -> None:
        key = self.sender().key().toString()
        match key:
            case "N":
                self._blink_on()
            case "L":
                self.bar.loupe.click()
            case "F":
                self.canvas.fit()
            case _:
                self._blink_on(int(key) - 1)

    def compare(self, comparison: Comparison, plan: ComparisonPlan) -> None:
        """Show a comparison in place of the one before."""
        self._comparison = comparison
        self._ground = Layer.create(*comparison.ground())
        self.parts.follow(plan, comparison.source.part)
        self.maps.compare(comparison)
        self.show()
        moved = self.canvas.stand_on(self._ground)
        self._show_views()
        self._offer(comparison)
        if moved:
            self.canvas.look_as(self._viewer)
        self._lay_out()
        self.figures.compare(comparison)
        self.bar.show_part(comparison.source)
        self.raise_()
        self.activateWindow()

    def _show_views(self) -> None:
        """Show the views themselves."""
        assert self._comparison is not None
        self._maps_shown = False
        self.canvas.show_layers([each.layer_data() for each in self._comparison.shown])

    def _show_part(self, comparison: Comparison) -> None:
        """Show another part of the same views in their place."""
        self._comparison = comparison
        self.maps.compare(comparison)
        if self.bar.mode is Mode.DIFFERENCE:
            self._ask_differences()
        else:
            self.canvas.move_layers([each.layer_data() for each in comparison.shown])
        self.figures.compare(comparison)
        self.bar.show_part(comparison.source)
        self.loupe.look()

    def _offer(self, comparison: Comparison) -> None:
        """Fill the bar with what there is to choose from."""
        views = comparison.views
        truth = views.index(comparison.truth) if comparison.truth in views else 0
        self.bar.offer([view.name for view in views], truth)
        first = self.canvas.layers[0]
        if first.rgb:
            self.bar.offer_contrast(None)
        else:
            self.bar.offer_contrast(first.contrast_limits, first.contrast_limits_range)
        self._share_contrast()

    def _share_contrast(self) -> None:
        if not self._maps_shown and not self.canvas.layers[0].rgb:
            self.canvas.share_contrast(self.bar.contrast.value())

    # --- modes --------------------------------------------------------------------------------

    def _lay_out(self, _mode: Mode | None = None) -> None:
        """Lay out the views in the mode that is chosen."""
        mode, count = self.bar.mode, len(self.canvas.layers)
        if mode is Mode.DIFFERENCE:
            self._ask_differences()
            return
        if self._maps_shown:
            self._show_views()
            self._share_contrast()
        self.bar.play.setChecked(mode is Mode.BLINK)
        if mode is Mode.CURTAIN:
            self.canvas.lay_over(in_lanes=True)
        elif mode is Mode.BLINK:
            self.canvas.lay_over()
            self.turns.begin(count)
        else:
            self.canvas.lay_beside()

    def _ask_differences(self) -> None:
        """Show the maps of the slice that is seen, at once if they are there."""
        wanted = self.bar.mode is Mode.DIFFERENCE and self._ground is not None
        there = wanted and self.maps.ask(self.bar.reference, self._index())
        if there and not self._maps_shown:
            self._show_differences()

    def _index(self) -> tuple[int, ...]:
        """The slice that is seen."""
        return slice_at(self._ground, self.canvas.model.dims.point)

    def _seen(self) -> tuple[tuple[int, ...], Box]:
        """The slice that is seen, and the part of the ground truth's pixels."""
        assert self._comparison is not None
        assert self._comparison.truth is not None
        return self._index(), self.canvas.visible_part(self._comparison.truth.size)

    def _show_differences(self) -> None:
        if self.bar.mode is Mode.DIFFERENCE:
            self._maps_shown = True
            self.canvas.show_layers(self.maps.layers())
            self.canvas.lay_beside()
            self._amplify()

    def _amplify(self) -> None:
        """Stretch the colours of the maps over a part of the differences."""
        if self._maps_shown:
            limit = self.maps.reach / self.bar.gain
            self.bar.show_limit(limit)
            self.canvas.show_signed(limit, besides=self.bar.reference)

    def _move_split(self, number: int, to: float) -> None:
        self.canvas.split(moved_split(self.canvas.splits, number, to, NARROWEST))

    def _take_turn(self, current: int) -> None:
        if self.bar.mode is Mode.BLINK:
            self.canvas.show_only(current)
            self._place_marks()

    def _blink_on(self, number: int | None = None) -> None:
        """Show the next view, or one by its number; the first time, begin with the first one."""
        begun = self.bar.mode is Mode.BLINK
        if not begun:
            self.bar.mode = Mode.BLINK
        if not begun or number is not None:
            self.bar.play.setChecked(False)
        if number is not None:
            self.turns.show(number)
        elif begun:
            self.turns.next()

    def _place_marks(self) -> None:
        names = [layer.name for layer in self.canvas.layers]
        places = self.canvas.places()
        if self.bar.mode is Mode.BLINK and names:
            current = self.turns.current % len(names)
            names, places = names[current : current + 1], places[:1]
        self.names.place(places, names)
        self.handles.place(self.canvas.splits)

    # --- what goes out, and the end -----------------------------------------------------------

    def _export(self) -> None:
        marks = [*self.names.shown, *self.handles.shown]
        picture = picture_of(self.canvas, marks)
        path = ask_path(self)
        if path is None:
            return
        try:
            write_picture(picture, path)
        except OSError as error:
            show_error(str(error))
        else:
            show_info(f"Wrote {path}")

    def _follow_theme(self, _event: object = None) -> None:
        self.canvas.model.theme = self._viewer.theme

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """End with napari's window, in good order, before Qt deletes it and all that is in it."""
        hidden = event.type() == QEvent.Type.Hide and not event.spontaneous()
        if hidden or event.type() == QEvent.Type.DeferredDelete:
            self.close()
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Give back everything; the viewer was never touched."""
        self.parent().removeEventFilter(self)
        self.turns.play(False)
        self.maps.drop()
        self.parts.drop()
        self.figures.drop()
        self._connections.undo()
        self.canvas.close_canvas()
        for context in self._contexts:
            context.undo()
        self.closed.emit()
        super().closeEvent(event)
