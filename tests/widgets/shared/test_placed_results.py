"""The row below Run: what was hidden for a result, a look at the image, and Undo."""

import gc

import numpy as np
import pytest
from qtpy.QtGui import QOpenGLContext

from napari_autolut._compat import native_canvas, qt_viewer_of
from napari_autolut.layers import place_result, take_away, upscaled_layer_data
from napari_autolut.widgets.shared import PlacedResults
from tests.imagelayers import picture


@pytest.fixture
def row(viewer, qtbot):
    widget = PlacedResults(viewer)
    qtbot.addWidget(widget)
    return widget


def added(row, source, model):
    (layer,) = row.add([(source, upscaled_layer_data(source, model))])
    return layer


def test_undo_takes_the_result_away_and_shows_what_was_hidden(row, viewer, model):
    source = viewer.add_image(picture(8, 8), name="nuclei", blending="additive")
    assert row.isHidden()
    result = added(row, source, model)
    assert not row.isHidden()
    assert "'nuclei' is hidden" in row.text.text()
    row.button.click()
    assert result not in viewer.layers
    assert source.visible
    assert viewer.layers.selection.active is source
    assert row.isHidden()


def test_what_was_hidden_is_said_over_the_whole_width(row, viewer, model):
    row.resize(280, 100)
    sources = [viewer.add_image(picture(8, 8), blending="additive") for _ in range(2)]
    row.add([(source, upscaled_layer_data(source, model)) for source in sources])
    assert row.text.text().startswith("2 layers are hidden")
    row.layout().activate()
    assert row.text.width() == row.width()
    assert row.text.geometry().bottom() < row.button.geometry().top()


def test_what_is_hidden_is_called_as_it_is_called_now(row, viewer, model):
    source = viewer.add_image(picture(8, 8), name="nuclei", blending="additive")
    added(row, source, model)
    source.name = "cells"
    assert "'cells' is hidden" in row.text.text()
    viewer.layers.remove(source)
    assert not row.text.text() and not row.button.isHidden()


def test_an_opaque_result_hides_nothing_and_can_be_undone(row, viewer, model):
    source = viewer.add_image(picture(8, 8))
    added(row, source, model)
    assert source.visible
    assert not row.isHidden()
    assert not row.text.text()


def test_a_result_removed_by_hand_shows_the_image_again(row, viewer, model):
    source = viewer.add_image(picture(8, 8), blending="additive")
    viewer.layers.remove(added(row, source, model))
    assert source.visible
    assert row.isHidden()


def test_the_last_result_is_replaced_where_the_box_is_ticked(row, viewer, model):
    source = viewer.add_image(picture(8, 8))
    first = added(row, source, model)
    second = added(row, source, model)
    row.replace.setChecked(True)
    third = added(row, source, model)
    assert list(viewer.layers) == [source, first, third]
    row.button.click()
    assert list(viewer.layers) == [source, first, second]


def test_what_a_replaced_result_hid_stays_hidden(row, viewer, model):
    source = viewer.add_image(picture(8, 8), name="nuclei", blending="additive")
    first = added(row, source, model)
    row.replace.setChecked(True)
    second = added(row, source, model)
    assert [each for each in viewer.layers if each.visible] == [second]
    assert "'nuclei' is hidden" in row.text.text()
    row.button.click()
    assert [each for each in viewer.layers if each.visible] == [first]
    assert "'nuclei' is hidden" in row.text.text()
    row.button.click()
    assert list(viewer.layers) == [source] and source.visible


def test_a_result_that_replaced_another_and_is_removed_shows_the_image(row, viewer, model):
    source = viewer.add_image(picture(8, 8), blending="additive")
    added(row, source, model)
    row.replace.setChecked(True)
    viewer.layers.remove(added(row, source, model))
    assert list(viewer.layers) == [source] and source.visible


def test_the_image_is_seen_while_the_button_is_held(row, viewer, model):
    source = viewer.add_image(picture(8, 8), blending="additive")
    result = added(row, source, model)
    row.peek.pressed.emit()
    assert source.visible and not result.visible
    row.peek.released.emit()
    assert result.visible and not source.visible


def test_undoing_finer_slices_stays_at_the_slice_that_was_looked_at(real_viewer):
    source = real_viewer.add_image(picture(6, 8, 8))
    made = place_result(real_viewer, source, (picture(30, 8, 8), {"scale": (0.2, 1, 1)}, "image"))
    real_viewer.dims.point = (3, 0, 0)
    made.undo()
    assert real_viewer.dims.point[0] == pytest.approx(3)


def test_a_layer_that_goes_is_no_reason_to_slice_others_twice(real_viewer):
    real_viewer.add_image(picture(6, 8, 8))
    finer = real_viewer.add_image(picture(6, 16, 16), scale=(1, 0.5, 0.5))
    real_viewer.dims.point = (3, 5, 5)
    moves = []
    real_viewer.dims.events.point.connect(moves.append)
    take_away(real_viewer, finer)
    assert len(moves) <= 1  # napari's own, along rows and columns


def test_what_a_layer_had_on_the_graphics_card_goes_from_its_own_canvas(real_viewer, qtbot):
    real_viewer.window.show()
    placed = PlacedResults(real_viewer)
    qtbot.addWidget(placed)
    layer = real_viewer.add_image(np.zeros((8, 8), np.uint8))
    native = native_canvas(qt_viewer_of(real_viewer))
    current = []
    real_viewer.layers.events.removed.connect(
        lambda _: current.append(QOpenGLContext.currentContext())
    )
    native.doneCurrent()
    real_viewer.layers.remove(layer)
    assert current == [native.context()]
    placed.tear_down()
    other = real_viewer.add_image(np.zeros((8, 8), np.uint8))
    native.doneCurrent()
    real_viewer.layers.remove(other)
    assert current[1] is None


def test_replacing_is_offered_where_there_is_a_result(row, viewer, model):
    source = viewer.add_image(picture(8, 8), name="source")
    assert row.replace.isHidden()
    result = added(row, source, model)
    assert not row.replace.isHidden()
    viewer.layers.remove(result)
    assert row.replace.isHidden()


@pytest.fixture
def collected():
    """How often all of Python's garbage was collected."""
    seen = []

    def watch(phase, info):
        if phase == "start" and info["generation"] == 2:
            seen.append(phase)

    gc.callbacks.append(watch)
    yield seen
    gc.callbacks.remove(watch)


def test_several_results_come_and_go_at_once(real_viewer, qtbot, model, collected):
    sources = [real_viewer.add_image(picture(8, 8), blending="additive") for _ in range(5)]
    real_viewer.layers.selection = set(sources)
    row = PlacedResults(real_viewer)
    qtbot.addWidget(row)
    changes = []
    real_viewer.layers.selection.events.changed.connect(changes.append)
    results = row.add((each, upscaled_layer_data(each, model)) for each in sources)
    assert set(real_viewer.layers.selection) == set(sources)
    assert not any(each.visible for each in sources)
    assert len(changes) == 2  # none, then the sources
    collected.clear()
    row.undo()
    assert not set(results) & set(real_viewer.layers)
    assert all(each.visible for each in real_viewer.layers)
    assert set(real_viewer.layers.selection) == set(sources)
    if hasattr(real_viewer.layers, "batched_update"):
        assert len(collected) < len(sources)
