"""The Upscale dock: its runs, the layers that come of them, and what it refuses."""

import numpy as np
import pytest
from napari.utils.notifications import notification_manager
from qtpy.QtCore import QTimer
from skimage import data

from napari_autolut import load_model, upscale
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.shared import engine_bar
from tests.imagelayers import assert_same_extent, picture
from tests.widgets.upscale_dock import choose, names, press, run, start

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


@pytest.mark.parametrize(
    ("shape", "dtype", "meta"),
    [
        ((12, 9), np.uint8, {}),
        ((12, 9, 3), np.uint8, {"rgb": True}),
        ((12, 9, 4), np.uint8, {"rgb": True}),
        ((12, 9), np.uint16, {"colormap": "magenta", "contrast_limits": (100, 50000)}),
        ((2, 3, 12, 9), np.float32, {"units": ("s", "um", "um", "um"), "scale": (1, 2, 0.1, 0.2)}),
        ((12, 9), np.uint8, {"rotate": 30, "shear": [0.4], "scale": (2, 0.5), "translate": (5, 6)}),
        ((3, 12, 9), np.uint8, {"rotate": (20, 30, 40), "scale": (3, 1, 1)}),
        ((1, 1), np.uint8, {}),
    ],
)
def test_run_adds_a_larger_layer_in_the_same_place(viewer, dock, qtbot, shape, dtype, meta):
    source = viewer.add_image(picture(*shape, dtype=dtype), name="source", **meta)
    run(qtbot, dock)
    assert names(viewer) == ["source", "source (small-x1)"]
    choose(dock.models, "small-x4 (own)")
    run(qtbot, dock)
    result = viewer.layers["source x4 (small-x4)"]
    model = load_model("small-x4")
    expected = upscale(source.data, model, rgb=source.rgb)
    np.testing.assert_array_equal(result.data, expected)
    assert result.data.dtype == dtype
    assert result.colormap.name == source.colormap.name
    assert result.contrast_limits == source.contrast_limits
    assert result.units == source.units
    assert_same_extent(result, source)
    assert "Added 'source x4 (small-x4)'" in dock.run_bar.status.text()


def test_colours_go_through_luma_or_each_on_its_own(viewer, dock, qtbot):
    viewer.add_image(picture(12, 9), name="grey")
    choose(dock.models, "small-x4 (own)")
    assert not dock.colour.isEnabled()
    photo = data.astronaut()[60:90, 180:220]
    viewer.layers.selection.active = viewer.add_image(photo, name="photo", rgb=True)
    assert dock.colour.isEnabled() and dock.colour.colour == "channels"
    model = load_model("small-x4")
    for words, colour in (("Automatic", "luma"), ("Each channel", "channels")):
        viewer.layers.selection.active = viewer.layers["photo"]
        choose(dock.colour, words)
        run(qtbot, dock)
        result = viewer.layers.selection.active
        np.testing.assert_array_equal(result.data, upscale(photo, model, colour=colour))
        assert result.metadata["napari-autolut"]["colour"] == colour


def test_any_factor_for_images_and_labels(viewer, dock, qtbot):
    source = viewer.add_image(picture(12, 9), name="source", scale=(2, 0.5), rotate=30)
    assert not dock.scale.isEnabled(), "a model that keeps the size"
    choose(dock.models, "small-x4 (own)")
    assert dock.scale.isEnabled() and dock.scale.scale is None and dock.scale.value() == 4
    dock.scale.setValue(2.5)
    assert f"30 {TIMES} 23" in dock.summary.text()
    run(qtbot, dock)
    result = viewer.layers["source x2.5 (small-x4)"]
    np.testing.assert_array_equal(
        result.data, upscale(source.data, load_model("small-x4"), scale=2.5)
    )
    assert_same_extent(result, source)
    assert result.metadata["napari-autolut"]["scale"] == 2.5
    labels = viewer.add_labels(np.eye(5, 7, dtype=np.uint8), name="cells")
    viewer.layers.selection.active = labels
    run(qtbot, dock)
    larger = viewer.layers["cells x2.5 (nearest neighbour)"]
    assert larger.data.shape == (13, 18)
    assert_same_extent(larger, labels)
    choose(dock.models, "small-x1 (own)")
    assert dock.scale.scale is None and not dock.scale.isEnabled()


def test_the_result_lies_above_its_source_and_the_next_run_starts_from_the_source(
    viewer, dock, qtbot
):
    viewer.add_image(picture(6, 6), name="below")
    source = viewer.add_image(picture(6, 6), name="source")
    viewer.add_image(picture(6, 6), name="above")
    viewer.layers.selection.active = source
    run(qtbot, dock)
    assert names(viewer) == ["below", "source", "source (small-x1)", "above"]
    assert viewer.layers.selection.active.name == "source (small-x1)"
    assert dock.layers.currentText() == "source"


def test_run_becomes_cancel_and_cancel_leaves_nothing(viewer, dock, qtbot, gate, wait_for_threads):
    viewer.add_image(picture(3, 8, 8), name="source")
    assert dock.run_bar.button.text() == "&Run"
    start(qtbot, dock)
    assert dock.run_bar.button.text() == "&Cancel"
    assert dock.run_bar.progress.text() == "1 of 3 slices"
    press(qtbot, dock)
    assert not dock.run_bar.running
    assert dock.run_bar.button.text() == "&Run"
    gate.set()
    wait_for_threads()
    assert len(gate.tiles) < 3  # the second may have begun
    assert names(viewer) == ["source"]
    assert dock.run_bar.status.text() == "Cancelled; nothing was added."


