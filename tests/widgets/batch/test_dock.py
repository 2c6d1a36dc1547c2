"""The Batch dock: folders in and out, and a table of what becomes of each file."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from npe2 import PluginManifest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from napari_autolut import upscale
from napari_autolut.arrays.steps import STEPS_OF_ONE
from napari_autolut.batch import kept_results, log
from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.batch import log_button
from napari_autolut.widgets.batch.dock import BatchWidget
from tests.pictures import picture


@pytest.fixture
def folder(tmp_path):
    """Two good images, one of them in a sub-folder and with a pixel size, and a bad one."""
    top = tmp_path / "in"
    (top / "day 2").mkdir(parents=True)
    write_image(top / "a.png", ImageFile(picture((5, 6)), "YX"))
    (top / "bad.png").write_bytes(b"no PNG")
    stack = ImageFile(picture((2, 5, 4), "uint16"), "ZYX", {"Z": 2, "Y": 0.5, "X": 0.5}, "µm")
    write_image(top / "day 2" / "b.ome.tif", stack)
    return top


@pytest.fixture(autouse=True)
def opened(tmp_path, monkeypatch):
    """The log is in a folder of this test; what the system is asked to open."""
    asked = []
    monkeypatch.setattr(log, "user_log_path", lambda *_, **__: tmp_path / "log")
    monkeypatch.setattr(
        log_button.QDesktopServices, "openUrl", lambda url: asked.append(url.toLocalFile())
    )
    return asked


@pytest.fixture
def hold(monkeypatch):
    """Holds the work on the second file after its first tile until it is set."""
    gate, work, begun = Event(), kept_results.upscale_file_steps, []

    def held(image, *arguments, **options):
        begun.append(image)
        steps = work(image, *arguments, **options)
        yield next(steps)
        if len(begun) == 2:
            gate.wait(20)
        return (yield from steps)

    monkeypatch.setattr(kept_results, "upscale_file_steps", held)
    yield gate
    gate.set()


def cells(dock):
    files = dock.table.rows
    return [
        tuple(files.data(files.index(row, column)) for column in range(3))
        for row in range(files.rowCount())
    ]


def states(dock):
    return [state for _, state, _ in cells(dock)]


def choose(qtbot, dock, folder, out=None):
    """Choose folders, and wait for the table."""
    dock.source.folder = folder
    if out is not None:
        dock.target.folder = out
    qtbot.waitUntil(lambda: bool(cells(dock)), timeout=20_000)


def press(qtbot, dock):
    qtbot.mouseClick(dock.run_bar.button, Qt.MouseButton.LeftButton)


def run(qtbot, dock):
    qtbot.waitUntil(lambda: not dock.advice.busy)
    press(qtbot, dock)
    qtbot.waitUntil(lambda: not dock.run_bar.running, timeout=30_000)
    qtbot.waitUntil(lambda: not dock._refresh_timer.isActive(), timeout=20_000)


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


def test_any_factor(dock, qtbot, folder):
    dock.models.pick_name("small-x4")
    dock.scale.setValue(2.5)
    choose(qtbot, dock, folder)
    run(qtbot, dock)
    made = read_image(folder.parent / "in-upscaled" / "a.png").data
    expected = upscale(read_image(folder / "a.png").data, "small-x4", scale=2.5)
    np.testing.assert_array_equal(made, expected)


def test_model_range_and_sub_folders_are_those_of_the_form(dock, qtbot, folder, tmp_path):
    out = tmp_path / "out"
    dock.models.setCurrentIndex(dock.models.findText("small-x2 (own)"))
    dock.value_range.choice.setCurrentIndex(dock.value_range.choice.findText("Custom"))
    dock.value_range.low.setValue(50)
    dock.recursive.setChecked(False)
    choose(qtbot, dock, folder, out)
    qtbot.waitUntil(lambda: len(cells(dock)) == 2, timeout=20_000)
    run(qtbot, dock)
    assert states(dock) == ["done", "failed"]
    source = read_image(folder / "a.png").data
    expected = upscale(source, "small-x2", value_range=(50, 255))
    np.testing.assert_array_equal(read_image(out / "a.png").data, expected)
    assert dock.value_range.choice.findText("Contrast limits") == -1


def test_nothing_is_overwritten(dock, qtbot, folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").write_bytes(b"mine")
    choose(qtbot, dock, folder, out)
    assert states(dock) == ["skipped", "waiting", "waiting"]
    run(qtbot, dock)
    assert states(dock) == ["skipped", "failed", "done"]
    assert (out / "a.png").read_bytes() == b"mine"


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


def test_a_double_click_opens_the_result_with_its_pixel_size(viewer, dock, qtbot, folder, notes):
    choose(qtbot, dock, folder)
    dock.table.doubleClicked.emit(dock.table.rows.index(0, 0))
    assert notes == ["a.png has no result: it is waiting."]
    dock.models.setCurrentIndex(dock.models.findText("small-x2 (own)"))
    run(qtbot, dock)
    dock.table.doubleClicked.emit(dock.table.rows.index(1, 0))
    assert notes[-1].startswith("bad.png has no result: cannot be read as an image")
    dock.table.doubleClicked.emit(dock.table.rows.index(2, 1))
    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=20_000)
    assert viewer.layers[0].scale == pytest.approx([2, 0.25, 0.25])
    dock.table.setCurrentIndex(dock.table.rows.index(0, 0))
    qtbot.keyClick(dock.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=20_000)
    assert viewer.layers[1].data.shape == (10, 12)


def test_the_table_stays_as_it_is_between_the_clicks_of_a_double_click(dock, qtbot, folder):
    dock.resize(420, 700)
    dock.show()
    choose(qtbot, dock, folder)
    run(qtbot, dock)
    QApplication.processEvents()
    table, height = dock.table, dock.table.height()
    place = table.visualRect(table.rows.index(1, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QApplication.processEvents()
    assert table.height() == height
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.args == [table.record.files[1]]
    qtbot.waitUntil(lambda: "cannot be read as an image" in dock.note.text())
    qtbot.waitUntil(lambda: table.height() < height)


def test_a_result_that_went_away_is_named(viewer, dock, qtbot, folder, notes):
    choose(qtbot, dock, folder)
    run(qtbot, dock)
    (folder.parent / "in-upscaled" / "a.png").unlink()
    notes.clear()
    dock.table.doubleClicked.emit(dock.table.rows.index(0, 0))
    qtbot.waitUntil(lambda: bool(notes), timeout=20_000)
    assert "no such file" in notes[0]


def test_a_run_that_is_refused_changes_no_row(dock, qtbot, qtlog, tmp_path, notes):
    dock.show()
    dock.source.folder = dock.target.folder = tmp_path
    qtbot.mouseClick(dock.run_bar.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(notes) and not dock._refresh_timer.isActive())
    assert [each.message for each in qtlog.records] == []


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


def choose_model(dock, name):
    dock.models.setCurrentIndex(dock.models.findText(name))


def test_results_of_other_settings_stay_and_the_new_ones_have_names_of_their_own(
    dock, qtbot, folder, tmp_path
):
    out = tmp_path / "out"
    choose(qtbot, dock, folder, out)
    choose_model(dock, "small-x2 (own)")
    run(qtbot, dock)
    before = (out / "a.png").read_bytes()
    choose_model(dock, "small-x4 (own)")
    qtbot.waitUntil(lambda: "small-x2" in dock.found.text())
    assert states(dock) == ["waiting"] * 3
    run(qtbot, dock)
    assert (out / "a.png").read_bytes() == before
    assert read_image(out / "a-small-x4.png").data.shape == (20, 24)
    assert read_image(out / "day 2" / "b-small-x4.ome.tif").data.shape == (2, 20, 16)
    run(qtbot, dock)
    assert states(dock) == ["skipped", "failed", "skipped"]
    assert sorted(path.name for path in out.iterdir()) == ["a-small-x4.png", "a.png", "day 2"]
    lines = (tmp_path / "log" / "folders.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 10
    assert "small-x4" in lines[4] and ",done," in lines[4]
    dock.value_range.choose("data")
    qtbot.waitUntil(lambda: "have small-x4-data in their names" in dock.found.text())


def test_the_log_can_be_opened_once_there_is_one(dock, qtbot, folder, tmp_path, opened):
    assert not dock.log_button.isEnabled()
    choose(qtbot, dock, folder, tmp_path / "out")
    choose_model(dock, "small-x2 (own)")
    run(qtbot, dock)
    qtbot.waitUntil(dock.log_button.isEnabled)
    dock.log_button.click()
    assert [Path(path) for path in opened] == [tmp_path / "log" / "folders.csv"]


def test_overwrite_replaces_results(dock, qtbot, folder, tmp_path):
    out = tmp_path / "out"
    choose(qtbot, dock, folder, out)
    choose_model(dock, "small-x2 (own)")
    run(qtbot, dock)
    dock.overwrite.setChecked(True)
    choose_model(dock, "small-x4 (own)")
    run(qtbot, dock)
    assert states(dock) == ["done", "failed", "done"]
    assert read_image(out / "a.png").data.shape == (20, 24)


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


def test_one_range_for_all_files(dock, qtbot, tmp_path):
    series, out = tmp_path / "series", tmp_path / "out"
    series.mkdir()
    frames = [picture((16, 18), "uint16", n, top=1000 * (n + 1)) for n in range(3)]
    for number, frame in enumerate(frames):
        write_image(series / f"{number}.tif", ImageFile(frame, "YX"))
    dock.models.setCurrentIndex(dock.models.findText("small-x2 (own)"))
    dock.common.setChecked(True)
    choose(qtbot, dock, series, out)
    qtbot.waitUntil(lambda: "Range auto of all files: 0 to 29" in dock.found.text(), timeout=20_000)
    run(qtbot, dock)
    assert states(dock) == ["done"] * 3
    found = [read_image(path).history[-1] for path in sorted(out.iterdir())]
    assert len({step.value_range for step in found}) == 1
    assert all("auto of all files" in step.settings["value_range"] for step in found)
    alone = upscale(frames[0], "small-x2", value_range=found[0].value_range[0])
    assert (read_image(out / "0.tif").data == alone).all()


def test_a_range_that_is_the_same_anyway_needs_no_box(dock):
    for choice, offered in ((None, True), ("data", True), ("dtype", False), ((0, 9), False)):
        dock.value_range.choose(choice)
        assert dock.common.isEnabled() == offered
    dock.common.setChecked(True)
    assert not dock._wanted().common
