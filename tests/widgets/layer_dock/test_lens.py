"""The lens in a real viewer: what it shows, what it follows, and that it leaves no trace."""

from dataclasses import replace
from warnings import catch_warnings

import dask.array as da
import numpy as np
import pytest
from napari.layers import Layer
from qtpy.QtCore import QCoreApplication, QEvent, QObject, Qt, QThreadPool

from napari_autolut._compat import camera, grid
from napari_autolut.arrays import finish
from napari_autolut.layers import LayerPart, data_to_world
from napari_autolut.layers.provenance import is_preview
from napari_autolut.layers.task import LayerTask
from napari_autolut.layers.upscaling import upscaled_layer_data
from napari_autolut.model.graph import NoisyModel
from napari_autolut.widgets.layer_dock.lens import Lens
from tests.conftest import small_model
from tests.imagelayers import picture

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)
MODEL = small_model("small-x2", 2)


class Wanted:
    """What the lens is to show; a test may change it."""

    def __init__(self):
        self.layer, self.model, self.options = None, MODEL, {}

    def __call__(self):
        return self.layer, LayerTask.of(self.layer, self.model, **self.options)


@pytest.fixture
def wanted():
    return Wanted()


@pytest.fixture
def lens(viewer, wanted, qtbot):
    owner = QObject()
    made = Lens(viewer, wanted, owner)
    made.lines = []
    made.status_changed.connect(made.lines.append)
    yield made
    made.switch(False)
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))


@pytest.fixture
def settled(lens, qtbot):
    """Wait until the lens shows what it is to show."""

    def wait():
        qtbot.waitUntil(lambda: not lens.busy, timeout=30_000)

    return wait


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


def test_another_model_and_another_image_are_taken(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20), name="one")
    lens.switch(True)
    settled()
    wanted.model = small_model("small-x4", 4)
    lens.renew()
    settled()
    assert_shows(lens, wanted)
    wanted.layer = viewer.add_image(picture(10, 30), name="two")
    lens.renew()
    settled()
    assert_shows(lens, wanted)
    assert names(viewer) == ["one", "two", "Lens: two (small-x4)"]


def test_another_model_takes_the_same_layer(viewer, lens, wanted, settled):
    """A layer that is removed has napari collect garbage, and the window stand still."""
    wanted.layer = viewer.add_image(picture(20, 20), name="one", blending="additive")
    lens.switch(True)
    settled()
    layer, removed = lens.layer, []
    viewer.layers.events.removed.connect(removed.append)
    wanted.model = small_model("small-x4", 4)
    lens.renew()
    lens.peek(True)
    lens.peek(False)
    assert not layer.visible  # shows another model's result yet
    assert wanted.layer.visible
    settled()
    assert_shows(lens, wanted)
    assert (lens.layer, removed) == (layer, [])
    assert layer.name == "Lens: one (small-x4)"
    assert layer.visible and not wanted.layer.visible


def test_the_source_s_look_is_followed(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20), colormap="magma", contrast_limits=(3, 99))
    lens.switch(True)
    settled()
    source, shown = wanted.layer, lens.layer
    assert (shown.colormap.name, shown.contrast_limits) == ("magma", [3, 99])
    source.colormap, source.contrast_limits, source.gamma = "green", (10, 50), 0.5
    source.opacity = 0.7
    assert (shown.colormap.name, shown.contrast_limits) == ("green", [10, 50])
    assert (shown.gamma, shown.opacity) == (0.5, 0.7)


def test_the_source_s_name_is_followed(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20), name="cells")
    lens.switch(True)
    settled()
    assert lens.layer.name == "Lens: cells (small-x2)"
    wanted.layer.name = "nuclei"
    assert lens.layer.name == "Lens: nuclei (small-x2)"


def test_the_lens_does_not_flicker_where_the_same_is_done(viewer, lens, wanted, settled):
    """Whoever asks what a task does gets an answer of his own each time."""
    wanted.model = replace(MODEL, noisy=(NoisyModel(2.0, MODEL),))
    wanted.options = {"noise": None}
    wanted.layer = viewer.add_image(picture(20, 20))
    lens.switch(True)
    settled()
    wanted.options = {"noise": "auto"}
    lens.renew()
    assert lens._shown.waits  # nothing is drawn yet
    lens._shown.waits = False
    lens.renew()
    assert not lens._shown.waits
    lens.switch(False)


def test_where_colours_are_added_the_source_is_hidden_under_its_lens(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20), blending="additive")
    lens.switch(True)
    settled()
    assert lens.layer.blending == "additive"
    assert not wanted.layer.visible
    assert "hidden" in lens.lines[-1]
    lens.switch(False)
    assert wanted.layer.visible


