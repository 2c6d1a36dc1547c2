"""A folder for tables."""

import numpy as np
import pytest


@pytest.fixture
def write(tmp_path):
    """Write tables into the test's folder and give the folder."""

    def write(writer, seed=0):
        writer(tmp_path, np.random.default_rng(seed))
        return tmp_path

    return write
