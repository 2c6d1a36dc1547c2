"""The magnifier under a comparison: the same pixels of all views, by mouse and keys."""

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_autolut._compat import camera
from napari_autolut.widgets.compare.bar import Mode
from tests.widgets.compare_dock import compare, names, with_truth


@pytest.fixture
def compared(viewer, dock, qtbot):
    """A dock whose window shows 40 x 40 pixels, bicubic, a model, and a truth of 160 x 160."""
    source, truth = with_truth(viewer, 40, 40, contrast_limits=(0, 255))
    dock.layers.pick(source)
    dock.views.tick(truth)
    compare(qtbot, dock)
    return dock


def seen(window):
    """Red of what is shown of each view, as arrays."""
    shown = []
    for pane in window.magnifier.panes[: len(window.canvas.layers)]:
        image = pane.magnified.image
        bits = image.constBits()
        raw = bits.asstring(image.sizeInBytes()) if hasattr(bits, "asstring") else bytes(bits)
        shown.append(np.frombuffer(raw, np.uint8).reshape(image.height(), image.width(), 4)[..., 0])
    return shown


def test_it_shows_the_same_64_pixels_of_all_views(compared, qtbot):
    window = compared.window_of_views
    assert window.magnifier.isHidden()
    window.bar.magnifier.click()
    camera(window.canvas.model).center = (0, 19.5, 19.5)
    source, _, _, truth = window.canvas.layers
    images = seen(window)
    assert [each.shape for each in images] == [(64, 64)] * 4
    np.testing.assert_array_equal(images[3], truth.data[48:112, 48:112])
    expected = source.data[12:28, 12:28].repeat(4, 0).repeat(4, 1)
    np.testing.assert_array_equal(images[0], expected)
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


def test_under_the_curtain_there_is_one_outline_around_what_is_magnified(compared, qtbot):
    """All views lie in one place, whatever the lanes that each is seen in."""
    window = compared.window_of_views
    window.bar.magnifier.click()
    window.bar.buttons[Mode.CURTAIN].click()
    (outline,) = window.magnifier.frames.outlines
    native = window.canvas.native
    middle = outline.boundingRect().center()
    assert middle.x() == pytest.approx(native.width() / 2)
    assert middle.y() == pytest.approx(native.height() / 2)


def test_it_works_in_every_mode(compared, qtbot):
    window = compared.window_of_views
    window.bar.magnifier.click()
    for mode in Mode:
        window.bar.buttons[mode].click()
        qtbot.waitUntil(lambda: len(seen(window)) == 4)
        assert window.magnifier.frames.isVisible(), mode
