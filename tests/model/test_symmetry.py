"""Rotation-equivariant branches: their filters, and tables packed and unpacked."""

import numpy as np
import pytest

from napari_autolut.model.symmetry import (
    c4_filters,
    c4_parts,
    packed,
    packed_rows,
    rotated_columns,
    symmetrised,
    unpacked,
)


def parts(signals=2, size=3):
    rng = np.random.default_rng(0)
    return (
        rng.random(signals).astype(np.float32),
        rng.random((signals, size, size)).astype(np.float32),
    )


def test_filters_have_their_parts_again():
    weights, quadrant = parts()
    found = c4_parts(c4_filters(weights, quadrant))
    assert found is not None
    for part, expected in zip(found, (weights, quadrant), strict=True):
        np.testing.assert_array_equal(part, expected)


def test_rotated_filters_are_the_next_inputs():
    filters = c4_filters(*parts())
    for number in range(1, 4):
        np.testing.assert_array_equal(np.rot90(filters[number], -1, (1, 2)), filters[number + 1])


def test_other_filters_have_no_parts():
    filters = c4_filters(*parts())
    filters[2, 0, 0, 0] += 1
    assert c4_parts(filters) is None
    assert c4_parts(filters[:4]) is None


@pytest.mark.parametrize("upscale", [1, 2, 3])
def test_packed_tables_are_a_third_at_most_and_come_back(upscale):
    values = np.random.default_rng(1).normal(size=(3**5, 1)).repeat(2 * upscale**2, 1)
    table = symmetrised(values, 3, upscale)
    rows = packed(table, 3, upscale)
    assert rows is not None and len(rows) == packed_rows(3) < len(table) / 3
    np.testing.assert_array_equal(unpacked(rows, 3, upscale), table)


def test_tables_without_symmetry_are_not_packed():
    assert packed(np.arange(3**5)[:, None], 3, 1) is None


@pytest.mark.parametrize("rotations", range(4))
def test_columns_of_a_rotated_block_are_upright_again(rotations):
    block = np.arange(9).reshape(3, 3)
    order = rotated_columns(9, 3, rotations)
    assert sorted(order) == list(range(9))
    np.testing.assert_array_equal(
        block.reshape(-1)[order].reshape(3, 3), np.rot90(block, -rotations)
    )


def test_blocks_of_columns_are_rotated_on_their_own():
    assert rotated_columns(8, 2, 1)[4:] == [4 + c for c in rotated_columns(4, 2, 1)]
