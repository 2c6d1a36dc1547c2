"""``napari-autolut evaluate``: a model, or several, on a folder of images."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from napari_autolut.io import ImageFile, write_image
from napari_autolut.storage import save_model
from tests.commandline import fails, run, succeeds
from tests.conftest import small_model
from tests.evaluation.images import scene
from tests.pictures import picture as noise


@pytest.fixture
def hr(tmp_path: Path) -> Path:
    folder = tmp_path / "Set2" / "HR"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        image = scene((34, 33, 3), ord(name)).astype(np.uint8)
        write_image(folder / f"{name}.png", ImageFile(image, "YXS"))
    return folder


def test_several_models_are_one_table(tmp_path: Path, models_folder: Path, hr: Path) -> None:
    other = save_model(small_model("other", 1, 2), tmp_path / "other.safetensors")
    both = ("-m", "small-x2", "--model", other, "--hr", hr)
    report, drawing = tmp_path / "report.json", tmp_path / "drawing.svg"
    lines = succeeds("evaluate", *both, "--json", report, "--plot", drawing).splitlines()
    assert lines[0].split() == ["method", "PSNR", "dB", "gain", "SSIM", "bytes", "ms/MP"]
    assert [line.split()[0] for line in lines[1:]] == ["bicubic", "Lanczos", "small-x2", "other"]
    figures = json.loads(report.read_text())
    assert (figures["scale"], figures["baseline"]) == (2, "bicubic") and "model" not in figures
    for line, method in zip(lines[1:], figures["methods"], strict=True):
        cells = line.split()
        assert cells[0] == method["method"] and cells[1] == f"{method['psnr_y']:.2f}"
        assert cells[4] == (str(method["bytes"]) if method["bytes"] else "-")
        assert cells[5] == f"{method['milliseconds_per_megapixel']:.1f}"
        assert [image["image"] for image in method["images"]] == ["a", "b"]
        mean = np.mean([image["psnr_y"] for image in method["images"]])
        assert method["psnr_y"] == pytest.approx(mean)
    assert "x2 on 2 images of Set2" in drawing.read_text()


def test_one_model_has_what_it_always_had_and_the_others_beside_it(
    tmp_path: Path, models_folder: Path, hr: Path
) -> None:
    report, drawing = tmp_path / "report.json", tmp_path / "drawing.PNG"
    one = ("evaluate", "-m", "small-x2", "--hr", hr)
    lines = succeeds(*one, "--json", report, "--plot", drawing).splitlines()
    assert [line.split()[0] for line in lines] == ["image", "a", "b", "mean"]
    figures = json.loads(report.read_text())
    assert list(figures)[1:6] == ["model", "scale", "baseline", "images", "mean"]
    of_model = figures["methods"][-1]
    assert [m["method"] for m in figures["methods"]] == ["bicubic", "Lanczos", "small-x2"]
    assert figures["mean"]["psnr_y"] == of_model["psnr_y"]
    assert figures["mean"]["baseline_ssim_y"] == figures["methods"][0]["ssim_y"]
    assert drawing.read_bytes().startswith(b"\x89PNG")


def test_bad_input_is_one_line_before_any_work(
    tmp_path: Path, models_folder: Path, hr: Path
) -> None:
    def said(*args: object) -> str:
        return fails("evaluate", "--hr", hr, *args)

    assert "different scales" in said("-m", "small-x2", "-m", "small-x4")
    assert "twice" in said("-m", "small-x2", "-m", "small-x2")
    assert "no model named 'none'" in said("-m", "small-x2", "-m", "none")
    assert ".png or .svg" in said("-m", "small-x2", "--plot", tmp_path / "drawing.pdf")
    before = (hr / "a.png").read_bytes()
    assert "expected .json" in said("-m", "small-x2", "--json", hr / "a.png", "--overwrite")
    assert (hr / "a.png").read_bytes() == before
    (tmp_path / "there.svg").write_text("kept")
    assert "exists" in said("-m", "small-x2", "--plot", tmp_path / "there.svg")
    assert (tmp_path / "there.svg").read_text() == "kept"
    succeeds("evaluate", "--hr", hr, "-m", "small-x2", "--plot", tmp_path / "there.svg",
             "--overwrite")  # fmt: skip
    assert (tmp_path / "there.svg").read_text().startswith("<svg")


def test_scale_1_is_compared_with_its_input_alone(
    tmp_path: Path, models_folder: Path, hr: Path
) -> None:
    other = save_model(small_model("other", 1), tmp_path / "other.safetensors")
    args = ("evaluate", "-m", "small-x1", "-m", other, "--hr", hr)
    lines = succeeds(*args, "--lr", hr, "--plot", tmp_path / "d.svg").splitlines()
    assert lines[1].split() == ["input", "inf", "-", "1.0000", "-", "-"]
    assert [line.split()[0] for line in lines[2:]] == ["small-x1", "other"]
    assert "keeps the size" in fails(*args)


def test_evaluate_prints_a_table_and_writes_json(tmp_path: Path, model_file: Path) -> None:
    hr, report = tmp_path / "hr", tmp_path / "report.json"
    hr.mkdir()
    for name in ("a", "b"):
        write_image(hr / f"{name}.png", ImageFile(noise((32, 34, 3)), "YXS"))
    lines = succeeds("evaluate", "-m", model_file, "--hr", hr, "--json", report).splitlines()
    assert [line.split()[0] for line in lines] == ["image", "a", "b", "mean"]
    figures = json.loads(report.read_text())
    assert figures["model"] == "small-x2" and len(figures["images"]) == 2
    assert f"{figures['mean']['psnr_y']:.2f}" in lines[-1].split()

    assert "exists" in fails("evaluate", "-m", model_file, "--hr", hr, "--json", report)
    again = ("evaluate", "-m", model_file, "--hr", hr, "--lr", hr, "--json", report, "--overwrite")
    assert "expected 16 x 17" in fails(*again)
    assert json.loads(report.read_text()) == figures
    assert "no images" in fails("evaluate", "-m", model_file, "--hr", tmp_path)


def test_images_that_cannot_be_measured_end_nothing(
    tmp_path: Path, models_folder: Path, hr: Path
) -> None:
    report, one = tmp_path / "report.json", ("evaluate", "-m", "small-x2", "--hr", hr)
    alone = succeeds(*one).splitlines()
    (hr / "0 broken.png").write_bytes(b"\x89PNG")
    write_image(hr / "tiny.png", ImageFile(noise((9, 9)), "YX"))
    result = run(*one, "--json", report)
    assert (result.exit_code, result.stderr) == (1, "")
    *lines, broken, tiny = result.stdout.splitlines()
    assert lines == alone
    assert broken.startswith("0 broken: ") and f"{hr / '0 broken.png'}: " in broken
    assert tiny.startswith("tiny: ") and "found 9 x 9 pixels, expected at least 15" in tiny
    figures = json.loads(report.read_text())
    assert [each["image"] for each in figures["left_out"]] == ["0 broken", "tiny"]
    assert [each["image"] for each in figures["images"]] == ["a", "b"]

    lr = tmp_path / "LR"
    lr.mkdir()
    write_image(lr / "b.png", ImageFile(noise((17, 16, 3)), "YXS"))
    result = run(*one, "--lr", lr)
    assert result.exit_code == 1 and "found none for a.png" in result.stdout
    assert "tiny" in result.stdout and result.stdout.splitlines()[1].startswith("b ")
