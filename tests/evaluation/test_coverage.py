"""Coverage and rank correlation of expected errors."""

import json

import numpy as np
import pytest
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
    assert figures.as_json() == {"coverage": 1, "smallest": 1, "largest": 1, "spearman": None}


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
    assert set(found) == {"coverage", "smallest", "largest", "spearman"}
