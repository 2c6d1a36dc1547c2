"""The Denoise dock: the noise that it finds or is told, its results, and what it refuses."""

import dask.array as da
import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QTimer

from napari_autolut import NoiseModel, denoise
from napari_autolut.layers import source_id_of
from napari_autolut.layers.placing import layer_id
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.denoise.dock import DenoiseWidget
from tests.imagelayers import assert_same_extent
from tests.noise.scenes import recorded, scene
from tests.widgets.upscale_dock import choose, names, press, run

GAIN = 20.0
"""Of ``recorded``, in grey levels per photon."""


@pytest.fixture
def viewer():
    """A viewer without a window, with the shipped tables."""
    return ViewerModel()


@pytest.fixture
def dock(viewer, shown):
    return shown(DenoiseWidget(viewer))


def noisy(photons=50, seed=0, side=128):
    return recorded(scene(), photons, seed=seed)[:side, :side]


def found(qtbot, dock):
    qtbot.waitUntil(lambda: not dock.noise.searching)
    return dock.noise.line.text()


def test_the_noise_is_found_and_said_in_photons(viewer, dock, qtbot):
    viewer.add_image(recorded(scene(), 50), name="cells")
    text = found(qtbot, dock)
    assert text.startswith("White noise: about ")
    assert "photons in bright pixels" in text and "grey levels per photon" in text
    assert "sure (" in text.lower()
    (model,) = dock.noise.models_for(viewer.layers[0], dock._whole(viewer.layers[0]))
    assert model.gain == pytest.approx(GAIN, rel=0.2)


def test_what_is_said_of_the_noise_has_the_whole_width(viewer, dock, qtbot):
    viewer.add_image(noisy())
    found(qtbot, dock)
    qtbot.waitUntil(lambda: dock.noise.line.width() > dock.noise.width())


def test_results_of_other_docks_do_not_wipe_out_what_a_run_said(viewer, dock, qtbot):
    viewer.add_image(noisy())
    found(qtbot, dock)
    run(qtbot, dock)
    said = dock.run_bar.status.text()
    assert said.startswith("Added ")
    viewer.add_image(noisy(seed=1))
    found(qtbot, dock)
    assert dock.run_bar.status.text() == said


def test_the_window_lives_while_noise_is_looked_for(viewer, dock, qtbot):
    ticks = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(dock.noise.searching))
    timer.start(1)
    viewer.add_image(np.stack([recorded(scene(), 50)] * 30))
    assert dock.noise.line.text() == "Looking for the noise…"
    found(qtbot, dock)
    timer.stop()
    assert sum(ticks) >= 3


def test_a_result_is_what_denoise_gives_and_looks_like_its_source(viewer, dock, qtbot):
    source = viewer.add_image(
        np.stack([noisy(seed=seed) for seed in range(3)]),
        name="cells",
        scale=(0.3, 0.1, 0.1),
        units=("um", "um", "um"),
        colormap="magenta",
        blending="additive",
        contrast_limits=(100, 900),
        metadata={"sample": 7},
    )
    found(qtbot, dock)
    run(qtbot, dock)
    assert names(viewer) == ["cells", "cells (denoised)"]
    result = viewer.layers["cells (denoised)"]
    np.testing.assert_array_equal(result.data, denoise(source.data))
    assert result.data.dtype == source.data.dtype
    assert_same_extent(result, source)
    for attribute in ("units", "blending", "contrast_limits", "axis_labels"):
        assert getattr(result, attribute) == getattr(source, attribute)
    assert result.colormap.name == "magenta"
    assert not source.visible and result.visible  # it would be seen through the result
    found(qtbot, dock)
    assert dock.run_bar.status.text().startswith("Added 'cells (denoised)'")
    made = result.metadata["napari-autolut"]
    assert result.metadata["sample"] == 7
    assert made["operation"] == "denoise" and made["source"] == "cells"
    assert made["noise"][0]["gain"] == pytest.approx(GAIN, rel=0.3)
    assert source_id_of(result) == layer_id(source)


