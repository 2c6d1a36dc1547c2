"""What the lens follows: the model, and the source's pixels, look and place."""

from dataclasses import replace
from warnings import catch_warnings

import dask.array as da
import numpy as np
import pytest

from napari_autolut.model.graph import NoisyModel
from tests.conftest import small_model
from tests.imagelayers import picture
from tests.widgets.layer_dock.lens_views import MODEL, assert_shows, names


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
