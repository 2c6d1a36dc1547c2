"""The lens in a real viewer: which part of the result it shows, and where."""

import numpy as np
import pytest
from napari.layers import Layer
from qtpy.QtCore import QCoreApplication, QEvent, QObject, Qt

from napari_autolut._compat import camera, grid
from napari_autolut.layers import LayerPart, data_to_world
from napari_autolut.layers.provenance import is_preview
from napari_autolut.layers.upscaling import upscaled_layer_data
from tests.imagelayers import picture
from tests.widgets.layer_dock.lens_views import MODEL, assert_shows, names, zoom_to

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


@pytest.mark.parametrize(
    ("shape", "meta"),
    [
        ((90, 80), {}),
        ((90, 80, 3), {"rgb": True}),
        ((90, 80), {"rotate": 30, "shear": [0.4], "scale": (2, 0.5), "translate": (5, 6)}),
        ((4, 90, 80), {"scale": (3, 0.5, 0.5)}),
    ],
)
def test_the_visible_part_of_the_result_is_shown_in_place(
    viewer, lens, wanted, settled, shape, meta
):
    wanted.layer = viewer.add_image(picture(*shape), name="source", **meta)
    zoom_to(viewer, 30, *wanted.layer.extent.world.mean(axis=0)[-2:])
    lens.switch(True)
    settled()
    _, size = assert_shows(lens, wanted)
    assert size[wanted.layer.ndim - 1] < 160
    assert "\N{MULTIPLICATION SIGN}2" in lens.lines[-1]
    assert lens.lines[-1].endswith("s")  # how long it took


def test_it_lies_right_above_its_source_and_is_not_selected(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20), name="source")
    other = viewer.add_image(picture(20, 20), name="above")
    lens.switch(True)
    settled()
    assert names(viewer) == ["source", "Lens: source (small-x2)", "above"]
    assert is_preview(lens.layer.metadata)
    assert set(viewer.layers.selection) == {other}
    lens.switch(False)
    assert names(viewer) == ["source", "above"]
    assert lens.lines[-1] == ""


def test_pan_and_zoom_out_are_followed_and_zoom_in_needs_nothing_new(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(400, 400))
    zoom_to(viewer, 10, 100, 100)
    lens.switch(True)
    settled()
    before, _ = assert_shows(lens, wanted)
    zoom_to(viewer, 10, 200, 220)
    settled()
    after, shape = assert_shows(lens, wanted)
    assert (after > before).all()
    pixels = lens.layer.data
    zoom_to(viewer, 20, 200, 220)
    settled()
    assert lens.layer.data is pixels
    zoom_to(viewer, 5, 200, 220)
    settled()
    assert lens.layer.data.shape > shape
    assert_shows(lens, wanted)


def test_the_slider_is_followed(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(5, 30, 30), scale=(2, 1, 1))
    lens.switch(True)
    for at in (0, 3):
        viewer.dims.set_current_step(0, at)
        settled()
        start, shape = assert_shows(lens, wanted)
        assert (start[0], shape[0]) == (at, 1)


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 0, 2), (2, 1, 0)])
def test_any_axes_may_be_displayed(viewer, lens, wanted, settled, order):
    wanted.layer = viewer.add_image(picture(12, 30, 40), scale=(3, 1, 1))
    viewer.dims.order = order
    viewer.reset_view()
    lens.switch(True)
    settled()
    assert_shows(lens, wanted)
    hidden = order[0]
    assert lens.layer.data.shape[hidden] == (1 if hidden == 0 else 2)


def drawn(layer, axes):
    """Two outer corners of a layer in the displayed axes, as napari draws a slice."""
    matrix = data_to_world(layer.as_layer_data_tuple()[1])
    size = np.array(layer.data.shape)[list(axes)]
    return np.array([np.zeros(2), size]) @ matrix[np.ix_(axes, axes)].T - (
        matrix[np.ix_(axes, axes)] @ (0.5, 0.5) - matrix[list(axes), -1]
    )


def slicing(layer, axis):
    """By which line napari finds the slice of a layer along the axis that is not displayed."""
    inverse = np.linalg.inv(data_to_world(layer.as_layer_data_tuple()[1]))
    return inverse[axis, axis], inverse[axis, -1]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1)])
