"""The window of a comparison: views on a canvas, and a bar that says how they are laid out.

Belongs here: the window's parts, what goes from one to another, its keys and its end. What the
modes do is ``modes.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from napari.layers import Layer
from qtpy.QtCore import QEvent, QObject, QSize, Qt, Signal
from qtpy.QtGui import QCloseEvent, QKeySequence, QShortcut
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_autolut._compat import qt_viewer_in
from napari_autolut.comparison import Comparison, ComparisonPlan, stacks
from napari_autolut.storage.summaries import TIMES
from napari_autolut.util.boxes import Box
from napari_autolut.widgets.compare.bar import CompareBar
from napari_autolut.widgets.compare.canvas import CompareCanvas
from napari_autolut.widgets.compare.choice import MAX_VIEWS
from napari_autolut.widgets.compare.contrast import ChannelContrast
from napari_autolut.widgets.compare.enlarged import MAX_SIDE, full_factor, largest_factor
from napari_autolut.widgets.compare.export import KINDS, rendered, write_png
from napari_autolut.widgets.compare.magnifier import Magnifier
from napari_autolut.widgets.compare.metrics_table import MetricsTable
from napari_autolut.widgets.compare.modes import Modes
from napari_autolut.widgets.compare.region import SeenRegion
from napari_autolut.widgets.compare.turns import Turns
from napari_autolut.widgets.shared import (
    Connections,
    OwnContext,
    SelectableLabel,
    refusal_text,
    wrapped_label,
)
from napari_autolut.widgets.shared.plain_text import plain
from napari_autolut.widgets.shared.save_dialog import ask_where

if TYPE_CHECKING:
    import napari

SIZE = (1200, 800)
"""Width and height of a new window, where the screen has room for it."""

ZOOMS = {"+": 1.25, "=": 1.25, "-": 0.8}
"""Keys that look closer or from further away, and how much closer."""

MOVES = {
    "Ctrl+Left": (0.0, -0.1), "Ctrl+Right": (0.0, 0.1),
    "Ctrl+Up": (-0.1, 0.0), "Ctrl+Down": (0.1, 0.0),
}  # fmt: skip
"""Keys that look elsewhere: how far down and to the right, as fractions of what a view shows."""

NOT_FULL = (
    f"that is not full resolution, for which a side would have more than {MAX_SIDE:,} px. Zoom in, "
    "or tick fewer views, and export again."
)

COMPUTING = "Computing the views\N{HORIZONTAL ELLIPSIS}"


class CompareWindow(QWidget):
    """A top-level window of linked views; it ends with its parent.

    Parameters
    ----------
    parent : QWidget
        napari's main window.
    viewer : napari.Viewer
        Where the comparison starts to look, and whose theme it has; it is never changed.
    """

    closed = Signal()

    def __init__(self, parent: QWidget, viewer: napari.viewer.Viewer) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Compare")
        self.resize(QSize(*SIZE).boundedTo(parent.screen().availableSize()))
        self._viewer = viewer
        self._comparison: Comparison | None = None
        # Making it, drawing it and filling it take 0.15 to 0.2 s each.
        self._turns = Turns(self)
        self.bar = CompareBar()
        self.canvas = CompareCanvas()
        self.modes = Modes(self.bar, self.canvas, self)
        self.metrics = MetricsTable(self._seen)
        self.magnifier = Magnifier(self.canvas)
        self.region = SeenRegion(self, self.canvas.viewpoint.image_box)
        self.status = wrapped_label(SelectableLabel)  # napari's own messages may lie behind
        self.status.setMinimumHeight(self.status.fontMetrics().height())  # views stay as large
        layout = QVBoxLayout(self)
        layout.addWidget(self.bar)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.magnifier)
        layout.addWidget(self.metrics)
        layout.addWidget(self.status)
        self._connections = Connections(self)
        self._connections.connect(viewer.events.theme, self._follow_theme)
        canvases = (qt_viewer_in(parent), self.canvas.qt_viewer)
        self._contexts = [OwnContext(each, self) for each in canvases if each is not None]
        self._follow_theme()
        self._connect()
        parent.installEventFilter(self)

    def _connect(self) -> None:
        self.bar.fit_pressed.connect(self.canvas.viewpoint.fit)
        self.bar.magnifier_toggled.connect(self.magnifier.setVisible)
        self.bar.contrast_changed.connect(self.magnifier.refresh)
        self.bar.export_pressed.connect(self._export)
        for follower in (self.region, self.metrics):
            self.canvas.view_changed.connect(follower.ask)
            self.canvas.laid_out.connect(follower.ask)
        for worker in (self.region, self.metrics, self.modes.differences):
            worker.refused.connect(self._say)
        self.region.ready.connect(self._show_region)
        self._add_keys()

    def _add_keys(self) -> None:
        """Keys that hold wherever the focus is in the window."""
        views = (str(number) for number in range(1, MAX_VIEWS + 1))
        for key in (*ZOOMS, *MOVES, "N", "M", "F", "Esc", *views):
            QShortcut(QKeySequence(key), self).activated.connect(self._on_key)

    def _on_key(self) -> None:
        key = self.sender().key().toString()
        match key:
            case "Esc":
                self.close()
            case _ if key in ZOOMS:
                self.canvas.viewpoint.zoom_by(ZOOMS[key])
            case _ if key in MOVES:
                self.canvas.viewpoint.move_by(*MOVES[key])
            case "N":
                self.modes.blink_on()
            case "M":
                self.bar.magnifier.click()
            case "F":
                self.canvas.viewpoint.fit()
            case _:
                self.modes.blink_on(int(key) - 1)

    @property
    def is_empty(self) -> bool:
        """Whether no comparison has been shown yet."""
        return self._comparison is None

    def wait(self) -> None:
        """Be seen in a moment, while the first comparison is computed."""
        if self.is_empty:
            self.bar.setEnabled(False)
            self.modes.show_message(COMPUTING)
            self._turns.start(self._appear())

    def _appear(self) -> Iterator[None]:
        self.show()
        yield

    def compare(self, comparison: Comparison, plan: ComparisonPlan) -> None:
        """Show a comparison in place of the one before, or the first one in a moment."""
        first = self.is_empty
        self._comparison = comparison
        self._turns.start(self._filled(comparison, plan))
        if not first:
            self._turns.finish()

    def _filled(self, comparison: Comparison, plan: ComparisonPlan) -> Iterator[None]:
        """Show a comparison in parts."""
        yield from self._appear()
        if not self.canvas.layers:
            yield from self.canvas.prepared(stacks(comparison))
        self._fill(comparison, plan)

    def _fill(self, comparison: Comparison, plan: ComparisonPlan) -> None:
        self.setWindowTitle(f"Compare: {plain(comparison.source.title)}")
        self.status.clear()
        self.region.follow(plan, comparison.source.region)
        self.bar.setEnabled(True)
        moved = self.canvas.viewpoint.set_image(Layer.create(*comparison.ground()))
        self.modes.begin(comparison)
        self._offer(comparison)
        if moved:
            self.canvas.viewpoint.look_like(self._viewer)
        self.modes.lay_out()
        self.metrics.compare(comparison)
        self.bar.show_region(comparison.source)
        self.raise_()
        self.activateWindow()

    def _show_region(self, comparison: Comparison) -> None:
        """Show another region of the same views in their place."""
        self._comparison = comparison
        self.modes.show_region(comparison)
        self.metrics.compare(comparison)
        self.bar.show_region(comparison.source)
        self.magnifier.refresh()

    def _offer(self, comparison: Comparison) -> None:
        """Fill the bar with what there is to choose from."""
        views = comparison.views
        truth = views.index(comparison.truth) if comparison.truth in views else 0
        images = {number: view.name for number, view in enumerate(views) if not view.error}
        self.bar.offer(images, truth)
        names = [each.source.name for each in (comparison, *comparison.channels)]
        first = self.canvas.stacks[min(images, default=0)]
        self.bar.contrast.offer(
            [
                ChannelContrast(name, layer.contrast_limits, layer.contrast_limits_range)
                for name, layer in zip(names, first, strict=True)
                if not layer.rgb
            ]
        )
        self.modes.share_contrast()

    def _seen(self) -> tuple[tuple[int, ...], Box]:
        """The slice that is seen, and the part of the ground truth's pixels."""
        assert self._comparison is not None
        assert self._comparison.truth is not None
        return self.canvas.viewpoint.index(), self.canvas.viewpoint.view_box(
            self._comparison.truth.size
        )

    def _export(self) -> None:
        overlays, factor = self.modes.exported_overlays, self.bar.export_size.currentData()
        image = rendered(self.canvas, overlays, factor)
        path = ask_where(self, "Export the comparison", "comparison.png", KINDS)
        if path is None:
            return
        try:
            write_png(image, path)
        except OSError as error:
            self._say(refusal_text(error))
            return
        written = f"Wrote {path} ({image.width()} {TIMES} {image.height()} px)"
        whole = factor is not None or full_factor(self.canvas) <= largest_factor(self.canvas)
        self._say(f"{written}." if whole else f"{written}; {NOT_FULL}")

    def _say(self, text: str) -> None:
        self.status.setText(text)

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
        self._turns.stop()
        self.modes.end()
        self.region.cancel()
        self.metrics.cancel()
        self._connections.undo()
        self._comparison = None
        self.canvas.close_canvas()
        for context in self._contexts:
            context.undo()
        self.closed.emit()
        super().closeEvent(event)
