"""The rules that make a table valid."""

import numpy as np
import pytest

from napari_autolut.model import DualTable, Table
from tests.model.parts import refused, table


@pytest.mark.parametrize("inputs", [0, 6])
def test_number_of_inputs(inputs):
    refused(
        "table inputs", lambda: Table(np.zeros((9, 1), np.float32), 3, inputs), "1, 2, 3, 4 or 5"
    )


@pytest.mark.parametrize(("grid_size", "inputs"), [(1, 4), (18, 4), (18, 3), (258, 2), (0, 2)])
def test_grid_size(grid_size, inputs):
    refused("grid size", lambda: Table(np.zeros((9, 1), np.float32), grid_size, inputs), "nodes")


@pytest.mark.parametrize(("grid_size", "inputs"), [(2, 4), (17, 3), (257, 2)])
def test_largest_and_smallest_grids(grid_size, inputs):
    made = table(grid_size, inputs)
    assert made.interval * (grid_size - 1) == 256


@pytest.mark.parametrize("dtype", ["float64", "uint8", "int32", "bool", "complex64", "object"])
def test_table_dtype(dtype):
    refused("table dtype", lambda: table(dtype=dtype), dtype, "int8 or int16 or float32")


@pytest.mark.parametrize("shape", [(80, 1), (81,), (81, 0), (81, 257), (9, 9, 1), ()])
def test_table_shape(shape):
    refused("table shape", lambda: Table(np.zeros(shape, np.float32), 3), "(81, 1 to 256)")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_table_values(value):
    values = np.zeros((81, 1), np.float32)
    values[40] = value
    refused("table values", lambda: Table(values, 3), "finite")


@pytest.mark.parametrize("scale", [0, -1, np.nan, np.inf])
def test_table_scale(scale):
    refused("table scale", lambda: table(scale=scale))


@pytest.mark.parametrize(("value", "scale"), [(1, 1e308), (-1, 3e38), (3e38, 1), (2e3, 1e3)])
def test_values_that_float32_sums_overflow_by(value, scale):
    values = np.full((81, 1), value, np.float32)
    refused("table values", lambda: Table(values, 3, scale=scale), "-1e+06 to 1e+06")


def test_two_grids_fit_together():
    assert DualTable(table(5), table(3), 32).columns == 1
    refused("far table (inputs, columns)", lambda: DualTable(table(), table(columns=4), 32))
    refused("far table (inputs, columns)", lambda: DualTable(table(), table(inputs=3), 32))
    for reach in (-1, 257, np.nan):
        refused("reach", lambda reach=reach: DualTable(table(), table(), reach))
