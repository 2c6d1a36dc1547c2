"""Maps of expected errors as views: where a model's result may be trusted, and how far.

Belongs here: the method that makes one, and the colours of all. What a map is, is
``arrays/expected_error.py``; other methods are ``methods.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable
from typing import cast
from weakref import WeakKeyDictionary

import numpy as np

from napari_autolut.arrays import ErrorTask, UpscalingTask
from napari_autolut.comparison.methods import ModelMethod, Pixels, Source, tile_steps
from napari_autolut.layers.error_maps import COLORMAP, LABEL, SHOWN

ERROR_COLOURS = COLORMAP
"""Of maps of errors, from none to the largest."""


class ExpectedError(ModelMethod):
    """The error of a model's result that nine of ten pixels stay below, in pixel values.

    ``model`` has a table of expected errors, ``name`` is that of the map.
    """

    def key(self, source: Source) -> Hashable:
        """What the result depends on, and as what the map sees the whole image."""
        seen_as = tuple(each.seen_as for each in self._map(source).lookups)
        return "expected error", super().key(source), seen_as

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Look up tile by tile, as the Upscale dock does; of colours the largest counts."""
        errors = yield from tile_steps(self._map(source).on(source.image), source)
        largest: Pixels = errors[..., :3].max(-1) if source.rgb else errors
        return largest

    def _map(self, source: Source) -> ErrorTask:
        """The map of the whole image, settled once for all regions of it."""
        task = cast("UpscalingTask", source.settled(self.model))
        if task not in _maps:
            _maps[task] = ErrorTask.of(task)
        return _maps[task]


_maps: WeakKeyDictionary[UpscalingTask, ErrorTask] = WeakKeyDictionary()


def error_name(model: str) -> str:
    """What the map of a model is called."""
    return f"{model}, {LABEL}"


def brightest_error(errors: Pixels) -> float:
    """The error that has the brightest colour; beyond it are the few largest."""
    finite = errors[np.isfinite(errors)]
    return float(np.quantile(finite, SHOWN)) if finite.size else 0.0
