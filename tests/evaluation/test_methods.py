from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import center_of_mass

from napari_autolut.evaluation.benchmark import evaluate
from napari_autolut.evaluation.methods import (
    ImageResult,
    Method,
    compare,
    enlarged_by_lanczos,
    load_models,
    measure_all,
    methods,
)
from napari_autolut.evaluation.pairs import EvaluationError, Pair
from napari_autolut.evaluation.scores import Score
from napari_autolut.io import ImageFile, write_image
from napari_autolut.io.file_images import FileImage
from napari_autolut.storage import save_model
from tests.conftest import small_model
from tests.evaluation.images import scene

GOOD = Score(30, 0.9)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_lanczos_moves_nothing_and_keeps_type_and_brightness(dtype: str, scale: int) -> None:
    blob = np.exp(-((np.indices((20, 24)) - np.array([9, 13])[:, None, None]) ** 2).sum(0) / 8)
    image = (200 * blob).astype(dtype)
    larger = enlarged_by_lanczos(image, scale)
    assert larger.dtype == image.dtype and larger.shape == (20 * scale, 24 * scale)
    expected = (np.array(center_of_mass(image)) + 0.5) * scale - 0.5
    assert center_of_mass(larger) == pytest.approx(expected, abs=0.05)
    assert larger.mean() == pytest.approx(image.mean(), rel=0.01)


def test_lanczos_treats_colours_alike_and_does_not_overflow() -> None:
    checks = np.kron(np.indices((6, 6)).sum(0) % 2, np.ones((3, 3))).astype(np.uint8) * 255
    colour = np.stack([checks, 255 - checks, checks], axis=-1)
    larger = enlarged_by_lanczos(colour, 2)
    assert (larger[..., 0] == enlarged_by_lanczos(checks, 2)).all()
    assert (larger[..., 2] == larger[..., 0]).all()
    assert larger[9, 9, 0] in (0, 255)  # overshoot is clipped, not wrapped round


def test_figures_are_those_of_one_model_alone(tmp_path: Path) -> None:
    for name in ("a", "b"):
        image = scene((36, 40, 3), ord(name)).astype(np.uint8)
        write_image(tmp_path / f"{name}.png", ImageFile(image, "YXS"))
    first, second = small_model("first-x2", 2), small_model("second-x2", 1, 2)
    contenders = methods([("first", first), ("second", second)], "auto")
    assert [each.name for each in contenders] == ["bicubic", "Lanczos", "first", "second"]
    pairs = [Pair(name, FileImage(tmp_path / f"{name}.png", name, 0), None) for name in ("a", "b")]
    found = compare(contenders, [r for pair in pairs for r in measure_all(pair, contenders, 2)], 2)
    bicubic, lanczos, one, two = found.results
    for result, model in ((one, first), (two, second)):
        alone = evaluate(model, tmp_path)
        assert result.scores == tuple(row.model for row in alone.rows)
        assert result.mean == alone.mean.model
        assert bicubic.mean == alone.mean.baseline
        assert result.nbytes == model.nbytes
    assert found.images == ("a", "b") and lanczos.nbytes == 0
    assert all(each.milliseconds and each.milliseconds > 0 for each in found.results)


def test_times_are_ratios_that_a_slow_machine_does_not_change() -> None:
    plain, model = Method("plain", np.copy), Method("model", np.copy, 9)
    steady = ImageResult("a", 500_000, (GOOD, GOOD), ((1, 1, 1), (2, 2, 2)))
    drifting = ImageResult("a", 500_000, (GOOD, GOOD), ((1, 2, 4), (2, 4, 8)))
    slow, fast = compare([plain, model], [steady], 2).results, (2000.0, 4000.0)
    assert tuple(each.milliseconds for each in slow) == pytest.approx(fast)
    times = [each.milliseconds or 0 for each in compare([plain, model], [drifting], 2).results]
    assert times[1] / times[0] == pytest.approx(2)
    both = compare([plain, model], [steady, steady], 2).results
    assert both[1].milliseconds == pytest.approx(4000)
    kept = compare([plain, model], [steady], 1).results
    assert kept[0].milliseconds is None and kept[1].milliseconds


def test_models_that_do_not_go_together(tmp_path: Path, models_folder: Path) -> None:
    with pytest.raises(EvaluationError, match=r"small-x2 \(x2\), small-x4 \(x4\)"):
        load_models(["small-x2", "small-x4"])
    with pytest.raises(EvaluationError, match="small-x2 twice"):
        load_models(["small-x2", "small-x4", "small-x2"])
    (folder := tmp_path / "others").mkdir()
    copy = str(save_model(small_model("small-x2", 2), folder / "small-x2.safetensors"))
    assert [name for name, _ in load_models(["small-x2", copy])] == ["small-x2", copy]
    assert [name for name, _ in load_models([copy])] == ["small-x2"]
