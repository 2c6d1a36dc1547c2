"""Adding and removing models by hand: button, drag and drop, and what is asked before."""

import shutil

import pytest
from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QFileDialog, QMessageBox

from napari_autolut.storage import save_model
from napari_autolut.widgets.models.panel import ModelPanel
from tests.conftest import ship, small_model


@pytest.fixture
def panel(models_folder, monkeypatch, qtbot):
    shipped = models_folder / "shipped"
    shipped.mkdir()
    shutil.copy(models_folder / "small-x4.safetensors", shipped / "natural-x4.safetensors")
    ship(monkeypatch, shipped)
    widget = ModelPanel()
    qtbot.addWidget(widget)
    qtbot.addWidget(widget.models)
    widget.show()
    return widget


@pytest.fixture
def fresh(tmp_path):
    return save_model(small_model("fresh", 2), tmp_path / "fresh.safetensors")


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def drop(widget, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.setAccepted(False)
    widget.dropEvent(event)
    return event.isAccepted()


def test_a_chosen_file_is_copied_and_picked(panel, fresh, models_folder, qtbot, monkeypatch, notes):
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(fresh)], ""))
    press(qtbot, panel.add)
    assert panel.models.currentText() == "fresh (own)"
    assert (models_folder / "fresh.safetensors").read_bytes() == fresh.read_bytes()
    assert notes == ["fresh is one of your models now."]


@pytest.mark.parametrize("onto", ["panel", "picker"])
def test_a_dropped_file_is_copied_and_picked(panel, fresh, onto):
    assert drop(panel if onto == "panel" else panel.models, fresh)
    assert panel.models.currentText() == "fresh (own)"


def test_other_files_are_not_taken(panel, tmp_path):
    assert not drop(panel.models, tmp_path / "image.tif")


def test_a_bad_file_is_refused_and_named(panel, tmp_path, models_folder, notes):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    drop(panel.models, bad)
    assert len(notes) == 1
    assert "bad.safetensors" in notes[0]
    assert not (models_folder / "bad.safetensors").exists()


@pytest.mark.parametrize(
    ("name", "whose"), [("small-x2", "your own models"), ("natural-x4", "the shipped models")]
)
def test_a_name_that_is_taken_is_refused(panel, tmp_path, models_folder, notes, name, whose):
    before = {path: path.read_bytes() for path in models_folder.glob("*.safetensors")}
    drop(panel.models, save_model(small_model(name, 3), tmp_path / f"{name}.safetensors"))
    assert len(notes) == 1
    assert f"One of {whose} is called {name!r} already" in notes[0]
    assert {path: path.read_bytes() for path in models_folder.glob("*.safetensors")} == before


@pytest.mark.parametrize("answer", ["Yes", "Cancel"])
def test_one_s_own_model_is_removed_after_asking(panel, models_folder, qtbot, monkeypatch, answer):
    asked = []

    def question(_parent, _title, text, *_):
        asked.append(text)
        return QMessageBox.StandardButton[answer]

    monkeypatch.setattr(QMessageBox, "question", question)
    panel.models.pick_name("small-x2")
    press(qtbot, panel.remove)
    assert "small-x2" in asked[0]
    assert (models_folder / "small-x2.safetensors").exists() == (answer == "Cancel")
    assert (panel.models.currentText() == "small-x2 (own)") == (answer == "Cancel")


def test_shipped_models_cannot_be_removed(panel):
    panel.models.pick_name("natural-x4")
    assert panel.models.currentText() == "natural-x4"
    assert not panel.remove.isVisible()
    panel.models.pick_name("small-x1")
    assert panel.remove.isVisible()


def test_the_list_has_the_button_too(panel, fresh, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(fresh)], ""))
    panel.models.showPopup()
    press(qtbot, panel.models.popup.add)
    assert panel.models.currentText() == "fresh (own)"


def test_the_toggle_is_written_as_large_as_the_buttons(panel, qtbot):
    panel.setStyleSheet("QPushButton { font-size: 21pt }")
    qtbot.waitUntil(lambda: panel.about.font().pointSize() == 21)
