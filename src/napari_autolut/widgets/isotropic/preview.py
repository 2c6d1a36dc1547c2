"""The preview of an xz slice: interpolated above, made by the table below.

Belongs here: drawing, and which volume is drawn. What is drawn is computed by ``isotropic.layer``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_autolut._compat import world_units
from napari_autolut.isotropic.layer import LayerStack, RowPreview
from napari_autolut.layers import point_in_pixels
from napari_autolut.widgets.shared.picture import Picture, pixmap

if TYPE_CHECKING:
    from napari.components import ViewerModel

PANELS = (("Cubic interpolation", "cubic"), ("With the table", "result"))


class RowPictures(QWidget):
    """Two pictures of one row in all slices, one above the other."""

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self.pictures: dict[str, Picture] = {}
        for caption, name in PANELS:
            self.pictures[name] = Picture(f"{caption}: slices from top to bottom, columns across")
            layout.addWidget(QLabel(caption))
            layout.addWidget(self.pictures[name])
        self.hide()

    def show_preview(self, preview: RowPreview, limits: tuple[float, float]) -> None:
        """Draw both with the layer's contrast limits."""
        for name, picture in self.pictures.items():
            grey = shown(getattr(preview, name), limits)
            picture.show_picture(pixmap(grey), ratio=grey.shape[1] / grey.shape[0])
        self.show()


def shown_volume(viewer: ViewerModel, layer: Any, taken: LayerStack) -> tuple[int, ...]:
    """Index, along the axes before those of the stack, of the volume that a viewer shows."""
    point = point_in_pixels(layer, viewer.dims.point, world_units(viewer))
    shape = (layer.data[0] if layer.multiscale else layer.data).shape
    others = [axis for axis in range(layer.ndim) if axis not in taken.stack.axes]
    return tuple(int(min(max(round(point[axis]), 0), shape[axis] - 1)) for axis in others)


def shown(values: NDArray[Any], limits: tuple[float, float]) -> NDArray[np.uint8]:
    """Values as a screen shows them, from 0 to 255."""
    low, high = limits
    scaled = (np.nan_to_num(values.astype(np.float64)) - low) / ((high - low) or 1.0)
    grey = np.clip(np.rint(255 * scaled), 0, 255).astype(np.uint8)
    return grey[..., :3] if grey.ndim == 3 else grey
