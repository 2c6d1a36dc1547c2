"""What the rows of the folder dock open, and the log below them."""

import errno
import os
from pathlib import Path

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication

from tests.widgets.batch.folder_dock import choose, choose_model, run


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


def test_a_dock_opens_where_the_log_may_not_be_looked_at(dock, tmp_path, monkeypatch):
    """In another user's home, or on a share that went; Python before 3.14 says so of a file."""
    stat = os.stat

    def refused(path, *args, **options):
        if str(path).startswith(str(tmp_path / "log")):
            raise PermissionError(errno.EACCES, "denied", str(path))
        return stat(path, *args, **options)

    monkeypatch.setattr(os, "stat", refused)
    dock.log_button.refresh()
    assert not dock.log_button.isEnabled()


def test_the_log_can_be_opened_once_there_is_one(dock, qtbot, folder, tmp_path, opened):
    assert not dock.log_button.isEnabled()
    choose(qtbot, dock, folder, tmp_path / "out")
    choose_model(dock, "small-x2 (own)")
    run(qtbot, dock)
    qtbot.waitUntil(dock.log_button.isEnabled)
    dock.log_button.click()
    assert [Path(path) for path in opened] == [tmp_path / "log" / "folders.csv"]
