"""Maps of expected errors as views: where a model's result may be trusted, and how far.

Belongs here: the method that makes one, and the colours of all. What a map is, is
``arrays/expected_error.py``; other methods are ``methods.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Hashable
from dataclasses import dataclass

import numpy as np

from napari_autolut.arrays import ErrorTask
from napari_autolut.comparison.methods import (
    Pixels,
    Source,
    settled_words,
    tile_steps,
    tile_steps_of,
)
from napari_autolut.layers.error_maps import COLORMAP, LABEL, SHOWN
from napari_autolut.model import LutModel

ERROR_COLOURS = COLORMAP
"""Of maps of errors, from none to the largest."""


@dataclass(frozen=True, eq=False)
class ExpectedError:
    """The error of a model's result that nine of ten pixels stay below, in pixel values.

    Parameters
    ----------
    model : LutModel
        With a table of expected errors.
    name : str
        Of the map, beside the image.
    version : hashable
        Tells the model's file from an earlier one of the same name.
    """

    model: LutModel
    name: str
    version: Hashable

    def key(self, source: Source) -> Hashable:
        """The file and its state, and what the whole image has to do with it."""
        return "expected error", self.version, settled_words(source.task(self.model))

    def step_count(self, source: Source) -> int:
        """Tiles of all planes."""
        return tile_steps_of(source)

    def steps(self, source: Source) -> Generator[None, None, Pixels]:
        """Look up tile by tile, as the Upscale dock does; of colours the largest counts."""
        task = ErrorTask.of(source.task(self.model))
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
