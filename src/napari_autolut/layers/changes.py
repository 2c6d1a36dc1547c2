"""A layer that is changed while something is computed of it: what the result takes over.

Belongs here: telling a layer from what it was, and the result's name, place and look as they are to
be when it comes. How a result is described is ``source.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from napari_autolut.layers.pixels import fingerprint, layer_array, same_pixels
from napari_autolut.layers.provenance import LayerData

if TYPE_CHECKING:
    from napari.layers import Layer

ON_DISK = ("scale", "translate", "affine", "units")
"""What of a layer's place a file holds, too."""


class Described(Protocol):
    """Work on a layer that can say what its result takes over of the layer."""

    @property
    def state(self) -> Mapping[str, Any]:
        """The layer's own description when the work began."""

    def look(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Give name, place and appearance of the result where the layer is described so."""


@dataclass(frozen=True, eq=False)
class LayerMoment:
    """A layer as it is when a run begins.

    Parameters
    ----------
    layer : napari.layers.Layer
        Which may change.
    array : array_like
        Its pixels, those of level 0.
    fingerprint : bytes
        Some of their values, where they are in memory.
    """

    layer: Layer
    array: Any
    fingerprint: bytes

    @classmethod
    def of(cls, layer: Layer) -> LayerMoment:
        """Take a layer."""
        array = _pixels(layer)
        return cls(layer, array, fingerprint(array))

    def followed(self, task: Described, result: LayerData) -> LayerData:
        """Describe a result as its layer is now: called, placed and coloured so.

        Where the layer has pixels of another shape or type, what it is like now says nothing of the
        result, which stays as it is.
        """
        if not self._alike(_pixels(self.layer)):
            return result
        data, meta, kind = result
        now = task.look(self._state)
        return data, {**meta, **{key: now[key] for key in now if key in meta}}, kind

    def change(self, task: Described, *, on_disk: bool = False) -> str:
        """Say what a result does not follow; empty where that is nothing.

        ``on_disk`` says that it was written to a file, which stays as it is.
        """
        name, now = self.layer.name, _pixels(self.layer)
        if not self._alike(now) or not self._same(now):
            if now is self.array:
                return f"The pixels of {name!r} were changed during the run, and may be of both."
            return f"{name!r} has other pixels now: the result is of those that it had before."
        before, after = (task.look(state) for state in (task.state, self._state))
        if on_disk and any(not _equal(before[key], after[key]) for key in ON_DISK if key in before):
            return f"The file has the pixel size and place that {name!r} had when the run began."
        return ""

    @property
    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.layer.as_layer_data_tuple()[1]
        return state

    def _alike(self, now: Any) -> bool:
        return (now.shape, now.dtype) == (self.array.shape, self.array.dtype)

    def _same(self, now: Any) -> bool:
        if self.fingerprint:
            return fingerprint(now) == self.fingerprint
        return same_pixels(now, self.array)


def _pixels(layer: Any) -> Any:
    return layer_array(layer.data[0] if layer.multiscale else layer.data)


def _equal(one: Any, other: Any) -> bool:
    return bool(np.array_equal(np.asarray(one), np.asarray(other)))