def test_light_tables(viewer, dock, qtbot):
    source = viewer.add_image(noisy())
    found(qtbot, dock)
    dock.tables.setCurrentIndex(1)
    run(qtbot, dock)
    result = viewer.layers[-1].data
    np.testing.assert_array_equal(result, denoise(source.data, model="light"))
    assert (result != denoise(source.data)).any()


def test_several_layers_have_a_noise_of_their_own(viewer, dock, qtbot):
    first = viewer.add_image(noisy(30), name="first")
    second = viewer.add_image(2 * noisy(300), name="second")
    viewer.layers.selection = {first, second}
    lines = found(qtbot, dock).splitlines()
    assert [line.split(":")[0] for line in lines] == ["first", "second"]
    run(qtbot, dock)
    for source in (first, second):
        result = viewer.layers[f"{source.name} (denoised)"]
        np.testing.assert_array_equal(result.data, denoise(source.data))


def test_an_axis_that_is_called_channel_has_a_noise_for_each(viewer, dock, qtbot):
    stack = np.stack([noisy(30), 3 * noisy(200)])
    viewer.add_image(stack, axis_labels=("c", "y", "x"), name="both")
    assert dock.channels.currentText() == "One for each channel"
    text = found(qtbot, dock)
    assert text.startswith("Channel 0: ") and "\nChannel 1: " in text
    run(qtbot, dock)
    np.testing.assert_array_equal(viewer.layers[-1].data, denoise(stack, channel_axis=0))


def test_one_slice_of_a_stack_has_the_noise_of_all(viewer, dock, qtbot):
    stack = np.stack([noisy(seed=seed) for seed in range(3)])
    viewer.add_image(stack, name="stack")
    viewer.dims.set_point(0, 2)
    choose(dock.options.slices, "Current slice")
    found(qtbot, dock)
    run(qtbot, dock)
    result = viewer.layers["stack [2] (denoised)"]
    np.testing.assert_array_equal(result.data[0], denoise(stack)[2])


def test_lazy_layers_stay_lazy(viewer, dock, qtbot):
    stack = np.stack([noisy(seed=seed) for seed in range(2)])
    viewer.add_image(
        da.from_array(stack, chunks=(1, 70, 70)), name="lazy", contrast_limits=(0, 900)
    )
    found(qtbot, dock)
    run(qtbot, dock)
    result = viewer.layers["lazy (denoised)"].data
    assert isinstance(result, da.Array)
    np.testing.assert_array_equal(result, denoise(stack))


