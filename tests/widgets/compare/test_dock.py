"""The Compare dock and its window, by their buttons, and what is seen of it on the canvas."""

import numpy as np
import pytest
from qtpy.QtCore import Qt, QThreadPool

from napari_autolut import upscale
from napari_autolut.layers.error_maps import ERROR_MAP_KEY
from napari_autolut.storage import catalogue_changes
from tests.imagelayers import assert_same_extent, picture
from tests.widgets.compare_dock import close, compare, names, press, tick_model, with_truth

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


def test_source_bicubic_and_a_model_are_seen_in_the_same_place(viewer, dock, qtbot):
    source = viewer.add_image(picture(12, 9, 3), rgb=True, name="source", rotate=20, scale=(2, 3))
    window = compare(qtbot, dock)
    assert names(window) == ["Source (nearest)", "Bicubic", "small-x1"]
    nearest, bicubic, model = window.canvas.layers
    np.testing.assert_array_equal(nearest.data, source.data)
    np.testing.assert_array_equal(model.data, upscale(source.data, "small-x1", rgb=True))
    assert bicubic.data.shape == (48, 36, 3)
    for layer in window.canvas.layers:
        assert_same_extent(layer, source)
    assert [label.text() for label in window.modes.names.shown] == names(window)


def test_a_new_window_is_no_larger_than_the_screen(viewer, dock, qtbot, monkeypatch):
    monkeypatch.setattr("napari_autolut.widgets.compare.window.SIZE", (9000, 9000))
    viewer.add_image(picture(16, 16))
    window = compare(qtbot, dock)
    room = window.screen().availableSize()
    assert window.width() <= room.width() and window.height() <= room.height()


def test_a_model_file_is_compared_at_its_scale(viewer, dock, qtbot):
    source = viewer.add_image(picture(8, 9))
    tick_model(dock, "small-x2")
    window = compare(qtbot, dock)
    _, bicubic, *_, model = window.canvas.layers
    assert bicubic.data.shape == model.data.shape == (16, 18)
    np.testing.assert_array_equal(model.data, upscale(source.data, "small-x2"))


def test_views_share_where_they_look_the_slice_and_the_contrast(viewer, dock, qtbot):
    viewer.add_image(picture(5, 12, 9), name="source", scale=(2, 0.5, 0.5))
    viewer.dims.set_point(0, 6)
    dock.all_slices.setChecked(True)
    window = compare(qtbot, dock)
    model = window.canvas.model
    assert model.dims.point[0] == 6
    model.dims.set_point(0, 2)
    for layer in window.canvas.layers:
        assert layer.data.shape[0] == 5
        shown = layer._slice.image.raw
        np.testing.assert_array_equal(shown, layer.data[1])
    window.canvas.share_contrast((10, 100))
    assert {tuple(layer.contrast_limits) for layer in window.canvas.layers} == {(10, 100)}


def test_only_the_slice_in_view_is_computed_unless_all_are_asked_for(viewer, dock, qtbot):
    viewer.add_image(picture(5, 12, 9))
    viewer.dims.set_point(0, 3)
    assert [layer.data.shape[0] for layer in compare(qtbot, dock).canvas.layers] == [1, 1, 1]
    dock.all_slices.setChecked(True)
    assert [layer.data.shape[0] for layer in compare(qtbot, dock).canvas.layers] == [5, 5, 5]
    viewer.add_image(picture(6, 12, 9))
    assert not dock.all_slices.isChecked()


def test_one_slice_lies_where_it_lay_in_the_stack(viewer, dock, qtbot):
    source = viewer.add_image(picture(5, 12, 9), scale=(2, 1, 1), rotate=(0, 0, 30))
    viewer.dims.set_point(0, 6)
    window = compare(qtbot, dock)
    for layer in window.canvas.layers:
        assert layer.data.shape[0] == 1
        np.testing.assert_allclose(
            layer.data_to_world((0, *(side / 2 - 0.5 for side in layer.data.shape[1:]))),
            source.data_to_world((3, 5.5, 4)),
        )
    np.testing.assert_array_equal(window.canvas.layers[0].data[0], source.data[3])


