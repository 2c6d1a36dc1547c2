"""The Batch dock: folders in and out, and a table of what becomes of each file."""

from pathlib import Path

import numpy as np
from npe2 import PluginManifest

from napari_autolut import upscale
from napari_autolut.arrays.steps import STEPS_OF_ONE
from napari_autolut.batch import kept_results
from napari_autolut.io import read_image
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.batch.dock import BatchWidget
from tests.widgets.batch.folder_dock import cells, choose, press, run, states


def test_it_is_in_the_file_menu():
    manifest = PluginManifest.from_distribution("napari-autolut")
    (entry,) = manifest.contributions.menus["napari/file/io_utilities"]
    (command,) = [each for each in manifest.contributions.commands if each.id == entry.command]
    assert command.python_name == "napari_autolut.widgets.batch.dock:BatchWidget"


def test_the_menu_entry_opens_the_dock(make_napari_viewer, mock_app_model):
    viewer = make_napari_viewer()
    entries = mock_app_model.menus.get_menu("napari/file/io_utilities")
    commands = (getattr(entry, "command", None) for entry in entries)
    (command,) = [each.id for each in commands if each and "AutoLUT" in each.title]
    mock_app_model.commands.execute_command(command)
    (opened,) = viewer.window.dock_widgets.values()
    assert isinstance(opened, BatchWidget)


def test_results_of_a_whole_disk_have_a_folder_of_a_plain_name(dock, folder):
    """The root of a stick or a share has no name of its own."""
    root = Path(folder.anchor)
    dock.source.folder = root
    assert dock.target.folder == root / "upscaled"
    dock.source.line.clear()  # before it is looked for images


def test_files_wait_until_run_is_pressed_and_bad_ones_stop_nothing(dock, qtbot, folder):
    choose(qtbot, dock, folder)
    assert dock.target.folder == folder.parent / "in-upscaled"
    b = str((folder / "day 2" / "b.ome.tif").relative_to(folder))
    assert cells(dock) == [(name, "waiting", "") for name in ("a.png", "bad.png", b)]
    run(qtbot, dock)
    assert states(dock) == ["done", "failed", "done"]
    assert cells(dock)[0][2] == f"6 {TIMES} 5 px"
    assert cells(dock)[1][2].startswith("cannot be read")
    assert dock.found.text() == "3 files: 2 done, 1 failed"
    assert dock.run_bar.status.text().startswith("2 done, 1 failed in ")
    made = read_image(folder.parent / "in-upscaled" / "a.png").data
    np.testing.assert_array_equal(made, upscale(read_image(folder / "a.png").data, "small-x1"))
    dock.table.setCurrentIndex(dock.table.rows.index(1, 0))
    qtbot.waitUntil(lambda: "bad.png" in dock.note.text().replace("\u200b", ""))


def test_cancel_keeps_what_is_done_and_leaves_nothing_half_written(
    dock, qtbot, folder, tmp_path, hold, wait_for_threads
):
    (folder / "bad.png").unlink()
    out = tmp_path / "out"
    choose(qtbot, dock, folder, out)
    press(qtbot, dock)
    qtbot.waitUntil(lambda: states(dock) == ["done", "running"], timeout=20_000)
    qtbot.waitUntil(lambda: dock.run_bar.progress.maximum() == 2 * STEPS_OF_ONE, timeout=20_000)
    press(qtbot, dock)
    assert dock.run_bar.status.text() == "Cancelled; results that are finished stay."
    hold.set()
    wait_for_threads()
    qtbot.waitUntil(lambda: states(dock) == ["done", "waiting"], timeout=20_000)
    assert [path.name for path in out.rglob("*.[pt]*") if path.is_file()] == ["a.png"]
    run(qtbot, dock)
    assert states(dock) == ["skipped", "done"]


def test_closing_the_dock_stops_the_work(real_viewer, qtbot, folder, hold, wait_for_threads):
    _, dock = real_viewer.window.add_plugin_dock_widget("napari-autolut", "Upscale a folder")
    (folder / "bad.png").unlink()
    choose(qtbot, dock, folder)
    press(qtbot, dock)
    qtbot.waitUntil(lambda: states(dock) == ["done", "running"], timeout=20_000)
    real_viewer.window.remove_dock_widget(dock)
    hold.set()
    wait_for_threads()
    made = (folder.parent / "in-upscaled").rglob("*.[pt]*")
    assert [path.name for path in made if path.is_file()] == ["a.png"]


def test_what_is_wrong_with_the_folders_is_said_at_once(dock, qtbot, tmp_path, notes):
    press(qtbot, dock)
    assert notes == ["Choose a folder of images and a folder for the results first."]
    (tmp_path / "empty").mkdir()
    dock.source.folder = tmp_path / "empty"
    qtbot.waitUntil(lambda: "found no images" in dock.found.text(), timeout=20_000)
    notes.clear()
    run(qtbot, dock)
    assert len(notes) == 1
    assert "found no images" in notes[0]


def test_a_model_file_that_went_away_is_named(dock, qtbot, folder, models_folder, notes):
    choose(qtbot, dock, folder)
    dock.models.setCurrentIndex(dock.models.findText("small-x4 (own)"))
    for path in models_folder.glob("*.safetensors"):
        path.unlink()
    dock.models.refresh()
    press(qtbot, dock)  # waits for the choice of a model, if that is still being made
    qtbot.waitUntil(lambda: len(notes) == 1, timeout=20_000)
    assert "No model was found" in notes[0]


def test_a_run_can_be_paused_and_resumed(dock, qtbot, folder, tmp_path, monkeypatch):
    steps = []
    work = kept_results.upscale_file_steps

    def watched(*arguments, **options):
        inner = work(*arguments, **options)
        while True:
            try:
                steps.append(next(inner))
            except StopIteration as end:
                return end.value
            dock.run_bar._paused.set()  # as the button does, at once
            yield steps[-1]

    monkeypatch.setattr(kept_results, "upscale_file_steps", watched)
    choose(qtbot, dock, folder, tmp_path / "out")
    assert dock.run_bar.pause.isHidden()
    press(qtbot, dock)
    qtbot.waitUntil(lambda: len(steps) == 1)
    qtbot.wait(300)
    assert len(steps) == 1 and dock.run_bar.running
    assert not dock.run_bar.pause.isHidden()
    dock.run_bar.pause.setChecked(True)
    assert "Paused" in dock.run_bar.status.text()
    dock.run_bar.pause.setChecked(False)
    qtbot.waitUntil(lambda: len(steps) > 1)
    dock.run_bar.cancel()
