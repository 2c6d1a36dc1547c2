"""Drawing a layer again when parts of its lazy result have been computed.

Belongs here: the way from the thread that computes to the window. What is computed is
``layers/lazy_parts.py``.
"""

from __future__ import annotations

from weakref import ref

from napari.layers import Layer
from superqt.utils import ensure_main_thread


def redraw_when_computed(layer: Layer) -> None:
    """Draw a layer again whenever a part of it has been computed that was in view before."""
    parts = [each.parts for each in _levels(layer) if hasattr(each, "parts")]
    known = ref(layer)

    @ensure_main_thread
    def redraw() -> None:
        if (shown := known()) is not None:
            shown.refresh(extent=False)

    for each in parts:
        each.changed = redraw
    if parts:
        redraw()  # the first parts may have come before anybody listened


def _levels(layer: Layer) -> list[object]:
    return list(layer.data) if layer.multiscale else [layer.data]
