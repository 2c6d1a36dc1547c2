"""The script that fits error tables: which pixels it is calibrated on."""

import importlib
from pathlib import Path

import numpy as np
import pytest

TRAINING = Path(__file__).parents[2] / "training"


@pytest.fixture
def scripts(monkeypatch):
    """The modules of the scripts, which lie beside each other and in no package."""
    monkeypatch.syspath_prepend(str(TRAINING))
    return importlib.import_module("expected_error"), importlib.import_module("error_samples")


def pixels(scripts):
    """Pixels of 30 laboratories, a third of them with noise of their own that is in the truth."""
    _, samples = scripts
    rng, count = np.random.default_rng(0), 60_000
    photons = rng.choice([0.0, 50.0, 200.0], count)
    features = rng.normal(size=(count, 3))
    errors = features[:, 0] + rng.normal(size=count) + 2.0 * (photons == 0)
    sources = rng.integers(0, 30, count).astype(str)
    given = np.full(count, "8 bits")
    return samples.Sample(features, errors, np.full(count, 3.0), photons, given, sources)


def test_tables_for_noise_are_calibrated_on_noise_that_was_added(scripts):
    fit, _ = scripts
    found, coverage = pixels(scripts), 0.92
    _, expected = fit.measured_table(found, coverage, np.random.default_rng(1))
    inside = found.errors <= expected
    assert inside[found.known].mean() == pytest.approx(coverage, abs=0.01)
    assert inside[~found.known].mean() < 0.6
    smallest = expected <= np.quantile(expected[found.known], 0.1)
    assert inside[found.known & smallest].mean() == pytest.approx(coverage, abs=0.03)
