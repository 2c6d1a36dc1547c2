"""The rules that make a branch valid, and the papers' patterns."""

import numpy as np
import pytest

from napari_autolut.model import PATTERNS, Branch, Signal, one_hot_windows
from tests.model.parts import branch, refused, table, windows


@pytest.mark.parametrize("shape", [(3, 2, 2), (4, 2, 3), (4, 16, 16), (4, 0, 0), (4, 4), (2, 2)])
def test_windows_shape(shape):
    refused("windows shape", lambda: Branch(table(), np.ones(shape, np.float32)), "(4, K, K)")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda w: w * np.nan, "NaN"),
        (lambda w: w * 0.99, "sums of 1"),
        (lambda w: w + np.array([[0.5, -0.5], [0, 0]]), "weights >= 0"),
    ],
)
def test_windows_are_weights(change, part):
    refused("windows", lambda: Branch(table(), change(windows())), part)


def test_residual_and_previous_go_together():
    keep = np.zeros(4, np.float32)
    refused("residual", lambda: branch(previous=Signal(0)), "both or neither")
    refused("residual", lambda: branch(residual=keep), "both or neither")
    refused(
        "residual shape",
        lambda: branch(previous=Signal(0), residual=np.zeros(3, np.float32)),
        "(4,)",
    )
    for value in (-0.1, 1.1, np.nan):
        refused(
            "residual",
            lambda value=value: branch(previous=Signal(0), residual=keep + np.float32(value)),
            "[0, 1]",
        )


@pytest.mark.parametrize("pattern", PATTERNS)
def test_patterns_as_windows(pattern):
    made = one_hot_windows(pattern)
    taps = [tuple(tap) for tap in np.argwhere(made)[:, 1:]]
    assert taps == list(PATTERNS[pattern])
