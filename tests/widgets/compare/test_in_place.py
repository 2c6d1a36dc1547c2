"""Layers that become others in place: nothing of what they were is left, and none goes."""

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtWidgets import QApplication

from napari_autolut.comparison import DIFFERENCE_COLOURS
from napari_autolut.widgets.compare.bar import Mode
from napari_autolut.widgets.compare.in_place import show_instead
from tests.imagelayers import picture
from tests.widgets.compare_dock import compare

COUNTS = {"colormap": "green", "contrast_limits": (300, 700), "blending": "additive", "gamma": 2.0}
TURNED = {"rotate": 30, "shear": [0.1], "affine": np.diag([1, 2, 1]), "units": ("um", "um")}
SIGNED = {"colormap": {"colors": np.array(DIFFERENCE_COLOURS), "name": "difference"}}


def images():
    """Layers of one number of axes that differ in all that views differ in."""
    return [
        Image(picture(9, 7), name="a", interpolation2d="nearest"),
        Image(picture(18, 14).astype(np.uint16), name="b", scale=(0.5, 0.5), **COUNTS),
        Image(picture(9, 7) - np.float32(128), name="c", translate=(4, 1), **SIGNED),
        Image(picture(9, 7) / 255, name="d", axis_labels=("y", "x"), **TURNED),
    ]


def looks(layer):
    """All that a layer says of itself."""
    state = dict(layer.as_layer_data_tuple()[1])
    for name in ("metadata", "plane", "iso_threshold"):  # of volumes
        state.pop(name, None)
    return {name: np.asarray(value).tolist() for name, value in state.items()}


@pytest.mark.parametrize("shift", range(1, 4))
def test_a_layer_looks_like_the_one_it_stands_for(shift):
    viewer = ViewerModel()
    for layer in images():
        viewer.add_layer(layer)
    shown = list(viewer.layers)
    wanted = np.roll(images(), shift).tolist()
    show_instead(viewer.layers, wanted)
    assert all(each is before for each, before in zip(viewer.layers, shown, strict=True))
    for layer, like in zip(viewer.layers, wanted, strict=True):
        np.testing.assert_array_equal(layer.data, like.data)
        assert layer.dtype == like.dtype
        assert layer.contrast_limits_range == like.contrast_limits_range
        assert looks(layer) == looks(like)


@pytest.mark.parametrize("count", range(4))
def test_more_or_fewer_layers_are_shown(count):
    viewer = ViewerModel()
    for layer in images()[:2]:
        viewer.add_layer(layer)
    first = viewer.layers[0]
    show_instead(viewer.layers, images()[:count])
    assert [layer.name for layer in viewer.layers] == ["a", "b", "c"][:count]
    assert (first in viewer.layers) == (count > 0)


@pytest.mark.parametrize("shape", [(3, 9, 7), (9, 7, 3)])
def test_stacks_and_colours_are_layers_of_their_own(shape):
    viewer = ViewerModel()
    viewer.add_layer(images()[0])
    wanted = Image(picture(*shape), rgb=shape[-1] == 3, name="other")
    show_instead(viewer.layers, [wanted])
    assert list(viewer.layers) == [wanted]


def test_the_window_shows_the_same_as_a_new_one(viewer, dock, qtbot):
    viewer.add_image(picture(12, 9), name="first", contrast_limits=(0, 100), colormap="red")
    second = viewer.add_image(picture(12, 9)[::-1] * np.float32(0.1), name="second")
    dock.layers.pick(second)

    def seen(window):
        for _ in range(5):
            QApplication.processEvents()
        return window.canvas.qt_viewer.screenshot(flash=False)

    new = seen(compare(qtbot, dock))
    dock.window_of_views.close()
    dock.layers.pick(viewer.layers["first"])
    window = compare(qtbot, dock)
    before = list(window.canvas.model.layers)
    window.bar.mode = Mode.DIFFERENCE
    qtbot.waitUntil(lambda: window.modes._differences_shown)
    window.bar.mode = Mode.BESIDE
    dock.layers.pick(second)
    assert compare(qtbot, dock) is window
    assert list(window.canvas.model.layers) == before
    np.testing.assert_array_equal(seen(window), new)
