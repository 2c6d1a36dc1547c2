"""Coverage and rank correlation of expected errors."""

import json

import numpy as np
import pytest
from benchmarks.noise_scenes import cells
from PIL import Image

from napari_autolut import evaluate
from napari_autolut.evaluation.coverage import ErrorFigures, ErrorSample, error_figures
from tests.commandline import succeeds


def test_figures_of_known_errors():
    random = np.random.default_rng(0)
    scale = random.uniform(1, 100, 200_000)
    sample = ErrorSample(scale * 1.645, abs(random.normal(size=scale.size)) * scale)
    figures = error_figures([sample])
    for coverage in (figures.coverage, figures.smallest, figures.largest):
        assert coverage == pytest.approx(0.9, abs=0.01)
    assert figures.spearman > 0.5


def test_one_value_has_no_ranks():
    figures = error_figures([ErrorSample(np.ones(9), np.zeros(9))])
    assert figures.as_json() == {
        "coverage": 1,
        "smallest": 1,
        "largest": 1,
        "spearman": None,
        "noisy": 0,
    }


@pytest.fixture
def folder(tmp_path):
    from skimage import data

    (tmp_path / "hr").mkdir()
    Image.fromarray(data.camera()[100:228, 100:228]).save(tmp_path / "hr" / "camera.png")
    return tmp_path / "hr"


def test_evaluate_says_it(folder):
    figures = evaluate("natural-x2", folder).expected_error
    assert isinstance(figures, ErrorFigures)
    assert 0.75 < figures.coverage <= 1
    assert figures.spearman > 0.2


def test_the_shell_says_it(folder, tmp_path):
    out = tmp_path / "figures.json"
    said = succeeds("evaluate", "-m", "natural-x2", "--hr", folder, "--json", out)
    assert "expected error (90 %) of natural-x2:" in said
    found = json.loads(out.read_text(encoding="utf-8"))["expected_error"]["natural-x2"]
    assert set(found) == {"coverage", "smallest", "largest", "spearman", "noisy"}


def test_noise_that_the_truth_has_is_named(tmp_path):
    """Maps are of errors without it; a user who checks them on such images sees fewer within."""
    rng, scene = np.random.default_rng(0), 30 * cells(np.random.default_rng(1), 256) + 5
    for name, image in {"clean": 100 * scene, "noisy": 100 * rng.poisson(scene)}.items():
        (tmp_path / name).mkdir()
        Image.fromarray(image.astype(np.uint16)).save(tmp_path / name / "cells.png")
    model = "micro-x2-light"
    clean, noisy = (evaluate(model, tmp_path / each).expected_error for each in ("clean", "noisy"))
    assert (clean.noisy, noisy.noisy) == (0, 1)
    assert noisy.coverage < 0.85
    assert "of 100% of the images noise was taken away" in str(noisy)
    assert "noise" not in str(clean)
