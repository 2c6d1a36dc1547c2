"""Images on which no method can be told from another: a sentence each, and means without them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from napari_autolut import evaluate, save_model
from napari_autolut.evaluation.pairs import EvaluationError
from tests.commandline import succeeds
from tests.conftest import small_model
from tests.evaluation.images import save, scene

QUICK = small_model("quick-x2", 2)


def with_hole(value: float) -> np.ndarray:
    image = scene((32, 32), 3).astype(np.float32)
    image[20, 20] = value
    return image


BLANK = {
    "black": np.zeros((32, 32), np.uint8),
    "grey": np.full((32, 32), 77, np.uint8),
    "white": np.full((32, 32, 3), 255, np.uint8),
    "flat-16": np.full((32, 32), 999, np.uint16),
    "flat-float": np.full((32, 32), 0.5, np.float32),
    "nan": with_hole(math.nan),
    "inf": with_hole(-math.inf),
}


@pytest.mark.parametrize("name", BLANK)
def test_one_blank_image_changes_no_mean(tmp_path: Path, name: str) -> None:
    image = BLANK[name]
    for folder in ("good", "both"):
        for number in range(2):
            truth = scene((32, 32), number).astype(image.dtype)
            save(tmp_path / folder, f"{number}.tif", truth)
    save(tmp_path / "both", f"{name}.tif", image)
    alone, found = (evaluate(QUICK, tmp_path / folder) for folder in ("good", "both"))
    assert found.mean == alone.mean and math.isfinite(found.mean.baseline.psnr)
    (left_out,) = found.left_out
    assert left_out.image == name and not alone.left_out
    path = save_model(QUICK, tmp_path / "m.safetensors")
    *_, last = succeeds("evaluate", "-m", path, "--hr", tmp_path / "both").splitlines()
    assert last == f"{left_out}" and last.startswith(f"{name}: found ")


def test_blank_images_alone_are_refused(tmp_path: Path) -> None:
    save(tmp_path, "black.png", BLANK["black"])
    with pytest.raises(EvaluationError, match="black: found the value 0 only"):
        evaluate(QUICK, tmp_path)


def test_a_hole_in_the_lr_image(tmp_path: Path) -> None:
    for number in range(2):
        save(tmp_path / "hr", f"{number}.tif", scene((32, 32), number).astype(np.float32))
        save(tmp_path / "lr", f"{number}.tif", scene((16, 16), number).astype(np.float32))
    hole = scene((16, 16)).astype(np.float32)
    hole[5, 5] = math.nan
    (tmp_path / "lr" / "1.tif").unlink()
    save(tmp_path / "lr", "1.tif", hole)
    found = evaluate(QUICK, tmp_path / "hr", tmp_path / "lr")
    assert [row.image for row in found.rows] == ["0"]
    assert "NaN or infinite pixels" in str(found.left_out[0])


def test_an_image_that_a_method_gets_exactly_counts_for_none(tmp_path: Path) -> None:
    images = [scene((32, 32), number).astype(np.uint8) for number in range(2)]
    for number, image in enumerate(images):
        save(tmp_path / "hr", f"{number}.png", image)
        save(tmp_path / "lr", f"{number}.png", image if number else 255 - image)
    models = [save_model(small_model(f"{n}-x1", 1), tmp_path / f"{n}.safetensors") for n in "ab"]
    report = tmp_path / "report.json"
    options = ("--hr", tmp_path / "hr", "--lr", tmp_path / "lr", "--json", report)
    lines = succeeds("evaluate", "-m", models[0], "-m", models[1], *options).splitlines()
    assert not any("inf " in line for line in lines)
    assert lines[-1].startswith("1: at least one method gets it exactly")
    figures = json.loads(report.read_text("utf-8"))
    assert [each["image"] for each in figures["left_out"]] == ["1"]
    for method in figures["methods"]:
        assert method["psnr_y"] == method["images"][0]["psnr_y"]
    assert figures["methods"][0]["images"][1]["psnr_y"] is None


def test_where_all_are_equal_the_mean_says_so(tmp_path: Path) -> None:
    for number in range(2):
        for folder in ("hr", "lr"):
            save(tmp_path / folder, f"{number}.png", scene((32, 32), number).astype(np.uint8))
    found = evaluate(small_model("a-x1", 1), tmp_path / "hr", tmp_path / "lr")
    assert found.mean.baseline.psnr == math.inf and not found.left_out
