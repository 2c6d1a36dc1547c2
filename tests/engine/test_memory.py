"""Memory for kernels begins with a cache line."""

import numpy as np
import pytest

from napari_autolut.engine.memory import CACHE_LINE, aligned


@pytest.mark.parametrize("dtype", ["int8", "float32", "uint32"])
@pytest.mark.parametrize("shape", [(7,), (5, 16), (0,)])
def test_a_copy_begins_with_a_cache_line(dtype, shape):
    values = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    made = aligned(values)
    assert made.ctypes.data % CACHE_LINE == 0 or not made.size
    assert made.dtype == values.dtype and made.flags.c_contiguous and made.flags.writeable
    np.testing.assert_array_equal(made, values)
    assert not np.shares_memory(made, values)
