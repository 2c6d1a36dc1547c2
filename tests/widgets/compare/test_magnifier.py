"""The magnifier under a comparison: the same pixels of all views, by mouse and keys."""

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_autolut._compat import camera
from napari_autolut.comparison.magnifier import box_around, coloured, nearest
from napari_autolut.util.boxes import Box
from napari_autolut.widgets.compare.bar import Mode
from tests.layers.test_results_to_layers import picture
from tests.widgets.compare.test_dock import compare, dock, names, with_truth  # noqa: F401


@pytest.fixture
def compared(viewer, dock, qtbot):  # noqa: F811
    """A dock whose window shows 40 x 40 pixels, bicubic, a model, and a truth of 160 x 160."""
    source, truth = with_truth(viewer, 40, 40, contrast_limits=(0, 255))
    dock.layers.pick(source)
    dock.views.tick(truth)
    compare(qtbot, dock)
    return dock


def seen(window):
    """Red of what is shown of each view, as arrays."""
    pictures = []
    for pane in window.magnifier.panes[: len(window.canvas.layers)]:
        image = pane.magnified.image
        bits = image.constBits()
        raw = bits.asstring(image.sizeInBytes()) if hasattr(bits, "asstring") else bytes(bits)
        pictures.append(
            np.frombuffer(raw, np.uint8).reshape(image.height(), image.width(), 4)[..., 0]
        )
    return pictures


def test_it_shows_the_same_64_pixels_of_all_views(compared, qtbot):
    window = compared.window_of_views
    assert window.magnifier.isHidden()
    window.bar.magnifier.click()
    camera(window.canvas.model).center = (0, 19.5, 19.5)
    source, _, _, truth = window.canvas.layers
    pictures = seen(window)
    assert [each.shape for each in pictures] == [(64, 64)] * 4
    np.testing.assert_array_equal(pictures[3], truth.data[48:112, 48:112])
    expected = source.data[12:28, 12:28].repeat(4, 0).repeat(4, 1)
    np.testing.assert_array_equal(pictures[0], expected)
    assert [pane.name.text() for pane in window.magnifier.panes] == names(window)


def test_it_shows_what_is_pointed_at(compared, qtbot):
    window = compared.window_of_views
    window.bar.magnifier.click()
    truth = window.canvas.layers[3]
    window.canvas.pointed.emit((9.5, 29.5))
    np.testing.assert_array_equal(seen(window)[3], truth.data[8:72, 88:152])


def test_outlines_mark_it_on_every_view_and_end_with_it(compared, qtbot):
    window = compared.window_of_views
    qtbot.keyClick(window, Qt.Key.Key_M)
    assert len(window.magnifier.frames.outlines) == 4
    outlines = window.magnifier.frames.outlines
    for outline, place in zip(outlines, window.canvas.places(), strict=True):
        assert place.contains(outline.boundingRect().center())
        side = 16 * camera(window.canvas.model).zoom
        assert outline.boundingRect().width() == pytest.approx(side)
    qtbot.keyClick(window, Qt.Key.Key_M)
    assert window.magnifier.frames.isHidden()
    assert window.magnifier.isHidden()


@pytest.mark.parametrize("mode", Mode)
def test_it_works_in_every_mode(compared, qtbot, mode):
    window = compared.window_of_views
    window.bar.magnifier.click()
    window.bar.buttons[mode].click()
    qtbot.waitUntil(lambda: len(seen(window)) == 4)
    assert window.magnifier.frames.isVisible()


def test_it_lies_inside_the_picture():
    assert box_around((0, 159), (160, 160)) == Box(0, 64, 96, 160)
    assert box_around((5, 5), (30, 100)) == Box(0, 30, 0, 64)


def test_pixels_of_a_coarser_picture_become_blocks():
    plane = np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(
        nearest(plane, (6, 8), Box(1, 4, 2, 6)), plane.repeat(2, 0).repeat(2, 1)[1:4, 2:6]
    )


def test_colours_are_those_of_the_layer():
    from napari.layers import Image

    values = np.array([[0, 50], [100, 200]], np.uint8)
    grey = Image(values, contrast_limits=(0, 100), colormap="green")
    found = coloured(grey, values)
    assert found[..., 1].tolist() == [[0, 128], [255, 255]]
    assert found[..., 0].max() == 0 and (found[..., 3] == 255).all()
    colours = picture(2, 2, 3)
    np.testing.assert_array_equal(coloured(Image(colours, rgb=True), colours)[..., :3], colours)