def test_only_layers_of_the_same_place_are_offered(viewer, dock):
    source, truth = with_truth(viewer, 8, 8)
    viewer.add_image(picture(8, 8), translate=(1, 0), name="beside")
    viewer.add_image(picture(8, 8)[::-1], scale=(-1, 1), translate=(7, 0), name="upside down")
    viewer.add_image(picture(8, 8, 3), rgb=True, name="colours")
    viewer.add_labels(np.ones((8, 8), int), name="labels")
    viewer.add_points(np.ones((1, 2)), name="points")
    dock.layers.pick(source)
    assert dock.views.layers == [truth]
    truth.translate = (9, 9)
    dock.views.refresh()
    assert dock.views.layers == []


def test_the_row_that_the_keyboard_is_at_stays_while_layers_come_and_go(viewer, dock):
    viewer.add_image(picture(8, 8))
    dock.views.setCurrentRow(2)
    chosen = dock.views.currentItem().text()
    other = viewer.add_image(picture(8, 8), name="other")
    assert dock.views.currentItem().text() == chosen
    viewer.layers.selection = {viewer.layers[0]}
    dock.views.setCurrentRow(dock.views.count() - 1)
    assert dock.views.currentItem().text() == "Layer: other"
    viewer.layers.remove(other)
    assert dock.views.currentRow() == 0


def test_how_many_were_shown_is_said_until_the_next_comparison(viewer, dock, qtbot):
    viewer.add_image(picture(8, 8))
    compare(qtbot, dock)
    viewer.add_image(picture(8, 8), name="result of another dock")
    assert dock.run_bar.status.text().startswith("3 views shown in ")


def test_two_to_four_views_can_be_ticked(viewer, dock, qtbot):
    with_truth(viewer, 8, 8)
    assert dock.run_bar.button.isEnabled()
    for choice in dock.views.ticked[1:]:
        dock.views.tick(choice, False)
    assert not dock.run_bar.button.isEnabled()
    assert dock.run_bar.status.text() == "Tick 2 to 4 views; 1 now."
    for choice in dock.views._choices:
        dock.views.tick(choice)
    assert not dock.run_bar.button.isEnabled()
    dock.views.tick("source", False)
    dock.views.tick("bicubic", False)
    assert dock.run_bar.button.isEnabled()
    assert len(names(compare(qtbot, dock))) == 4


def test_results_are_computed_once(viewer, dock, qtbot, monkeypatch):
    source = viewer.add_image(picture(12, 9))
    first = compare(qtbot, dock).canvas.layers[2].data
    close(dock)
    assert compare(qtbot, dock).canvas.layers[2].data is first
    source.data[0, 0] ^= 255
    assert compare(qtbot, dock).canvas.layers[2].data is not first


def test_cancel_shows_nothing(viewer, dock, qtbot):
    viewer.add_image(picture(4000, 16, 16), name="long")
    dock.all_slices.setChecked(True)
    press(qtbot, dock)
    qtbot.waitUntil(lambda: dock.run_bar.progress.value() > 0, timeout=60_000)
    press(qtbot, dock)
    assert not dock.run_bar.running
    assert dock.run_bar.status.text() == "Cancelled; nothing new is shown."
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))
    assert dock.window_of_views is None


def test_removing_the_source_stops(viewer, dock, qtbot):
    source = viewer.add_image(picture(4000, 16, 16), name="long")
    dock.all_slices.setChecked(True)
    press(qtbot, dock)
    viewer.layers.remove(source)
    assert not dock.run_bar.running
    assert dock.window_of_views is None


def test_without_an_image_one_sentence_says_so(dock, qtbot, notes):
    press(qtbot, dock)
    assert notes == ["No layer to compare: open an image and select its layer."]


