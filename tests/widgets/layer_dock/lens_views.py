"""A lens in a test: what it is to show, and whether it does. Belongs here: helpers of its tests."""

import numpy as np
from napari.layers import Layer

from napari_autolut._compat import camera
from napari_autolut.arrays import finish
from napari_autolut.layers.task import LayerTask
from tests.conftest import small_model

MODEL = small_model("small-x2", 2)


class Wanted:
    """What the lens is to show; a test may change it."""

    def __init__(self):
        self.layer, self.model, self.options = None, MODEL, {}

    def __call__(self):
        return self.layer, LayerTask.of(self.layer, self.model, **self.options)


def zoom_to(viewer, zoom, *centre):
    camera(viewer).zoom = zoom
    camera(viewer).center = (0, *centre)


def names(viewer):
    return [layer.name for layer in viewer.layers]


def assert_shows(lens, wanted):
    """The lens has the pixels and the place of the whole result, where it shows it."""
    whole = Layer.create(*finish(wanted()[1].steps()))
    ndim, shown = whole.ndim, lens.layer
    first = whole.world_to_data(shown.data_to_world([0] * ndim))
    start = np.round(first).astype(int)
    np.testing.assert_allclose(first, start, atol=1e-6)
    cut = tuple(slice(a, a + n) for a, n in zip(start, shown.data.shape[:ndim], strict=True))
    np.testing.assert_array_equal(shown.data, np.asarray(whole.data)[cut])
    return start, shown.data.shape
