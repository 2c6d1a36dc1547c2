"""AutoSample's softmax: PyTorch's values, and what it does with unusual logits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.storage.importers.softmax import softmax


@pytest.mark.parametrize("side", [1, 2, 3, 4, 5, 7, 15])
@pytest.mark.parametrize("spread", [1, 10, 60])
def test_is_torch_s_softmax(side, spread):
    """To one unit in the last place or two: on processors with other vectors torch differs."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(side)
    logits = (rng.normal(size=(64, side**2)) * spread).astype(np.float32)
    expected = torch.softmax(torch.from_numpy(logits), 1).numpy()
    np.testing.assert_allclose(softmax(logits), expected, rtol=4e-7, atol=1e-37)


def test_gives_known_bits():
    """Worked out with PyTorch 2.13 on a processor with AVX-512; exact shares end in other bits."""
    logits = np.linspace(-3, 4, 25, dtype=np.float32)[None]
    bits = softmax(logits).view(np.uint32)[0, [0, 7, 16, 24]]
    assert bits.tolist() == [0x39720FA2, 0x3AE91677, 0x3CC91AD5, 0x3E819D86]


@given(st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=1, max_size=40))
def test_weights_are_shares(logits):
    weights = softmax(np.array([logits], np.float32))[0]
    assert weights.dtype == np.float32
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(1, abs=1e-5)
    order = np.argsort(np.array(logits, np.float32), kind="stable")
    assert (np.diff(weights[order]) >= -1e-7).all()
