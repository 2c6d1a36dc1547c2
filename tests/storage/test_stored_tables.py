"""Tables of a file are made once, and no other tensor takes the place of an unpacked one."""

import numpy as np
import pytest

from napari_autolut.model import DualTable, ModelError
from napari_autolut.model.symmetry import packed_rows
from napari_autolut.storage.stored_tables import StoredTables

SYMMETRIC = {"tensor": "t", "grid_size": 3, "inputs": 5, "scale": 1.0, "symmetric": True}


def rows():
    return np.arange(packed_rows(3) * 4, dtype=np.float32).reshape(-1, 4)


def test_branches_that_share_a_tensor_share_its_table():
    stored = StoredTables({"t": rows()})
    first = stored.table(SYMMETRIC, 2)
    assert first is stored.table(dict(SYMMETRIC), 2)
    assert first is not stored.table(SYMMETRIC, 1)
    assert first is not stored.table(SYMMETRIC | {"scale": 2.0}, 2)
    assert first.values.shape == (3**5, 4)


def test_two_grids_are_two_tables():
    plain = {"tensor": "p", "grid_size": 2, "inputs": 2, "scale": 1.0}
    stored = StoredTables({"p": np.zeros((4, 1), np.float32)})
    made = stored.table({"near": plain, "far": plain, "reach": 8}, 1)
    assert isinstance(made, DualTable)
    assert made.near is made.far


def test_a_tensor_named_like_an_unpacked_table():
    taken = "t, unpacked, in blocks of 2"
    stored = StoredTables({"t": rows(), taken: np.ones((3**5, 4), np.float32)})
    with pytest.raises(ModelError, match="tensor: found 't, unpacked, in blocks of 2', expected"):
        stored.table(SYMMETRIC, 2)
