"""What the Upscale dock leaves to the user: range, axes, slices, where the result is stored."""

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_autolut import load_model, upscale
from napari_autolut.layers.estimates import Memory
from napari_autolut.storage.summaries import TIMES
from tests.imagelayers import picture
from tests.widgets.upscale_dock import choose, names, press, run

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


@pytest.mark.parametrize(
    ("label", "value_range"),
    [
        ("Automatic", None),
        ("Data type", "dtype"),
        ("Minimum to maximum", "data"),
        ("Contrast limits", (500, 30000)),
        ("Custom", (1000, 20000)),
    ],
)
def test_the_chosen_range_is_the_one_used(viewer, dock, qtbot, label, value_range):
    source = viewer.add_image(picture(9, 9, dtype=np.uint16), contrast_limits=(500, 30000))
    choose(dock.value_range.choice, label)
    if label == "Custom":
        assert (dock.value_range.low.value(), dock.value_range.high.value()) == (500, 30000)
        dock.value_range.low.setValue(1000)
        dock.value_range.high.setValue(20000)
    run(qtbot, dock)
    expected = upscale(source.data, "small-x1", value_range=value_range)
    np.testing.assert_array_equal(viewer.layers[-1].data, expected)


def test_the_result_is_described_before_it_is_computed(viewer, dock, speeds):
    assert not dock.summary.text()
    viewer.add_image(picture(10, 8, 3, dtype=np.uint8), rgb=True)
    choose(dock.models, "small-x4 (own)")
    times, gap = "\N{MULTIPLICATION SIGN}", "\N{NO-BREAK SPACE}"
    assert dock.summary.text() == f"Result: 40 {times} 32 RGB, uint8, 3.8{gap}kB"
    speeds.probed(dock.models.model, 0.01)
    dock.meter.measured.emit()
    assert dock.summary.text().endswith(f", about 2{gap}s")


def test_the_current_slice_alone_can_be_run(viewer, dock, qtbot):
    source = viewer.add_image(picture(4, 6, 5), name="stack", scale=(2, 1, 1))
    viewer.dims.set_current_step(0, 2)
    choose(dock.options.slices, "Current slice")
    choose(dock.models, "small-x2 (own)")
    run(qtbot, dock)
    result = viewer.layers["stack [2] x2 (small-x2)"]
    expected = upscale(source.data, load_model("small-x2"))[2:3]
    np.testing.assert_array_equal(result.data, expected)
    assert result.data_to_world((0, 0, 0))[0] == 4


def test_two_axes_can_be_chosen_for_a_stack(viewer, dock, qtbot):
    viewer.add_image(picture(6, 5), name="plain")
    assert not dock.options.axes.isVisibleTo(dock)
    viewer.add_image(picture(4, 6, 5), name="stack")
    assert dock.options.axes.isVisibleTo(dock)
    axes = [dock.options.axes.itemText(row) for row in range(dock.options.axes.count())]
    assert axes == ["y, x", "axis 0, x", "axis 0, y"]
    choose(dock.options.axes, "axis 0, x")
    choose(dock.models, "small-x2 (own)")
    run(qtbot, dock)
    assert viewer.layers["stack x2 (small-x2)"].data.shape == (8, 6, 10)


def test_the_fields_follow_other_pixels(viewer, dock, speeds):
    source = viewer.add_image(picture(4, 9, 8), name="source")
    choose(dock.models, "small-x2 (own)")
    dock.options.axes.setCurrentIndex(1)
    source.data = picture(9, 8, dtype=np.uint16)
    assert dock.options.spatial_axes is None
    assert f"18 {TIMES} 16 px, uint16" in dock.summary.text()


def test_a_result_that_does_not_fit_comfortably_is_lazy_and_the_dock_says_why(
    viewer, dock, qtbot, monkeypatch
):
    monkeypatch.setattr("napari_autolut.layers.plan.memory_for", lambda n: Memory(n, 100))
    source = viewer.add_image(picture(4, 6, 5), name="stack")
    assert "computed when shown" in dock.summary.text()
    assert "100" in dock.summary.text()
    run(qtbot, dock)
    result = viewer.layers[-1].data
    assert hasattr(result, "dask")
    np.testing.assert_array_equal(result.compute(), upscale(source.data, "small-x1"))


def test_a_result_that_cannot_be_held_is_refused_with_the_way_out(
    viewer, dock, qtbot, notes, monkeypatch
):
    monkeypatch.setattr("napari_autolut.layers.plan.memory_for", lambda n: Memory(n, 100))
    viewer.add_image(picture(4, 6, 5))
    choose(dock.options.output, "In memory")
    press(qtbot, dock)
    assert len(notes) == 1
    assert "choose the result 'Computed when shown'" in notes[0]
    assert len(viewer.layers) == 1


def test_a_result_can_be_lazy_because_the_user_says_so(viewer, dock, qtbot):
    viewer.add_image(picture(6, 5))
    choose(dock.options.output, "Computed when shown")
    run(qtbot, dock)
    assert hasattr(viewer.layers[-1].data, "dask")


