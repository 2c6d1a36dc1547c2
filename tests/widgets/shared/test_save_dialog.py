"""The name that a dialog for files gives."""

import pytest
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_autolut.widgets.shared.save_dialog import ask_where

KINDS = {"ONNX model (*.onnx)": ".onnx", "Package (*.zip)": ".zip"}
ONNX, PACKAGE = KINDS


@pytest.fixture
def ask(monkeypatch, qtbot):
    """Gives what comes of answers, and the names that the dialog proposed."""

    def asked(*answers):
        proposed, left = [], list(answers)

        def answer(_parent, _title, name, _kinds):
            proposed.append(name)
            return left.pop(0)

        monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
        parent = QWidget()
        qtbot.addWidget(parent)
        return ask_where(parent, "Export", "new.onnx", KINDS), proposed

    return asked


def test_a_name_without_suffix_gets_that_of_its_kind(ask, tmp_path):
    cases = [("mine.ONNX", PACKAGE, "mine.ONNX"), ("v1.2", PACKAGE, "v1.2.zip"),
             ("mine", "", "mine.onnx")]  # fmt: skip
    for typed, kind, expected in cases:
        assert ask((str(tmp_path / typed), kind)) == (tmp_path / expected, ["new.onnx"])
    assert ask(("", "")) == (None, ["new.onnx"])


def test_nothing_is_replaced_that_was_not_asked_about(ask, tmp_path):
    whole = str(tmp_path / "mine.onnx")
    (tmp_path / "mine.onnx").write_text("precious")
    typed = str(tmp_path / "mine"), ONNX
    assert ask(typed, ("", "")) == (None, ["new.onnx", whole])
    assert ask(typed, (whole, ONNX)) == (tmp_path / "mine.onnx", ["new.onnx", whole])
