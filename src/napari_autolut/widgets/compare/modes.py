"""The modes of a comparison's window: what is shown of the views, and how they lie.

Belongs here: side by side, curtain, blinking and differences, and the overlays that go with each.
The buttons are ``bar.py``, the layers ``canvas.py``.
"""

from __future__ import annotations

from qtpy.QtCore import QObject, QRectF, Qt, QTimer, Signal
from qtpy.QtWidgets import QWidget

from napari_autolut.comparison import Comparison, alone, stacks
from napari_autolut.widgets.compare.bar import INTERVAL_MS, CompareBar, Mode
from napari_autolut.widgets.compare.canvas import CompareCanvas
from napari_autolut.widgets.compare.colour_bar import DifferenceBar, ErrorBars
from napari_autolut.widgets.compare.differences import DifferenceImages
from napari_autolut.widgets.compare.layout import moved_split
from napari_autolut.widgets.compare.overlays import Handles, NameLabels

MIN_LANE = 0.02
"""Width of the narrowest lane, as a fraction of the canvas."""


class Modes(QObject):
    """Shows the views of a comparison in the mode that the bar says."""

    def __init__(self, bar: CompareBar, canvas: CompareCanvas, parent: QObject) -> None:
        super().__init__(parent)
        self._bar, self._canvas = bar, canvas
        self._comparison: Comparison | None = None
        self._differences_shown = False
        self._message = ""
        self.names = NameLabels(canvas.native)
        self.handles = Handles(canvas.native, self._move_split)
        self.colours = DifferenceBar(canvas.native)
        self.error_bars = ErrorBars(canvas.native)
        self.blink = Blink(self)
        self.differences = DifferenceImages(self)
        canvas.laid_out.connect(self._place_overlays)
        # Queued: other layers must not come in the midst of a change of the camera.
        canvas.view_changed.connect(self._ask_differences, Qt.ConnectionType.QueuedConnection)
        bar.mode_changed.connect(self.lay_out)
        bar.contrast_changed.connect(self.share_contrast)
        bar.play_toggled.connect(self.blink.play)
        bar.interval_changed.connect(self.blink.set_interval)
        bar.next_pressed.connect(self.blink.next)
        bar.reference_changed.connect(self._ask_differences)
        bar.gain_changed.connect(self._amplify)
        self.blink.changed.connect(self._show_only)
        self.differences.ready.connect(self._show_differences)

    @property
    def exported_overlays(self) -> list[QWidget]:
        """The names and colours that can be seen: what belongs to a picture, as handles do not."""
        colours = [] if self.colours.isHidden() else [self.colours]
        return [*self.names.shown, *colours, *self.error_bars.shown]

    def show_message(self, text: str) -> None:
        """Write a line on the canvas while it has no views."""
        self._message = text
        self._place_overlays()

    def begin(self, comparison: Comparison) -> None:
        """Show the views of another comparison; `lay_out` lays them out."""
        self._comparison = comparison
        self.differences.compare(comparison)
        self._show_views(comparison)

    def show_region(self, comparison: Comparison) -> None:
        """Show another region of the same views in their place."""
        self._comparison = comparison
        self.differences.compare(comparison)
        if self._bar.mode is Mode.DIFFERENCE:
            self._ask_differences()
        else:
            self._canvas.move_layers(stacks(comparison))

    def end(self) -> None:
        """Stop whatever goes on by itself; looks that wait in Qt's queue find nothing to show."""
        self.blink.play(False)
        self.differences.cancel()
        self._comparison = None

    def lay_out(self, _mode: Mode | None = None) -> None:
        """Lay out the views in the mode that is chosen."""
        mode, canvas = self._bar.mode, self._canvas
        if mode is Mode.DIFFERENCE:
            self._ask_differences()
            return
        if self._differences_shown and self._comparison is not None:
            self._show_views(self._comparison)
            self.share_contrast()
        self._bar.play.setChecked(mode is Mode.BLINK)
        if mode is Mode.CURTAIN:
            canvas.lay_over(in_lanes=True)
        elif mode is Mode.BLINK:
            canvas.lay_over()
            self.blink.begin(len(canvas.layers))
        else:
            canvas.lay_beside()

    def share_contrast(self) -> None:
        """Give the bar's contrast limits to all grey views but maps of errors."""
        if self._differences_shown:
            return
        for channel, limits in enumerate(self._bar.contrast.limits):
            self._canvas.share_contrast(limits, channel=channel, besides=self._maps)

    @property
    def _maps(self) -> set[int]:
        """Which views are maps of expected errors."""
        views = [] if self._comparison is None else self._comparison.views
        return {number for number, view in enumerate(views) if view.error}

    def blink_on(self, number: int | None = None) -> None:
        """Show the next view, or one by its number; the first time, begin with the first one."""
        begun = self._bar.mode is Mode.BLINK
        if not begun:
            self._bar.mode = Mode.BLINK
        if not begun or number is not None:
            self._bar.play.setChecked(False)
        if number is not None:
            self.blink.show(number)
        elif begun:
            self.blink.next()

    def _show_views(self, comparison: Comparison) -> None:
        self._differences_shown = False
        self.colours.hide()
        self._canvas.show_layers(stacks(comparison))

    def _ask_differences(self) -> None:
        """Show the differences in the slice that is seen, at once if they are there."""
        wanted = self._bar.mode is Mode.DIFFERENCE and self._comparison is not None
        there = wanted and self.differences.ask(self._bar.reference, self._canvas.viewpoint.index())
        if there and not self._differences_shown:
            self._show_differences()

    def _show_differences(self) -> None:
        comparison = self._comparison
        if self._bar.mode is Mode.DIFFERENCE and comparison is not None:
            self._differences_shown = True
            self._canvas.show_layers(
                [alone(each, comparison) for each in self.differences.layers()]
            )
            self._canvas.lay_beside()
            self._amplify()

    def _amplify(self) -> None:
        """Stretch the colours over a fraction of the differences."""
        if self._differences_shown:
            limit = self.differences.limit / self._bar.gain
            self._bar.show_limit(limit)
            self.colours.show_limit(limit, largest=self._bar.gain <= 1)
            self._canvas.show_signed(limit, besides={self._bar.reference, *self._maps})

    def _move_split(self, number: int, to: float) -> None:
        self._canvas.split(moved_split(self._canvas.splits, number, to, MIN_LANE))

    def _show_only(self, current: int) -> None:
        if self._bar.mode is Mode.BLINK:
            self._canvas.show_only(current)
            self._place_overlays()

    def _place_overlays(self) -> None:
        names = dict(enumerate(layer.name for layer in self._canvas.layers))
        places = self._canvas.places()
        if self._comparison is None:
            names, places = {0: self._message}, [QRectF(self._canvas.native.rect())]
        if self._bar.mode is Mode.BLINK and names:
            current = self.blink.current % len(names)
            names = {current: names[current]}
        self.names.place([places[number] for number in names], list(names.values()))
        limit = 1.0 if self._comparison is None else self._comparison.error_limit
        self.error_bars.place([places[n] for n in names if n in self._maps], limit)
        self.handles.place(self._canvas.splits)
        self.colours.place()


class Blink(QObject):
    """Counts through the views, when asked or every interval; ``changed`` gives the number."""

    changed = Signal(int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.current = 0
        self._count = 1
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.next)

    def begin(self, count: int) -> None:
        """Start over with so many views."""
        self._count = max(1, count)
        self.show(0)

    def next(self) -> None:
        """Go on to the next view; after the last one comes the first."""
        self.show((self.current + 1) % self._count)

    def show(self, number: int) -> None:
        """Show one of the views, if there are so many."""
        if number < self._count:
            self.current = number
            self.changed.emit(number)

    def play(self, on: bool) -> None:
        """Go on by itself, or stay."""
        if on:
            self._timer.start()
        else:
            self._timer.stop()

    def set_interval(self, interval_ms: int) -> None:
        """Change how long a view is seen."""
        self._timer.setInterval(interval_ms)
