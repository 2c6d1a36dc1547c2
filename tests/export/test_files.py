"""What an export is called, holds and says; packages of the zoo by their own test."""

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from napari_autolut import export_model, load_model
from napari_autolut.export import ExportError, left_out
from napari_autolut.storage import model_digest
from napari_autolut.util.optional import MissingDependencyError

onnx = pytest.importorskip("onnx", reason="extra export")
yaml = pytest.importorskip("yaml", reason="extra export")

BIOIMAGEIO = os.environ.get("BIOIMAGEIO") or shutil.which("bioimageio")


def packed(path):
    """The files of a package."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def properties(path):
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def test_an_onnx_file_says_what_the_card_says(model, tmp_path):
    path = export_model(model, tmp_path / "small.onnx")
    said = properties(path)
    assert said["name"] == "small-x2" and said["scale"] == "2" and said["licence"] == "CC0-1.0"
    assert said["opset"] == "15" == str(onnx.load(path).opset_import[0].version)
    assert said["sha256"] == model_digest(model)
    assert "0 to 255" in said["values"]
    assert "left_out" not in said and "source" not in said


def test_models_are_given_by_name(tmp_path):
    path = export_model("natural-x2-light", str(tmp_path / "light.onnx"))
    assert properties(path)["training_data"] == load_model("natural-x2-light").card.training_data


def test_tables_for_noise_are_left_out_with_a_word(tmp_path):
    path = tmp_path / "micro.onnx"
    with pytest.warns(UserWarning, match="micro-x2 was exported without what it does to noisy"):
        export_model("micro-x2", path)
    assert properties(path)["left_out"] == left_out(load_model("micro-x2"))


def test_a_table_of_white_noise_says_of_which(model, tmp_path):
    denoiser = replace(model, card=replace(model.card, noise_sigma=12.5))
    path = export_model(denoiser, tmp_path / "denoiser.onnx")
    assert properties(path)["description"].endswith("standard deviation 12.5 (of 255).")


@pytest.mark.parametrize("name", ["small", "small.onxx", "small.ONNX.gz"])
def test_other_suffixes_are_refused(model, tmp_path, name):
    with pytest.raises(ExportError, match=r"expected \.onnx .* or \.zip"):
        export_model(model, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_files_are_only_replaced_when_asked(model, tmp_path):
    path = tmp_path / "small.onnx"
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="exists already"):
        export_model(model, path)
    assert path.read_bytes() == b"mine"
    export_model(model, path, overwrite=True)
    assert properties(path)["name"] == "small-x2"


@pytest.mark.parametrize("missing", ["onnx", "yaml"])
def test_what_is_missing_is_said_with_what_to_type(model, tmp_path, monkeypatch, missing):
    for name in [name for name in sys.modules if name.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingDependencyError, match=r'pip install "napari-autolut\[export\]"'):
        export_model(model, tmp_path / "small.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_package_holds_a_test_that_its_model_passes(model, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime", reason="extra bench")
    files = packed(export_model(model, tmp_path / "small.zip"))
    session = onnxruntime.InferenceSession(files["model.onnx"], providers=["CPUExecutionProvider"])
    image, expected = (np.load(io.BytesIO(files[f"test_{n}.npy"])) for n in ("input", "output"))
    assert image.shape == (1, 1, 112, 128) and expected.shape == (1, 1, 224, 256)
    assert np.ptp(image) > 150
    np.testing.assert_allclose(session.run(None, {"image": image})[0], expected, rtol=0, atol=1e-3)


def test_a_package_describes_its_files(model, tmp_path):
    path = export_model(model, tmp_path / "small.zip", authors=["Ada Lovelace", "Max"])
    files = packed(path)
    described = yaml.safe_load(files["rdf.yaml"])
    assert described["authors"] == [{"name": "Ada Lovelace"}, {"name": "Max"}]
    assert described["license"] == "CC0-1.0"
    (image,), (result,) = described["inputs"], described["outputs"]
    named = [described["documentation"], *described["covers"], described["weights"]["onnx"]]
    for each in (*named, image["test_tensor"], result["test_tensor"]):
        assert each["sha256"] == sha256(files[each["source"]]).hexdigest()
    assert [axis.get("size") for axis in image["axes"][2:]] == [{"min": 16, "step": 1}] * 2
    assert [axis["scale"] for axis in (image["axes"][2], result["axes"][2])] == [2, 1]
    assert [axis["halo"] for axis in result["axes"][2:]] == [2 * model.halo] * 2
    assert Image.open(io.BytesIO(files["cover.png"])).size == (512, 256)


@pytest.mark.parametrize(
    ("card", "found"),
    [
        ({"licence": "unknown"}, {"license": None}),
        ({"licence": "MIT OR Apache-2.0"}, {"license": None}),
        ({"licence": "mit"}, {"license": "MIT"}),
        ({"name": "my<cells>"}, {"name": "my-cells-"}),
        ({"name": "é"}, {"name": "model -"}),
        ({"name": "a" * 200}, {"name": "a" * 128}),
        ({"description": "a" * 600}, {"description": "a" * 509 + "..."}),
        ({"date": "2026-02-03"}, {"timestamp": "2026-02-03T00:00:00+00:00"}),
    ],
)
def test_cards_are_put_into_the_zoo_s_words(model, tmp_path, card, found):
    other = replace(model, card=replace(model.card, **card))
    files = packed(export_model(other, tmp_path / "small.zip"))
    described = yaml.safe_load(files["rdf.yaml"])
    assert {name: described[name] for name in found} == found
    assert described["authors"] == [{"name": "unknown"}]


@pytest.mark.parametrize("field", ["name", "description", "training_data", "licence", "recipe"])
def test_a_card_is_text_and_no_markup(tmp_path, model, field):
    """The zoo draws the page of a package, and a model may be a stranger's."""
    evil = "<img src=x> ![x](http://x) `c` &lt; *b*\n# head\x1b[31m\u202e"
    other = replace(
        model, card=replace(model.card, **{field: evil, "benchmark": {evil: {evil: 1}}})
    )
    page = packed(export_model(other, tmp_path / "small.zip"))["README.md"].decode()
    assert page.count(r"\<img src=x\> !\[x\](http://x) \`c\` \&lt; \*b\* \# head") >= 3
    assert re.findall(r"(?<!\\)[<`&\[]", page) == []
    assert {each for each in page if not each.isprintable()} == {"\n"}
    headings = [line for line in page.splitlines() if line.startswith("#")]
    assert len(headings) == 4


