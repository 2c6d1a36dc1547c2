"""``napari-autolut export``."""

import zipfile

import pytest

from tests.commandline import fails, run, succeeds

onnx = pytest.importorskip("onnx", reason="extra export")


def test_a_model_is_written(models_folder, tmp_path):
    out = tmp_path / "out.onnx"
    assert succeeds("export", "small-x2", out) == f"{out}: small-x2, x2, ONNX opset 15\n"
    assert onnx.load(out).graph.name == "small-x2"


def test_a_package_names_its_authors(models_folder, tmp_path):
    out = tmp_path / "out.zip"
    succeeds("export", "small-x2", out, "--author", "Ada", "--author", "Max")
    with zipfile.ZipFile(out) as archive:
        described = archive.read("rdf.yaml").decode()
    assert "- name: Ada\n- name: Max\n" in described


@pytest.mark.filterwarnings("default::UserWarning")
def test_what_is_lost_is_said_on_stderr(tmp_path):
    result = run("export", "micro-x2", tmp_path / "micro.onnx")
    assert result.exit_code == 0
    assert "warning: micro-x2 was exported without what it does to noisy images" in result.stderr


@pytest.mark.parametrize(
    ("model", "out", "said"),
    [
        ("no-such", "out.onnx", "no model named 'no-such'"),
        ("small-x2", "out.pt", "found .pt, expected .onnx"),
        ("small-x2", "missing/out.onnx", "make it first"),
    ],
)
def test_errors_are_one_line(models_folder, tmp_path, model, out, said):
    assert said in fails("export", model, tmp_path / out)
    assert not (tmp_path / out).exists()


def test_an_author_without_a_name_is_one_line(models_folder, tmp_path):
    line = fails("export", "small-x2", tmp_path / "out.zip", "--author", " ")
    assert "authors: found [' '], expected a name or several" in line
