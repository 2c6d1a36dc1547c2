"""The expected error of an upscaled layer as a layer of its own.

Belongs here: what the map's layer is called and looks like. The map is
``arrays/expected_error.py``, the upscaling ``task.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from typing import Any

import numpy as np

from napari_autolut.arrays import ErrorTask
from napari_autolut.layers.provenance import METADATA_KEY, LayerData
from napari_autolut.layers.pyramid import PYRAMID_SIDE, coarser_levels
from napari_autolut.layers.task import LayerTask

COLORMAP = "inferno"
LABEL = "expected error (90 %)"

SHOWN = 0.995
"""Of the errors: what is beyond has the colour of the largest."""

FOLLOWED = ("name", "scale", "translate", "rotate", "shear", "affine", "units", "axis_labels")
"""What a map takes over of its image."""

ERROR_MAP_KEY = f"{METADATA_KEY} error of"
"""In the metadata of a map: its source's own number."""


def is_error_map(metadata: Mapping[str, Any]) -> bool:
    """Whether a layer is a map of expected errors, which looks like no image."""
    return ERROR_MAP_KEY in metadata


class ErrorLayerTask(LayerTask):
    """The map of an upscaling: hidden at first, in one channel, in the image's units."""

    @classmethod
    def of_task(cls, task: LayerTask) -> ErrorLayerTask:
        """The map of what a task gives; settled limits are shared.

        Raises
        ------
        ValueError
            If the model has no error table.
        """
        made = cls(**{field.name: getattr(task, field.name) for field in fields(LayerTask)})
        return made.settled_as(task)  # type: ignore[return-value]

    warns = False
    like_its_source = False

    @property
    def label(self) -> str:
        """What it is."""
        return f"{self.model.name}, {LABEL}"

    @property
    def pixels(self) -> int:
        """None: no look-ups are done."""
        return 0

    @property
    def result_nbytes(self) -> int:
        """Size of the map in memory."""
        own, float32 = (int(np.dtype(kind).itemsize) for kind in (self.array.dtype, np.float32))
        return super().result_nbytes // own * float32

    @cached_property
    def task(self) -> ErrorTask:
        """What is done to the whole array, settled once."""
        return ErrorTask.of(super().task)

    def _levels(self, data: Any, source: Any, engine: str) -> list[Any]:
        """The map and, where it is large, the map in larger steps; the largest of the colours."""
        if self.rgb:
            data = data[..., :3].max(-1)
        return [data, *coarser_levels(data, self.spatial_axes, PYRAMID_SIDE)]

    def layer_data(self, levels: list[Any]) -> LayerData:
        """Describe the map as a layer."""
        data, meta, kind = super().layer_data(levels)
        smallest = levels[-1]
        largest = float(np.nanquantile(np.asarray(smallest), SHOWN)) if not self.lazy else 0.0
        own = {
            "colormap": COLORMAP,
            "contrast_limits": (0.0, largest or self.limits.unit * 16 or 1.0),
            "visible": False,
            "multiscale": meta["multiscale"],
            "metadata": {ERROR_MAP_KEY: self.source_id},
        }
        return data, self.look(self.state) | own, kind

    def look(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Give name and place of the map where the layer is described so."""
        look = super().look(state)
        return {key: look[key] for key in FOLLOWED if key in look}