def test_one_author_is_no_sequence_of_letters(tmp_path, model):
    files = packed(export_model(model, tmp_path / "small.zip", authors="Ada Lovelace"))
    described = yaml.safe_load(files["rdf.yaml"])
    assert described["authors"] == [{"name": "Ada Lovelace"}]


@pytest.mark.slow
@pytest.mark.skipif(not BIOIMAGEIO, reason="no command bioimageio; make zoo installs it apart")
@pytest.mark.parametrize("name", ["natural-x4-light", "micro-x2", "denoise-3", "spf-light-x4"])
@pytest.mark.filterwarnings("ignore:.* was exported without:UserWarning")
def test_packages_pass_the_zoo_s_own_test(name, tmp_path):
    path = export_model(name, tmp_path / f"{name}.zip")
    tested = subprocess.run([BIOIMAGEIO, "test", path], capture_output=True, text=True)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "all elements agree with expected" in tested.stdout


@pytest.mark.parametrize("authors", [5, None, [3], [""], "  ", {"Ada": 1}])
def test_authors_are_names(tmp_path, model, authors):
    """A package without one is refused by the zoo, days later."""
    with pytest.raises((TypeError, ValueError), match=r"^authors: .*, expected a name or several"):
        export_model(model, tmp_path / "a.zip", authors=authors)
    assert not list(tmp_path.iterdir())
