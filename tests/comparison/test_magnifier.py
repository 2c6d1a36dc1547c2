"""Which pixels a magnifier shows, and their colours."""

import numpy as np
from napari.layers import Image

from napari_autolut.comparison.magnifier import box_around, coloured, nearest
from napari_autolut.util.boxes import Box
from tests.imagelayers import picture


def test_the_box_lies_inside_the_image():
    assert box_around((0, 159), (160, 160)) == Box(0, 64, 96, 160)
    assert box_around((5, 5), (30, 100)) == Box(0, 30, 0, 64)


def test_pixels_of_a_coarser_image_become_blocks():
    plane = np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(
        nearest(plane, (6, 8), Box(1, 4, 2, 6)), plane.repeat(2, 0).repeat(2, 1)[1:4, 2:6]
    )


def test_colours_are_those_of_the_layer():
    values = np.array([[0, 50], [100, 200]], np.uint8)
    grey = Image(values, contrast_limits=(0, 100), colormap="green")
    found = coloured(grey, values)
    assert found[..., 1].tolist() == [[0, 128], [255, 255]]
    assert found[..., 0].max() == 0 and (found[..., 3] == 255).all()
    colours = picture(2, 2, 3)
    np.testing.assert_array_equal(coloured(Image(colours, rgb=True), colours)[..., :3], colours)