def test_the_settings_of_a_result_can_be_used_again(viewer, dock, qtbot):
    source = viewer.add_image(picture(4, 6, 5, dtype=np.uint16), name="stack")
    viewer.dims.set_current_step(0, 3)
    choose(dock.models, "small-x2 (own)")
    choose(dock.value_range.choice, "Data type")
    choose(dock.options.slices, "Current slice")
    run(qtbot, dock)
    result = viewer.layers[-1]
    assert not dock.reuse.isVisibleTo(dock)
    choose(dock.models, "small-x4 (own)")
    choose(dock.value_range.choice, "Automatic")
    choose(dock.options.slices, "All slices")
    viewer.dims.set_current_step(0, 0)
    viewer.layers.selection.active = source
    assert not dock.reuse.isVisibleTo(dock)
    viewer.layers.selection.active = result
    assert dock.reuse.isVisibleTo(dock)
    assert "small-x2" in dock.reuse.text.text()
    qtbot.mouseClick(dock.reuse.button, Qt.MouseButton.LeftButton)
    assert not dock.reuse.isVisibleTo(dock)
    run(qtbot, dock)
    again = viewer.layers["stack [3] x2 (small-x2) [1]"]
    np.testing.assert_array_equal(again.data, result.data)
    made = [dict(layer.metadata["napari-autolut"]) for layer in (again, result)]
    assert made[0] == made[1]


def test_a_renamed_model_is_the_one_that_made_a_result(viewer, dock, qtbot, models_folder):
    (models_folder / "small-x2.safetensors").rename(models_folder / "mine.safetensors")
    dock.models.refresh()
    viewer.add_image(picture(6, 5), name="image")
    choose(dock.models, "mine (own)")
    run(qtbot, dock)
    assert names(viewer) == ["image", "image x2 (mine)"]
    assert not dock.reuse.isVisibleTo(dock)


def test_settings_of_a_model_that_is_gone_cannot_be_used(viewer, dock, qtbot, notes, models_folder):
    viewer.add_image(picture(6, 5), name="image")
    choose(dock.models, "small-x2 (own)")
    run(qtbot, dock)
    (models_folder / "small-x2.safetensors").unlink()
    dock.models.refresh()
    assert "small-x2 is gone" in dock.run_bar.status.text()
    viewer.layers.selection.active = viewer.layers[-1]
    dock.reuse.show()
    qtbot.mouseClick(dock.reuse.button, Qt.MouseButton.LeftButton)
    assert notes == ["No model 'small-x2' is in the list; add its file first."]


def test_a_result_can_go_to_disk_and_be_opened_from_there(viewer, dock, qtbot, tmp_path, notes):
    pytest.importorskip("zarr", reason="the extra zarr is not installed")
    source = viewer.add_image(picture(3, 6, 5, dtype=np.uint16), name="stack", scale=(2, 1, 1))
    choose(dock.models, "small-x2 (own)")
    assert not dock.options.folder.isVisibleTo(dock)
    choose(dock.options.output, "Save to disk")
    assert dock.options.folder.isVisibleTo(dock)
    press(qtbot, dock)
    assert "Choose a folder to save in" in notes[-1]
    dock.options.folder.folder = tmp_path / "no such folder"
    press(qtbot, dock)
    assert "make it first" in notes[-1]
    dock.options.folder.folder = tmp_path
    assert f"on disk, in {tmp_path}" in dock.summary.text()
    run(qtbot, dock)
    assert (tmp_path / "stack x2 (small-x2).ome.zarr" / "zarr.json").is_file()
    result = viewer.layers["stack x2 (small-x2)"]
    assert hasattr(result.data, "dask")
    np.testing.assert_array_equal(result.data.compute(), upscale(source.data, "small-x2"))
    assert "Added 'stack x2 (small-x2)'" in dock.run_bar.status.text()


def test_a_result_stopped_on_its_way_to_disk_is_said_to_wait_there(viewer, dock, qtbot, tmp_path):
    pytest.importorskip("zarr", reason="the extra zarr is not installed")
    viewer.add_image(picture(3, 6, 5), name="stack")
    choose(dock.options.output, "Save to disk")
    dock.options.folder.folder = tmp_path
    press(qtbot, dock)
    dock.run_bar.cancel()
    assert "hidden folder" in dock.run_bar.status.text()
    choose(dock.options.output, "Automatic")
    press(qtbot, dock)
    dock.run_bar.cancel()
    assert dock.run_bar.status.text() == "Cancelled; nothing was added."


def test_lazy_images_can_go_to_disk_but_not_into_memory(viewer, dock):
    import dask.array as da

    choose(dock.options.output, "In memory")
    viewer.add_image(da.from_array(picture(6, 5)), contrast_limits=(0, 255))
    assert dock.options.output.isVisibleTo(dock)
    assert dock.options.output.currentText() == "Automatic"
    row = dock.options.output.findText("In memory")
    assert not dock.options.output.model().item(row).isEnabled()
    viewer.add_image(picture(6, 5))
    assert dock.options.output.model().item(row).isEnabled()
