"""A folder is typed, chosen or dropped."""

from pathlib import Path

import pytest
from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QFileDialog

from napari_autolut.widgets.shared.folder_field import FolderField


@pytest.fixture
def field(qtbot):
    field = FolderField("Folder of images", "Drop it here")
    qtbot.addWidget(field)
    return field


def test_what_is_typed_is_the_folder(field, qtbot):
    assert field.folder is None
    with qtbot.waitSignal(field.folder_changed):
        qtbot.keyClicks(field.line, " ~ ")
    assert field.folder == Path.home()
    field.line.clear()
    assert field.folder is None


def test_the_button_opens_the_systems_dialog(field, qtbot, monkeypatch, tmp_path):
    asked = []
    answers = iter([str(tmp_path), ""])
    monkeypatch.setattr(
        QFileDialog, "getExistingDirectory", lambda *given: asked.append(given[1:]) or next(answers)
    )
    for _ in range(2):  # the second time it is cancelled
        qtbot.mouseClick(field.browse, Qt.MouseButton.LeftButton)
        assert field.folder == tmp_path
    assert asked == [("Folder of images", str(Path.home())), ("Folder of images", str(tmp_path))]


def test_the_dialog_opens_for_users_without_a_home(field, qtbot, monkeypatch):
    def missing():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", missing)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    with qtbot.captureExceptions() as problems:
        qtbot.mouseClick(field.browse, Qt.MouseButton.LeftButton)
    assert problems == []


@pytest.mark.parametrize("dropped", ["", "a.png"])
def test_a_drop_replaces_what_was_there(field, tmp_path, dropped):
    (tmp_path / "a.png").touch()
    field.folder = Path("elsewhere")
    paths = QMimeData()
    paths.setUrls([QUrl.fromLocalFile(str(tmp_path / dropped))])
    field.dropEvent(
        QDropEvent(
            QPointF(QPoint(3, 3)), Qt.DropAction.CopyAction, paths,
            Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        )
    )  # fmt: skip
    assert field.folder == tmp_path
