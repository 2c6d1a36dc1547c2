"""Kernels are compiled for a closed list of shapes."""

import numpy as np
import pytest
from hypothesis import given, settings

from napari_autolut import list_models, load_model, upscale
from napari_autolut.engine.kernels import look_up_block, node_rows, put_block
from napari_autolut.engine.lookup_steps import KINDS
from napari_autolut.engine.plan import plan_model
from napari_autolut.engine.shapes import COLUMNS, INPUTS, UPSCALES, shape_of
from tests.models import lut_models


def check(model):
    for node in plan_model(model).nodes:
        for part in node.parts:
            assert len(part.shape.columns) in COLUMNS
            assert len(part.shape.inputs) in INPUTS
            assert len(part.shape.bits) in KINDS
            assert node.rule.upscale in UPSCALES[len(part.shape.columns)]


@given(lut_models(max_grid_size=5))
@settings(max_examples=100, deadline=None)
def test_random_models(model):
    check(model)


def test_shipped_tables_need_eleven_kernels():
    models = [load_model(entry.path) for entry in list_models() if entry.origin == "shipped"]
    for model in models:
        check(model)
    shapes = {
        part.shape for model in models for node in plan_model(model).nodes for part in node.parts
    }
    assert len(shapes) == 11


def test_arguments_are_taken_from_python_by_one_function_for_all_shapes():
    for name in ("natural-x4-light", "denoise-10-light"):
        upscale(np.zeros((8, 8), np.uint8), name)
    assert len(look_up_block.signatures) >= 5
    assert 4 <= len(put_block.signatures) <= len(COLUMNS)  # to which inputs and types matter not
    assert len(node_rows.signatures) == 1


@pytest.mark.parametrize("columns", range(1, 17))
@pytest.mark.parametrize("inputs", [2, 3, 4, 5])
def test_the_smallest_that_holds_a_table(columns, inputs):
    shape = shape_of(columns, inputs, 8)
    wide, deep = len(shape.columns), len(shape.inputs)
    assert wide == min(size for size in COLUMNS if size >= columns)
    assert deep == min(size for size in INPUTS if size >= inputs)


def test_padding_changes_no_row():
    model = load_model("natural-x3")
    (part,) = plan_model(model).nodes[-1].parts
    columns = len(part.shape.columns)
    rows = part.tables.values.view(f"int{len(part.shape.bits)}").reshape(-1, columns)
    expected = np.concatenate([table.values for table in model.nodes[-1].tables])
    np.testing.assert_array_equal(rows[:, : expected.shape[1]], expected)
    assert not rows[:, expected.shape[1] :].any()
