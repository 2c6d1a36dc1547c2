"""The tick that adds a map of the expected error to every result.

Belongs here: the tick, and where its layers go. What a map is, is ``layers/error_maps.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari.layers import Layer
from qtpy.QtWidgets import QCheckBox

from napari_autolut._compat import insert_quietly
from napari_autolut.layers import (
    ErrorLayerTask,
    LayerData,
    LayerSource,
    LayerTask,
    take_away,
)
from napari_autolut.model import LutModel
from napari_autolut.util.grid import Scale

if TYPE_CHECKING:
    from napari.components import ViewerModel

TIP = (
    "Add a hidden layer below the result: for each pixel the error, in the units of the image, "
    "that nine of ten such pixels stay below. Not where results are saved to disk"
)
MISSING = "This model has no table of expected errors"
RESAMPLED = "Errors were measured for the model's own scale alone; choose that one for a map"


class ErrorMapsBox(QCheckBox):
    """A tick, and the layers that it led to.

    Parameters
    ----------
    viewer : napari.components.ViewerModel
        Gets the layers.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__("&Expected error (90 %)")
        self._viewer = viewer
        self._maps: list[Layer] = []
        self.setToolTip(TIP)

    def adapt_to(self, model: LutModel | Exception, scale: Scale | None = None) -> None:
        """Offer it for a model that has an error table, at the model's own scale."""
        has_one = isinstance(model, LutModel) and model.expected_error is not None
        self.setEnabled(has_one and scale is None)
        self.setToolTip(MISSING if not has_one else TIP if scale is None else RESAMPLED)

    def tasks(self, tasks: Sequence[LayerSource]) -> list[LayerSource]:
        """Give the maps of tasks, if they are wanted; none where labels are among them."""
        images = [task for task in tasks if isinstance(task, LayerTask)]
        wanted = self.isEnabled() and self.isChecked() and len(images) == len(tasks)
        return [ErrorLayerTask.of_task(task) for task in images if wanted]

    def add(self, results: Sequence[Layer], maps: Sequence[LayerData]) -> None:
        """Put each map right below its result; what is selected stays so."""
        self._maps = []
        for result, layer_data in zip(results, maps, strict=bool(maps)):
            layer = Layer.create(*layer_data)
            insert_quietly(self._viewer, self._viewer.layers.index(result), layer)
            self._maps.append(layer)

    def undo(self) -> None:
        """Take away the maps of the last run."""
        for layer in self._maps:
            if layer in self._viewer.layers:
                take_away(self._viewer, layer)
        self._maps = []
