"""The layers that a run works on: what becomes of it where they are removed or changed meanwhile.

Belongs here: when a run ends for them, and what is said. What a result takes over of a changed
layer is ``layers.changes``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from napari.layers import Layer
from napari.utils.notifications import show_info
from qtpy.QtCore import QObject, QTimer

from napari_autolut.layers import Described, LayerData, LayerMoment
from napari_autolut.widgets.shared.connections import Connections
from napari_autolut.widgets.shared.plain_text import plain
from napari_autolut.widgets.shared.run_bar import RunBar

if TYPE_CHECKING:
    from napari.components import ViewerModel


class RunSources(QObject):
    """Stops a run whose layers are removed, and lets its results follow those that change.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Whose layers they are.
    run_bar : RunBar
        Of the run; whoever starts it says before what it works on.
    """

    def __init__(self, viewer: ViewerModel, run_bar: RunBar) -> None:
        super().__init__(run_bar)
        self._viewer, self._run_bar = viewer, run_bar
        self._moments: list[LayerMoment] = []
        self._reason = ""
        # A viewer that is closed removes its layers, and then this: nobody wants to hear of them.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._say_reason)
        self.connections = Connections(self)
        self.connections.connect(viewer.layers.events.removed, self._on_removed)
        run_bar.running_changed.connect(self._forget)

    @property
    def layers(self) -> list[Layer]:
        """What the run works on, in order; nothing while there is none."""
        return [moment.layer for moment in self._moments]

    def take(self, layers: Iterable[Layer]) -> None:
        """Say what the run that is about to start works on."""
        self._moments = [LayerMoment.of(layer) for layer in layers]

    def followed(
        self, results: Sequence[LayerData], tasks: Sequence[Described], *, on_disk: bool = False
    ) -> list[LayerData]:
        """Describe results as their layers are now, and say what is not so.

        There is a result of each layer, or several rounds of them, each with its task; ``on_disk``
        says that they were written to files.
        """
        works = list(zip(cycle(self._moments), tasks, results, strict=False))
        changes = [moment.change(task, on_disk=on_disk) for moment, task, _ in works]
        for change in dict.fromkeys(filter(None, changes)):
            self._run_bar.say_also(change)
        return [moment.followed(task, result) for moment, task, result in works]

    def _on_removed(self, _event: object) -> None:
        gone = [layer for layer in self.layers if layer not in self._viewer.layers]
        if gone:
            self._reason = f"Stopped: {gone[0].name!r} was removed."
            self._run_bar.cancel(self._reason)
            self._later.start()

    def _say_reason(self) -> None:
        show_info(plain(self._reason))  # the dock goes on to another image, and its line with it

    def _forget(self, running: bool) -> None:
        if not running:
            self._moments = []
