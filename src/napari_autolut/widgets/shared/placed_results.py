"""What a dock added last: what was hidden for it, and the button that undoes it.

Belongs here: the row below Run, and the box that says whether a new result replaces the last one.
Where a result goes is ``layers.placing``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from napari.layers import Image, Layer
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_autolut._compat import qt_viewer_of, renamed, together
from napari_autolut.layers import LayerData, PlacedResult, layer_id, place_result, source_id_of
from napari_autolut.widgets.shared.connections import Connections
from napari_autolut.widgets.shared.form import wrapped_label
from napari_autolut.widgets.shared.own_context import OwnContext
from napari_autolut.widgets.shared.redrawing import redraw_when_computed
from napari_autolut.widgets.shared.text import breakable

if TYPE_CHECKING:
    from napari.components import ViewerModel


class PlacedResults(QWidget):
    """Adds results to a viewer so that they are what is seen; seen while there is one to undo.

    ``replace`` is the box for a dock's form, seen while there are results. ``undone`` says that the
    last results are gone.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Gets the results.
    """

    undone = Signal()

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._placed: list[PlacedResult] = []
        self.replace = QCheckBox("Replace the last result")
        self.replace.setToolTip("Take away the last result of the same image when a new one comes")
        self.text = wrapped_label()
        self.peek = PeekButton()
        self.button = QPushButton("Un&do")
        self.button.setToolTip("Take the result away, and show again what was hidden for it")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        buttons = QHBoxLayout()
        for each in (self.peek, self.button):
            buttons.addWidget(each)
        layout.addLayout(buttons)
        self.button.clicked.connect(self.undo)
        self.peek.held.connect(self._show_sources)
        self.connections = Connections(self)
        self.connections.connect(viewer.layers.events.removed, self._on_removed)
        self.connections.connect(viewer.layers.events.inserted, self._offer_to_replace)
        self.connections.connect(renamed(viewer.layers), self._describe)
        if not self._has_results:  # else it is shown with the form, to which it does not belong yet
            self.replace.hide()
        qt_viewer = qt_viewer_of(viewer)
        self._context = None if qt_viewer is None else OwnContext(qt_viewer, self)
        self.hide()

    def tear_down(self) -> None:
        """Listen to nothing any more: the dock is closed."""
        self.connections.undo()
        if self._context is not None:
            self._context.undo()

    def add(self, results: Iterable[tuple[Layer, LayerData]]) -> list[Image]:
        """Add results, each with its source, and give their layers.

        One is selected; of several the sources are, so that they can be worked on again.
        """
        pairs = list(results)
        self._select_none_of_several(pairs)
        last = {layer_id(each.source): each.result for each in self._placed}
        placed = []
        for source, layer_data in pairs:
            replaced = self._last_of(source, last) if self.replace.isChecked() else None
            placed.append(place_result(self._viewer, source, layer_data, replaced=replaced))
            redraw_when_computed(placed[-1].result)
        self._placed = placed
        one = len(placed) == 1
        self._viewer.layers.selection = {each.result if one else each.source for each in placed}
        self._describe()
        return [each.result for each in placed]

    def undo(self) -> None:
        """Make all as it was before the last results were added."""
        placed, self._placed = self._placed, []
        self._select_none_of_several(placed)
        with together(self._viewer.layers):
            back = [each.undo() for each in reversed(placed)]
        self._placed = [each for each in reversed(back) if each is not None]
        sources = {each.source for each in placed if each.source in self._viewer.layers}
        if sources:
            self._viewer.layers.selection = sources
        self._describe()
        self.undone.emit()

    def _select_none_of_several(self, layers: Sequence[object]) -> None:
        """Before several layers come or go: else napari makes its controls anew for each."""
        if len(layers) > 1:
            self._viewer.layers.selection.clear()

    def _last_of(self, source: Layer, last: dict[str, Image]) -> Layer | None:
        """The newest result of an image: that of the last run, else the topmost one."""
        own = [each for each in self._viewer.layers if source_id_of(each) == layer_id(source)]
        newest = last.get(layer_id(source))
        return newest if newest in own else (own[-1] if own else None)

    def _show_sources(self, on: bool) -> None:
        """Show the images in place of their results, while a button is held."""
        for each in self._placed:
            if each.source in self._viewer.layers and each.result in self._viewer.layers:
                each.result.visible = not on
                each.source.visible = on or each.source not in each.hidden

    def _on_removed(self, _event: object) -> None:
        """Where the user took a result away, what it hid is seen again."""
        for each in list(self._placed):
            if each.result not in self._viewer.layers:
                self._placed.remove(each)
                each.show_hidden()
        self._describe()
        self._offer_to_replace()

    def _offer_to_replace(self, _event: object = None) -> None:
        """Show the box where there are results that could be replaced."""
        self.replace.setVisible(self._has_results)

    @property
    def _has_results(self) -> bool:
        return any(source_id_of(each) for each in self._viewer.layers)

    def _describe(self, _event: object = None) -> None:
        layers = [layer for each in self._placed for layer in each.hidden]
        hidden = [layer.name for layer in layers if layer in self._viewer.layers]
        if len(hidden) == 1:
            text = f"{hidden[0]!r} is hidden: it would be seen through the result."
        elif hidden:
            text = f"{len(hidden)} layers are hidden: they would be seen through the results."
        else:
            text = ""
        self.text.setText(breakable(text))
        self.text.setVisible(bool(text))
        self.setVisible(bool(self._placed))


class PeekButton(QPushButton):
    """A button that shows the image without what lies over it as long as it is ``held``."""

    held = Signal(bool)

    def __init__(self) -> None:
        super().__init__("Hold: image")
        self.setToolTip("Show the image as it was while the button, or Space on it, is held")
        self.pressed.connect(self._press)
        self.released.connect(self._release)

    def _press(self) -> None:
        self.held.emit(True)

    def _release(self) -> None:
        self.held.emit(False)
