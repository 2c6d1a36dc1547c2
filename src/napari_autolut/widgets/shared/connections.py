"""Links from a viewer to a widget that end when the widget does.

Belongs here: connecting and disconnecting. What a widget does about a signal is its own matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod

from qtpy.QtCore import QObject

from napari_autolut._compat import renamed

if TYPE_CHECKING:
    from napari.components import LayerList


class Connections:
    """What a widget listens to, undone when asked or when Qt deletes the widget.

    A viewer outlives its docks, and napari would go on calling a slot whose widget is gone.

    Parameters
    ----------
    widget : QObject
        Whose methods are called.
    within : Connections, optional
        Other ones of the widget, with which these are undone.
    """

    def __init__(self, widget: QObject, within: Connections | None = None) -> None:
        self._links: list[tuple[Any, _Link]] = []
        self._others: list[Connections] = []
        widget.destroyed.connect(self.undo)
        if within is not None:
            within._others.append(self)

    def connect(self, signal: Any, slot: Callable[..., None], *, last: bool = False) -> None:
        """Connect a signal of napari's to a method of the widget; ``last``: after napari's own."""
        link = _Link(slot)
        signal.connect(link.call, **({"position": "last"} if last else {}))
        self._links.append((signal, link))

    def connect_layers(self, layers: LayerList, slot: Callable[..., None]) -> None:
        """Connect a method to whatever changes which layers there are, their order or names."""
        events = layers.events
        for signal in (events.inserted, events.removed, events.reordered, renamed(layers)):
            self.connect(signal, slot)

    def undo(self, _deleted: QObject | None = None) -> None:
        """Disconnect everything; more than once does no harm."""
        for signal, link in self._links:
            signal.disconnect(link.call)
        self._links.clear()
        for other in self._others:
            other.undo()


class _Link:
    """Passes a call on to a widget's method.

    napari compares slots to find the one to disconnect, which fails for widgets that are deleted;
    this is no widget.
    """

    def __init__(self, slot: Callable[..., None]) -> None:
        self._slot = WeakMethod(slot)

    def call(self, event: object = None) -> None:
        """Call the method, if its widget is still there."""
        if (slot := self._slot()) is not None:
            slot(event)