def test_changed_pixels_and_places_are_taken(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20))
    lens.switch(True)
    settled()
    wanted.layer.data = picture(20, 20, seed=5)
    settled()
    assert_shows(lens, wanted)
    wanted.layer.translate = (7, 3)
    settled()
    assert_shows(lens, wanted)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rotate", np.array([[0.8, -0.6], [0.6, 0.8]])),
        ("shear", np.array([0.4])),
        ("affine", np.diag([2.0, 3.0, 1.0])),
        ("units", ("um", "um")),
    ],
)
def test_a_source_that_is_turned_or_measured_otherwise_is_followed(
    viewer, lens, wanted, settled, name, value
):
    wanted.layer = viewer.add_image(picture(20, 20))
    lens.switch(True)
    settled()
    with catch_warnings(action="ignore"):  # layers of pixels and of micrometres, for a moment
        setattr(wanted.layer, name, value)
        settled()
    assert_shows(lens, wanted)
    here, there = (getattr(each, name) for each in (lens.layer, wanted.layer))
    np.testing.assert_array_equal(np.asarray(here), np.asarray(there))


@pytest.mark.parametrize("shape", [(20, 20), (4, 20, 20)])
def test_pixels_that_are_changed_in_place_are_taken(viewer, lens, wanted, settled, shape):
    """As by a camera whose frames go into one array, or by a tool that paints."""
    wanted.layer = viewer.add_image(picture(*shape))
    lens.switch(True)
    settled()
    shown = lens.layer.data
    wanted.layer.refresh()
    assert not lens.busy
    assert lens.layer.data is shown
    wanted.layer.data[..., 5:9, 5:9] = 200
    wanted.layer.refresh()
    settled()
    assert_shows(lens, wanted)


def test_pixels_that_change_while_they_are_computed_are_taken(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20))
    lens.switch(True)
    settled()
    wanted.layer.data[5:9] = 100
    wanted.layer.refresh()
    assert lens.busy
    show = lens._show

    def change_and_show(piece):
        lens._run.returned.disconnect(change_and_show)
        lens._run.returned.connect(show)
        wanted.layer.data[5:9] = 200
        show(piece)

    lens._run.returned.disconnect(show)
    lens._run.returned.connect(change_and_show)
    settled()
    assert_shows(lens, wanted)


@pytest.mark.parametrize("value_range", [None, "contrast"])
def test_limits_are_the_range_where_the_user_says_so(viewer, lens, wanted, settled, value_range):
    lazy = da.from_array(picture(20, 20, dtype=np.uint16), chunks=10)
    wanted.layer = viewer.add_image(lazy, contrast_limits=(0, 60000))
    wanted.options["value_range"] = value_range
    lens.switch(True)
    settled()
    before = lens.layer.data.copy()
    wanted.layer.contrast_limits = (0, 20000)
    settled()
    assert (lens.layer.data != before).any() == (value_range == "contrast")
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


def test_removing_the_source_ends_it(viewer, lens, wanted, settled, qtbot):
    wanted.layer = viewer.add_image(picture(20, 20), name="source")
    viewer.add_image(picture(20, 20), name="other")
    lens.switch(True)
    settled()
    with qtbot.waitSignal(lens.ended) as ended:
        viewer.layers.remove("source")
    assert ended.args == ["Lens off: 'source' was removed."]
    assert names(viewer) == ["other"]
    assert not lens.on


def test_removing_its_layer_ends_it(viewer, lens, wanted, settled, qtbot):
    wanted.layer = viewer.add_image(picture(20, 20), name="source", blending="additive")
    lens.switch(True)
    settled()
    with qtbot.waitSignal(lens.ended):
        viewer.layers.remove(lens.layer)
    assert names(viewer) == ["source"]
    assert wanted.layer.visible
    assert not lens.on


def test_clearing_the_viewer_while_it_computes_ends_it(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(600, 600))
    lens.switch(True)
    viewer.layers.clear()
    settled()
    assert not lens.on
    assert names(viewer) == []


def test_what_cannot_be_upscaled_is_said(viewer, lens, wanted):
    wanted.layer = viewer.add_image(np.zeros((4, 4), bool), name="mask")
    lens.switch(True)
    assert lens.lines == ["'mask' holds bool values; convert it to integers or floats first."]
    assert lens.layer is None


def test_a_range_that_cannot_be_is_said(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(8, 8))
    wanted.options = {"value_range": (9, 2)}
    lens.switch(True)
    settled()
    assert "found (9, 2)" in lens.lines[-1] or "found (9.0, 2.0)" in lens.lines[-1]


def test_it_comes_and_goes_twenty_times_without_a_trace(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20))
    look = camera(viewer).zoom, camera(viewer).center, viewer.dims.range
    for _ in range(20):
        lens.switch(True)
        settled()
        lens.switch(False)
    assert (camera(viewer).zoom, camera(viewer).center, viewer.dims.range) == look
    assert len(viewer.layers) == 1


def test_the_slice_that_was_looked_at_stays_when_it_goes(real_viewer, wanted, qtbot):
    wanted.layer = real_viewer.add_image(picture(5, 20, 20))
    real_viewer.dims.order = (1, 0, 2)
    real_viewer.dims.point = (0, 12, 0)
    owner = QObject()
    lens = Lens(real_viewer, wanted, owner)
    lens.switch(True)
    qtbot.waitUntil(lambda: lens.layer is not None and not lens.busy)
    lens.switch(False)
    assert real_viewer.dims.point[1] == pytest.approx(12, abs=0.5)


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
