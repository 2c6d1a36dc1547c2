"""Units: a viewer looks in its world's, a layer has its own."""

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from napari_autolut._compat import converts_units, world_units
from napari_autolut.comparison import same_place, slice_at, visible_box
from napari_autolut.layers import point_in_pixels, point_in_world, unit_ratios
from napari_autolut.util.boxes import Box
from tests.imagelayers import picture

converting = pytest.mark.skipif(not converts_units(), reason="this napari converts no units")


def stack(unit, pixel, **options):
    scale = (4 * pixel, pixel, pixel)
    return Image(picture(8, 6, 5), scale=scale, units=(unit,) * 3, name=unit, **options)


@pytest.fixture
def layers():
    """The same place in three units, and an image 1000 times smaller."""
    return [stack("um", 0.5), stack("nm", 500), stack("mm", 0.0005), stack("nm", 0.5)]


@converting
def test_points_of_the_viewer_s_world_are_found_in_every_layer(layers):
    viewer = ViewerModel()
    for layer in layers[:3]:
        viewer.add_layer(layer)
    viewer.dims.set_current_step(0, 5)
    for layer in layers[:3]:
        shown = layer._slice.image.raw
        assert np.array_equal(shown, layer.data[5])
        for units in (world_units(viewer), None):
            found = point_in_pixels(layer, viewer.dims.point, units)
            assert found[0] == pytest.approx(5)
            back = point_in_world(layer, found, units)
            np.testing.assert_allclose(back, viewer.dims.point)
            assert slice_at(layer, viewer.dims.point, units) == (5,)


@converting
def test_lengths_of_the_world_become_pixels(layers):
    viewer = ViewerModel()
    for layer in layers[:3]:
        viewer.add_layer(layer)
    middle = point_in_world(layers[0], (0, 2, 2), world_units(viewer))
    half = np.ones(2) * unit_ratios(layers[0], world_units(viewer))[-2:]
    for layer in layers[:3]:
        assert visible_box(layer, middle, half, units=world_units(viewer)) == Box(0, 5, 0, 5)


@converting
def test_the_same_place_is_that_whatever_the_unit(layers):
    um, nm, mm, tiny = layers
    assert same_place(um, nm) and same_place(nm, um) and same_place(mm, um)
    assert not same_place(um, tiny)


def test_units_of_other_kinds_are_not_converted():
    layer = stack("pixel", 2)
    np.testing.assert_array_equal(unit_ratios(layer, stack("um", 1).units), 1)
    assert same_place(layer, stack("um", 2))