def test_a_cancelled_run_does_not_disturb_the_next_one(viewer, dock, qtbot, gate):
    viewer.add_image(picture(3, 8, 8), name="first")
    start(qtbot, dock)
    press(qtbot, dock)
    viewer.add_image(picture(5, 5), name="second")
    gate.set()
    run(qtbot, dock)
    assert names(viewer) == ["first", "second", "second (small-x1)"]


def test_the_window_lives_while_work_is_done(viewer, dock, qtbot):
    viewer.add_image(picture(6000, 16, 16))
    ticks = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(dock.run_bar.running))
    timer.start(1)
    run(qtbot, dock)
    timer.stop()
    assert sum(ticks) >= 5


def test_removing_the_source_stops_the_run(viewer, dock, qtbot, gate, wait_for_threads):
    viewer.add_image(picture(5, 5), name="other")
    source = viewer.add_image(picture(3, 8, 8), name="source")
    start(qtbot, dock)
    viewer.layers.remove(source)
    assert not dock.run_bar.running
    assert dock.run_bar.status.text() == "Stopped: 'source' was removed."
    gate.set()
    wait_for_threads()
    assert len(gate.tiles) < 3  # the second may have begun
    assert names(viewer) == ["other"]


def test_removing_another_layer_does_not(viewer, dock, qtbot, gate):
    viewer.add_image(picture(5, 5), name="other")
    viewer.add_image(picture(3, 8, 8), name="source")
    start(qtbot, dock)
    viewer.layers.remove("other")
    gate.set()
    qtbot.waitUntil(lambda: not dock.run_bar.running)
    assert names(viewer) == ["source", "source (small-x1)"]


def test_nothing_to_upscale_is_said_in_one_sentence(viewer, dock, qtbot, notes):
    press(qtbot, dock)
    assert notes == ["No layer to upscale: open an image and select its layer."]
    assert dock.run_bar.status.text() == notes[0]


def test_a_mask_is_refused(viewer, dock, qtbot, notes):
    viewer.add_image(np.zeros((4, 4), bool), name="mask")
    press(qtbot, dock)
    assert notes == ["'mask' holds bool values; convert it to integers or floats first."]


def test_what_turns_out_wrong_in_the_worker_is_one_sentence_too(viewer, dock, qtbot, notes):
    viewer.add_image(picture(4, 4), name="image")
    choose(dock.value_range.choice, "Custom")
    dock.value_range.low.setValue(9)
    dock.value_range.high.setValue(2)
    run(qtbot, dock)
    assert len(notes) == 1
    assert "found (9.0, 2.0)" in notes[0]
    assert names(viewer) == ["image"]
    assert dock.run_bar.button.text() == "&Run"


def test_missing_pixels_give_a_warning_and_a_result(viewer, dock, qtbot, notes, monkeypatch):
    monkeypatch.setattr(notification_manager, "_seen_warnings", set())
    pixels = picture(8, 8, dtype=np.float32)
    pixels[3, 3] = np.nan
    viewer.add_image(pixels, name="holes", contrast_limits=(0, 1))
    choose(dock.models, "small-x2 (own)")
    run(qtbot, dock)
    assert np.isnan(viewer.layers[-1].data).sum() == 4
    (note,) = map(str, notes)
    assert "NaN" in note
    assert note in dock.run_bar.status.text()


def test_a_broken_model_file_is_named(viewer, dock, qtbot, notes, models_folder):
    viewer.add_image(picture(4, 4))
    (models_folder / "broken.safetensors").write_bytes(b"nothing")
    dock.models.refresh()
    choose(dock.models, "broken (own)")
    press(qtbot, dock)
    assert len(notes) == 1
    assert "broken.safetensors" in notes[0]


def test_what_a_run_said_stays_until_the_next_one_but_a_refusal_goes(viewer, dock, qtbot, notes):
    viewer.add_image(picture(6, 5), name="source")
    run(qtbot, dock)
    dock.meter.measured.emit()  # a speed that is known late
    viewer.add_image(picture(6, 5), name="result of another dock")
    choose(dock.models, "small-x2 (own)")
    assert "Added 'source (small-x1)'" in dock.run_bar.status.text()
    dock.run_bar.refuse("Nothing can be done.")
    choose(dock.models, "small-x1 (own)")
    assert dock.run_bar.status.text() == ""


def test_an_empty_catalogue_is_said_plainly(viewer, dock, qtbot, notes, models_folder):
    viewer.add_image(picture(4, 4))
    for path in models_folder.iterdir():
        path.unlink()
    dock.models.refresh()
    assert not dock.models.isEnabled()
    press(qtbot, dock)
    assert len(notes) == 1
    assert notes[0].startswith("No model was found: reinstall napari-autolut")
    assert str(models_folder) in notes[0]


def test_a_model_whose_file_is_deleted_while_it_is_chosen_still_runs(
    viewer, dock, qtbot, models_folder
):
    source = viewer.add_image(picture(6, 5), name="image")
    choose(dock.models, "small-x2 (own)")
    expected = upscale(source.data, dock.models.model)
    (models_folder / "small-x2.safetensors").unlink()
    run(qtbot, dock)
    np.testing.assert_array_equal(viewer.layers[-1].data, expected)


def test_the_bar_of_compiling_goes_with_the_result(viewer, dock, qtbot, monkeypatch):
    """What is compiled later, for other types of pixels, nobody waits for."""
    monkeypatch.setattr(engine_bar, "compiling", lambda: True)
    monkeypatch.setattr(engine_bar, "warm_up_model", lambda _: None)
    viewer.add_image(picture(12, 9))
    dock.show()
    qtbot.waitUntil(dock.engine.progress.isVisible)
    run(qtbot, dock)
    dock.engine._poll()
    assert not dock.engine.progress.isVisible()
    dock.lens_box.setChecked(True)
    qtbot.waitUntil(dock.engine.progress.isVisible)
