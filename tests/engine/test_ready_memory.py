"""Memory made ready for kernels: large pieces are touched, tables begin with a cache line."""

import numpy as np
import pytest

from napari_autolut.engine import memory
from napari_autolut.engine.memory import CACHE_LINE, aligned, fresh


@pytest.mark.parametrize("dtype", ["int8", "float32", "uint32"])
@pytest.mark.parametrize("shape", [(7,), (5, 16), (0,)])
def test_a_copy_begins_with_a_cache_line(dtype, shape):
    values = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    made = aligned(values)
    assert made.ctypes.data % CACHE_LINE == 0 or not made.size
    assert made.dtype == values.dtype and made.flags.c_contiguous and made.flags.writeable
    np.testing.assert_array_equal(made, values)
    assert not np.shares_memory(made, values)


@pytest.mark.parametrize("large", [1, 2**22])
def test_a_fresh_array_is_touched_on_every_page_where_it_is_large(monkeypatch, large):
    filled = np.full(3 * 5000, 7, np.float32)
    monkeypatch.setattr(memory, "LARGE", large)
    monkeypatch.setattr(memory.np, "empty", lambda shape, dtype: filled.reshape(shape))
    made = fresh((3, 5000))
    assert made.shape == (3, 5000) and made.dtype == np.float32
    touched = np.flatnonzero(made.reshape(-1) == 0)
    assert touched.tolist() == (list(range(0, 15000, 1024)) if large == 1 else [])
