"""Exported models give the reference's values in onnxruntime."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from napari_autolut import list_models, load_model
from napari_autolut.engine import reference
from napari_autolut.export import ExportError
from napari_autolut.export.cascade import SOURCE, cascade
from napari_autolut.model import Branch, DualTable, SpatialNode, Table, one_hot_windows
from tests.models import lut_models, planes, random_model

onnxruntime = pytest.importorskip("onnxruntime", reason="extra bench")
pytest.importorskip("onnx", reason="extra export")

METADATA = {"version": "0", "description": "a test"}
SHIPPED = [entry.path for entry in list_models() if entry.origin == "shipped"]


def exported(model):
    graph, result = cascade(model)
    return graph.finished(SOURCE, result, METADATA)


def run(model, images, *, optimised=False):
    """The exported model on (N, C, H, W) images."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        exported(model).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {SOURCE: images})[0]


@given(lut_models(max_grid_size=5), planes(12))
def test_random_models(model, plane):
    result = run(model, plane[None, None])
    expected = reference.upscale_plane(model, plane)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result[0, 0], expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("rounding", ["stage", "running", "branch"])
def test_rounding_goes_the_reference_s_way_in_every_pixel(rounding):
    """Learned windows and residuals: sums in another order would round some pixels otherwise."""
    model = random_model(
        np.random.default_rng(3), upscales=(1, 1, 2), window=5, residual=True, channels=2,
        noise=40, rounding=rounding, table_dtype="int8",
    )  # fmt: skip
    plane = np.random.default_rng(4).integers(0, 256, (40, 61)).astype(np.float32)
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_array_equal(run(model, plane[None, None])[0, 0], expected)


def test_two_grids_are_told_apart_where_nothing_is_rounded():
    rng = np.random.default_rng(5)
    near, far = (
        Table(rng.normal(128, 60, (size**4, 4)).astype(np.float32), size) for size in (5, 3)
    )
    branch = Branch(DualTable(near, far, 20.0), one_hot_windows("S"))
    node = SpatialNode((branch,), 4.0, 0.0, 2)
    model = replace(random_model(rng, upscales=(2,)), nodes=(node,))
    plane = rng.integers(100, 140, (30, 21)).astype(np.float32)
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_allclose(run(model, plane[None, None])[0, 0], expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("padding", ["edge", "reflect"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 3)])
def test_planes_smaller_than_their_border(padding, shape):
    model = random_model(np.random.default_rng(1), window=9, padding=padding)
    plane = np.random.default_rng(2).uniform(0, 255, shape).astype(np.float32)
    expected = reference.upscale_plane(model, plane)
    np.testing.assert_allclose(run(model, plane[None, None])[0, 0], expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_models(path):
    model = load_model(path)
    images = np.random.default_rng(0).uniform(0, 255, (2, 1, 9, 14)).astype(np.float32)
    images[1] = np.linspace(0, 255, 14)
    expected = [[reference.upscale_plane(model, plane) for plane in each] for each in images]
    np.testing.assert_allclose(run(model, images), expected, rtol=0, atol=1e-3)


def test_colours_and_images_are_on_their_own_in_an_optimised_graph():
    model = load_model("natural-x4-light")
    images = np.random.default_rng(0).uniform(0, 255, (2, 3, 11, 8)).astype(np.float32)
    expected = [[reference.upscale_plane(model, plane) for plane in each] for each in images]
    np.testing.assert_allclose(run(model, images, optimised=True), expected, rtol=0, atol=1e-3)


def test_values_outside_are_cut_off():
    model = random_model(np.random.default_rng(1))
    plane = np.random.default_rng(2).uniform(-100, 400, (7, 5)).astype(np.float32)
    expected = reference.upscale_plane(model, plane.clip(0, 255))
    np.testing.assert_allclose(run(model, plane[None, None])[0, 0], expected, rtol=0, atol=1e-3)


def test_the_oldest_version_of_onnx_is_named_that_has_the_operations():
    made = exported(random_model(np.random.default_rng(1)))
    assert [(each.domain, each.version) for each in made.opset_import] == [("", 15)]
    assert made.ir_version == 8
    assert {each.domain for each in made.graph.node} == {""}


def test_too_large_a_model_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.setattr("napari_autolut.export.graph.MAX_OPERATIONS", 200)
    refusal = r"^random takes more than 200 operations.*smaller windows$"
    with pytest.raises(ExportError, match=refusal):
        cascade(random_model(np.random.default_rng(1)))