def test_a_model_file_that_went_away_is_named(viewer, dock, qtbot, notes, models_folder):
    viewer.add_image(picture(8, 8))
    tick_model(dock, "small-x4")
    (models_folder / "small-x4.safetensors").write_bytes(b"broken")
    press(qtbot, dock)
    qtbot.waitUntil(lambda: not dock.run_bar.running)
    assert len(notes) == 1
    assert "small-x4.safetensors" in notes[0]


@pytest.mark.parametrize("others", [1, 2])
def test_a_model_file_that_was_deleted_is_named_and_not_left_out_silently(
    viewer, dock, qtbot, notes, models_folder, others
):
    viewer.add_image(picture(8, 8))
    for choice in dock.views.ticked[others:]:
        dock.views.tick(choice, False)
    tick_model(dock, "small-x4")
    (models_folder / "small-x4.safetensors").unlink()
    press(qtbot, dock)
    expected = (
        "The model small-x4 is gone: its file was removed. Compare what is still ticked, or tick "
        "another view."
    )
    assert notes == [expected]
    assert dock.run_bar.status.text() == expected
    assert dock.window_of_views is None
    assert dock.run_bar.button.isEnabled() == (others == 2)
    tick_model(dock, "small-x2")
    assert names(compare(qtbot, dock))[-1] == "small-x2"


def test_models_that_come_and_go_are_seen_at_once(viewer, dock, models_folder):
    tick_model(dock, "small-x4")
    path = models_folder / "small-x4.safetensors"
    path.rename(models_folder / "fresh.safetensors")
    catalogue_changes.happened.emit()
    offered = [dock.views.item(row).text() for row in range(dock.views.count())]
    assert "Model: fresh (own)" in offered and "Model: small-x4 (own)" not in offered
    assert "small-x4 is gone" in dock.run_bar.status.text()


def test_a_layer_that_was_moved_away_is_named(viewer, dock, qtbot, notes):
    source, truth = with_truth(viewer, 8, 8)
    dock.layers.pick(source)
    dock.truth.setCurrentIndex(dock.truth.findText("truth"))
    dock.truth.activated.emit(1)
    truth.translate = (9, 9)
    if truth in dock.views.ticked:  # before 0.7 the list has followed already
        press(qtbot, dock)
        assert len(notes) == 1
        assert notes[0].startswith("'truth' does not lie in the same place any more.")
    assert names(compare(qtbot, dock)) == ["Source (nearest)", "Bicubic", "small-x1"]


def test_a_map_of_expected_errors_keeps_its_colours(viewer, dock, qtbot):
    source = viewer.add_image(picture(12, 9), name="source", contrast_limits=(10, 100))
    result = upscale(source.data, "small-x2")
    expected = np.linspace(0, 30, result.size, dtype=np.float32).reshape(result.shape)
    place = {"scale": (0.5, 0.5), "translate": (-0.25, -0.25)}
    viewer.add_image(result, name="result", **place)
    error_map = viewer.add_image(
        expected, name="map", colormap="inferno", contrast_limits=(0, 20), visible=False,
        metadata={ERROR_MAP_KEY: "number"}, **place,
    )  # fmt: skip
    viewer.layers.selection = {source}
    dock.views.tick(error_map)
    window = compare(qtbot, dock)
    (shown,) = (layer for layer in window.canvas.layers if layer.name == "map")
    np.testing.assert_array_equal(shown.data, expected)
    assert shown.colormap.name == "inferno"
    assert tuple(shown.contrast_limits) == (0, 20)
    assert window.canvas.layers[0].colormap.name == "gray"


def test_names_of_views_have_all_the_width_of_a_narrow_dock(viewer, dock, qtbot):
    viewer.add_image(picture(8, 8))
    dock.resize(287, 700)
    dock.show()
    margins = 60  # around the form, and its scroll bar
    qtbot.waitUntil(lambda: dock.views.width() > dock.width() - margins, timeout=2000)
    assert dock.views.textElideMode() == Qt.TextElideMode.ElideMiddle, "ends tell names apart"