def test_colours_are_denoised_each_and_alpha_stays(viewer, dock, qtbot):
    colours = np.stack([noisy(seed=seed) // 8 for seed in range(3)] + [noisy() // 9], -1)
    viewer.add_image(colours.astype(np.uint8), rgb=True, name="colours")
    assert "Red: " in found(qtbot, dock)
    run(qtbot, dock)
    result = viewer.layers[-1].data
    np.testing.assert_array_equal(result[..., 3], colours[..., 3])
    assert result[..., 0].std() < colours[..., 0].std()


def test_noise_by_hand_starts_from_that_of_the_picked_image_not_of_the_last_one(
    viewer, dock, qtbot
):
    first = viewer.add_image(noisy(), name="first")
    found(qtbot, dock)
    of_first = dock.noise.numbers.model
    viewer.add_image(noisy(photons=10, seed=1), name="second")
    found(qtbot, dock)
    assert dock.noise.numbers.model != of_first
    viewer.layers.selection.active = first
    choose(dock.noise.choice, "By hand")
    assert dock.noise.numbers.model == of_first


def test_noise_by_hand_starts_from_what_was_found(viewer, dock, qtbot):
    image = viewer.add_image(noisy(), name="cells").data
    found(qtbot, dock)
    choose(dock.noise.choice, "By hand")
    gain, dark, read, _ = dock.noise.numbers.fields
    assert gain.value() == pytest.approx(GAIN, rel=0.3)
    gain.setValue(20)
    dark.setValue(100)
    read.setValue(30)
    dock.strength.setValue(0.5)
    run(qtbot, dock)
    expected = denoise(image, NoiseModel(20, 900 - 2000), 0.5)
    np.testing.assert_array_equal(viewer.layers["cells (denoised)"].data, expected)


def test_noise_of_another_image(viewer, dock, qtbot):
    flat = viewer.add_image(noisy(40), name="calibration")
    image = viewer.add_image(noisy(60), name="cells").data
    choose(dock.noise.choice, "As in another image")
    press(qtbot, dock)
    assert "No image is chosen" in dock.run_bar.status.text()
    choose(dock.noise.other, "calibration")
    found(qtbot, dock)
    run(qtbot, dock)
    (model,) = dock.noise.models_for(viewer.layers["cells"], dock._whole(viewer.layers["cells"]))
    np.testing.assert_array_equal(viewer.layers["cells (denoised)"].data, denoise(image, model))
    viewer.layers.remove(flat)
    assert dock.noise.other.currentIndex() == -1


def test_the_lens_shows_the_pixels_of_the_result(viewer, dock, qtbot):
    source = viewer.add_image(noisy(), name="cells")
    found(qtbot, dock)
    dock.lens_box.setChecked(True)
    qtbot.waitUntil(lambda: not dock.lens.busy)
    np.testing.assert_array_equal(dock.lens.layer.data, denoise(source.data))
    assert dock.lens_row.line.text().startswith(f"128 {TIMES} 128")
    dock.lens_box.setChecked(False)
    assert names(viewer) == ["cells"]


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (np.full((64, 64), 9, np.uint8), "all pixels have the value 9"),
        (np.add.outer(np.arange(64.0), np.arange(64.0)), "no noise was found"),
        (np.full((64, 64), np.nan), "no pixel is a finite number"),
        (np.zeros((5, 5)) + np.eye(5), "its noise cannot be found"),
    ],
)
def test_without_noise_nothing_is_added_and_the_reason_is_said(viewer, dock, qtbot, image, words):
    viewer.add_image(image, name="picture", contrast_limits=(0, 255))
    assert words.casefold() in found(qtbot, dock).casefold()
    press(qtbot, dock)
    qtbot.waitUntil(lambda: not dock.run_bar.running)
    assert words in dock.run_bar.status.text() and "'picture'" in dock.run_bar.status.text()
    assert names(viewer) == ["picture"]


def test_labels_are_refused_and_stacks_of_one_slice_and_holes_are_not(viewer, dock, qtbot):
    viewer.add_labels(np.ones((64, 64), int), name="cells")
    press(qtbot, dock)
    assert "'cells' is a Labels layer" in dock.run_bar.status.text()
    holes = noisy()[None].astype(np.float32)
    holes[0, 5, 6] = np.nan
    viewer.add_image(holes, name="holes", contrast_limits=(0, 900))
    found(qtbot, dock)
    run(qtbot, dock)
    result = viewer.layers["holes (denoised)"].data
    np.testing.assert_array_equal(np.isnan(result), np.isnan(holes))


def test_cancel_leaves_nothing(viewer, dock, qtbot, gate, wait_for_threads):
    viewer.add_image(np.stack([noisy(seed=seed) for seed in range(3)]), name="stack")
    found(qtbot, dock)
    press(qtbot, dock)
    qtbot.waitUntil(lambda: dock.run_bar.progress.value() > 0)
    press(qtbot, dock)
    assert not dock.run_bar.running
    gate.set()
    wait_for_threads()
    assert names(viewer) == ["stack"]
    assert dock.run_bar.status.text() == "Cancelled; nothing was added."


def test_other_pixels_have_another_noise(viewer, dock, qtbot):
    layer = viewer.add_image(noisy(30), name="cells")
    before = found(qtbot, dock)
    layer.data = 5 * noisy(200)
    qtbot.waitUntil(lambda: dock.noise.searching or dock.noise.line.text() != before)
    assert found(qtbot, dock) != before


def test_a_closed_dock_lets_go_of_the_viewer(viewer, qtbot):
    layers = viewer.layers.events
    before = [len(signal.callbacks) for signal in (layers.inserted, layers.removed)]
    widget = DenoiseWidget(viewer)
    qtbot.addWidget(widget)
    widget.tear_down()
    assert [len(signal.callbacks) for signal in (layers.inserted, layers.removed)] == before
