"""Exporting a model from the dock: what is asked, written and said."""

import sys

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

from napari_autolut.widgets.models.export_button import KINDS, ExportButton
from napari_autolut.widgets.models.picker import ModelPicker

onnx = pytest.importorskip("onnx", reason="extra export")
KIND = tuple(KINDS)


@pytest.fixture
def button(models_folder, monkeypatch, qtbot):
    models = ModelPicker()
    qtbot.addWidget(models)
    models.pick_name("small-x2")
    widget = ExportButton(models)
    qtbot.addWidget(widget)
    widget.show()
    return widget


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [
        ("mine.onnx", KIND[0], "mine.onnx"),
        ("mine.zip", KIND[0], "mine.zip"),
        ("mine", KIND[1], "mine.zip"),
        ("v1.2", KIND[0], "v1.2.onnx"),
    ],
)
def test_a_file_is_written(button, qtbot, monkeypatch, tmp_path, notes, typed, kind, written):
    answer = (str(tmp_path / typed), kind)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isEnabled()
    qtbot.waitUntil(lambda: len(notes) == 1)
    assert notes == [f"{tmp_path / written} is written."]
    assert (tmp_path / written).stat().st_size > 1000
    assert button.isEnabled()


def test_a_folder_that_is_not_there_is_said(button, qtbot, monkeypatch, tmp_path, notes):
    answer = (str(tmp_path / "none" / "mine.onnx"), KIND[0])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: answer)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(notes) == 1)
    assert "none" in notes[0]
    assert button.isEnabled()


def test_what_is_missing_is_said_before_a_file_is_asked_for(button, qtbot, monkeypatch, notes):
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: pytest.fail("asked"))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (said,) = notes
    assert said.endswith('pip install "napari-autolut[export]"')


def test_a_model_that_cannot_be_used_cannot_be_exported(button, models_folder):
    (models_folder / "small-x2.safetensors").write_bytes(b"nothing")
    button._models.refresh()
    assert not button.isEnabled()
