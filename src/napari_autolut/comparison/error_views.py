"""Maps of expected errors as views: where a model's result may be trusted, and how far.

Belongs here: the method that makes one, and the colours of all. What a map is, is
``arrays/expected_error.py``; other methods are ``methods.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable
from typing import cast

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
        """What the result depends on, and that this is the map."""
        return "expected error", super().key(source)

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Look up tile by tile, as the Upscale dock does; of colours the largest counts."""
        task = ErrorTask.of(cast("UpscalingTask", source.task(self.model)))
        errors = yield from tile_steps(task, source)
        largest: Pixels = errors[..., :3].max(-1) if source.rgb else errors
        return largest


def error_name(model: str) -> str:
    """What the map of a model is called."""
    return f"{model}, {LABEL}"


def brightest_error(errors: Pixels) -> float:
    """The error that has the brightest colour; beyond it are the few largest."""
    finite = errors[np.isfinite(errors)]
    return float(np.quantile(finite, SHOWN)) if finite.size else 0.0