@pytest.mark.parametrize(
    "place",
    [
        {"shear": [0.5, 0, 0], "scale": (2, 1, 1)},
        {"rotate": (10, 25, 40), "affine": np.diag([1, 2, 1, 1]), "translate": (3, 4, 5)},
    ],
)
def test_it_is_seen_over_a_stack_that_is_sheared_or_rotated(
    viewer, lens, wanted, settled, order, place
):
    wanted.layer = viewer.add_image(picture(12, 30, 40), **place)
    viewer.dims.order = order
    viewer.reset_view()
    camera(viewer).zoom = 0.01
    hidden, *shown = order
    slope, origin = slicing(wanted.layer, hidden)
    number = wanted.layer.data.shape[hidden] // 2
    viewer.dims.set_point(hidden, (number + 0.1 - origin) / slope)
    lens.switch(True)
    settled()
    slope, origin = slicing(lens.layer, hidden)
    assert round(slope * viewer.dims.point[hidden] + origin) in range(lens.layer.data.shape[hidden])
    np.testing.assert_allclose(drawn(lens.layer, shown), drawn(wanted.layer, shown))


def test_chosen_axes_are_enlarged(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(12, 30, 40))
    wanted.options = {"part": LayerPart((0, 2))}
    lens.switch(True)
    settled()
    assert_shows(lens, wanted)


def test_in_3d_and_in_a_grid_it_says_what_it_needs(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(4, 20, 20))
    lens.switch(True)
    settled()
    viewer.dims.ndisplay = 3
    settled()
    assert lens.layer is None
    assert "2D" in lens.lines[-1]
    viewer.dims.ndisplay = 2
    settled()
    assert_shows(lens, wanted)
    grid(viewer).enabled = True
    settled()
    assert lens.layer is None
    assert "grid" in lens.lines[-1]
    grid(viewer).enabled = False
    settled()
    assert_shows(lens, wanted)


def test_out_of_view_there_is_nothing_and_back_in_view_it_is_there_again(
    viewer, lens, wanted, settled
):
    wanted.layer = viewer.add_image(picture(20, 20))
    zoom_to(viewer, 10, 9000, 9000)
    lens.switch(True)
    settled()
    assert lens.layer is None
    assert lens.lines[-1] == "Nothing of the image is in view."
    zoom_to(viewer, 10, 10, 10)
    settled()
    assert_shows(lens, wanted)


def test_a_projection_of_slices_is_previewed_as_that(viewer, lens, wanted, settled):
    stack = picture(8, 20, 20)
    wanted.layer = viewer.add_image(stack, projection_mode="mean")
    viewer.dims.set_current_step(0, 4)
    viewer.dims.thickness = (5, 0, 0)
    lens.switch(True)
    settled()
    whole = Layer.create(*upscaled_layer_data(wanted.layer, MODEL))
    other = viewer.add_layer(whole)
    np.testing.assert_array_equal(lens.layer._slice.image.raw, other._slice.image.raw)
    viewer.dims.thickness = (0, 0, 0)
    settled()
    np.testing.assert_array_equal(lens.layer._slice.image.raw, other._slice.image.raw)


def test_the_image_is_seen_while_something_is_held(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20), blending="additive")
    lens.switch(True)
    settled()
    assert lens.layer.bounding_box.visible
    for held in (True, False):
        lens.peek(held)
        assert (wanted.layer.visible, lens.layer.visible) == (held, not held)


class Canvas(QObject):
    """Is drawn as a window is: by an event of low priority."""

    def __init__(self, drawn):
        super().__init__()
        self._drawn = drawn

    def event(self, event):
        self._drawn(event.type())
        return True


def test_what_a_move_shows_is_computed_while_it_is_drawn(viewer, wanted, lens, settled, qtbot):
    """Not behind the drawing, for which a processor that draws takes as long as for the lens."""
    wanted.layer = viewer.add_image(picture(64, 64))
    zoom_to(viewer, 20, 10, 10)
    lens.switch(True)
    settled()
    order = []
    lens._run.start, start = lambda steps: (order.append("computed"), start(steps)), lens._run.start
    canvas = Canvas(lambda _: order.append("drawn"))
    QCoreApplication.postEvent(
        canvas, QEvent(QEvent.Type.User), Qt.EventPriority.LowEventPriority.value
    )
    zoom_to(viewer, 20, 50, 50)
    qtbot.waitUntil(lambda: len(order) == 2)
    assert order == ["computed", "drawn"]
