"""A comparison of a large image: only the part in view is computed, and follows the user."""

import numpy as np
import pytest

from napari_autolut import upscale
from napari_autolut._compat import camera
from napari_autolut.comparison import regions
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.compare import dock as module
from napari_autolut.widgets.compare.bar import Mode
from tests.imagelayers import assert_same_extent, picture
from tests.widgets.compare.figures import choose_truth, rows
from tests.widgets.compare_dock import compare


@pytest.fixture
def large(viewer, monkeypatch):
    """An image that counts as large, of which at most 40 rows and columns are computed."""
    monkeypatch.setattr(module, "LARGE", 100 * 100)
    monkeypatch.setattr(regions, "REGION_SIDE", 40)
    return viewer.add_image(picture(200, 300), name="large", scale=(2, 2))


def pixels(window):
    return [layer.data.shape for layer in window.canvas.layers]


def look_at(window, row, column):
    look = camera(window.canvas.model)
    look.center, look.zoom = (0, 2 * row, 2 * column), 1000.0


def part(window):
    return window._comparison.source.box


def test_only_the_part_in_view_is_computed(viewer, dock, qtbot, large):
    camera(viewer).center = (0, 200, 100)
    assert not dock.whole.isHidden()
    window = compare(qtbot, dock)
    box = part(window)
    assert (box.top, box.bottom, box.left, box.right) == (80, 120, 30, 70)
    assert pixels(window) == [(40, 40), (160, 160), (40, 40)]
    model = window.canvas.layers[2]
    np.testing.assert_array_equal(model.data, upscale(large.data, "small-x1")[box.slices])
    np.testing.assert_allclose(model.data_to_world((0, 0)), large.data_to_world((80, 30)))
    assert window.bar.region_text.text() == f"40 {TIMES} 40 of 300 {TIMES} 200 px"
    assert not window.bar.region_text.isHidden()


@pytest.mark.parametrize("mode", Mode)
def test_the_part_follows_what_is_looked_at_in_every_mode(dock, qtbot, large, mode):
    window = compare(qtbot, dock)
    window.bar.buttons[mode].click()
    before = camera(window.canvas.model).zoom
    look_at(window, 20, 280)
    qtbot.waitUntil(lambda: (part(window).top, part(window).right) != (80, 170), timeout=20_000)
    box = part(window)
    assert box.top <= 20 < box.bottom and box.left <= 280 < box.right
    corner = large.data_to_world((box.top - 0.5, box.left - 0.5))

    def moved():
        found = [layer.data_to_world((-0.5, -0.5)) for layer in window.canvas.layers]
        return np.allclose(found, corner)

    qtbot.waitUntil(moved, timeout=20_000)
    look = camera(window.canvas.model)
    assert (tuple(look.center[-2:]), look.zoom) == ((40, 560), 1000)
    assert before != 1000


def test_the_whole_image_on_request(dock, qtbot, large):
    dock.whole.setChecked(True)
    window = compare(qtbot, dock)
    for layer in window.canvas.layers:
        assert_same_extent(layer, large)
    assert window.bar.region_text.isHidden()


def test_of_a_small_image_all_is_computed(viewer, dock, qtbot):
    viewer.add_image(picture(20, 20))
    assert dock.whole.isHidden()
    assert pixels(compare(qtbot, dock))[0] == (20, 20)


def test_fit_shows_all_of_the_place(dock, qtbot, large):
    window = compare(qtbot, dock)
    look_at(window, 20, 280)
    window.bar.fit.click()
    seen = window.canvas.viewpoint.image_box()
    assert seen.top <= 0 and seen.left <= 0
    assert seen.bottom >= 200 and seen.right >= 300


def test_figures_of_a_part_are_those_of_its_pixels(viewer, dock, qtbot, large):
    truth = viewer.add_image(large.data.copy(), name="truth", scale=(2, 2))
    dock.layers.pick(large)
    choose_truth(dock, truth)
    window = compare(qtbot, dock)
    qtbot.waitUntil(lambda: all("…" not in row for row in rows(window)), timeout=20_000)
    assert rows(window)[0][1] == "equal"


def test_the_chosen_range_is_the_models(viewer, dock, qtbot):
    source = viewer.add_image(picture(20, 20))
    dock.value_range.choice.setCurrentIndex(dock.value_range.choice.findText("Custom"))
    dock.value_range.high.setValue(60)
    dock.value_range.low.setValue(10)
    window = compare(qtbot, dock)
    expected = upscale(source.data, "small-x1", value_range=(10, 60))
    np.testing.assert_array_equal(window.canvas.layers[2].data, expected)
