"""What has to wait until napari has added, moved or removed the layer that it is at.

Belongs here: when it is called. What is done then is the caller's own matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt, Signal

from napari_autolut.widgets.shared.connections import Connections

if TYPE_CHECKING:
    from napari.components import LayerList


class AfterChanges(QObject):
    """Calls at once, or, while layers come, move or go, when all is done that led to it.

    napari's list of rows counts wrong where a layer goes while another one comes or goes. It then
    draws rows that are gone, which ends the program. And whoever removes several layers one after
    the other, as all that are selected, takes each for still there.
    """

    _over = Signal()

    def __init__(self, owner: QObject) -> None:
        super().__init__(owner)
        self._under_way = self._removing = False
        self._waiting: list[Callable[[], None]] = []
        self._over.connect(self._call_all, Qt.ConnectionType.QueuedConnection)

    def follow(self, layers: LayerList, links: Connections) -> None:
        """Hear of changes to these layers, until the links are undone."""
        events = layers.events
        links.connect(events.removing, self._on_removing)
        for begin, end in ((events.inserting, events.inserted), (events.moving, events.moved)):
            links.connect(begin, self._on_begin)
            links.connect(end, self._on_end, last=True)

    def call(self, function: Callable[[], None]) -> None:
        """Call a function now, or once no layer comes, moves or goes."""
        if self._under_way:
            self._waiting.append(function)
        else:
            function()

    def _on_removing(self, _event: object) -> None:
        self._removing = True  # of one or more: when the last is gone, napari does not say
        self._on_begin()

    def _on_begin(self, _event: object = None) -> None:
        self._under_way = True
        self._over.emit()

    def _on_end(self, _event: object) -> None:
        if not self._removing:
            self._call_all()

    def _call_all(self) -> None:
        self._under_way = self._removing = False
        waiting, self._waiting = self._waiting, []
        for function in waiting:
            function()
