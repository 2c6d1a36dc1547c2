"""Model files whose description does not fit: the field is named, and what it should hold."""

import numpy as np
import pytest

from napari_autolut.storage import ModelFileError, read_card
from tests.modelfiles import good_file, refused, rewritten


@pytest.fixture
def path(tmp_path):
    return good_file(tmp_path)


def branch(description):
    return description["nodes"][0]["branches"][0]


def nan_windows(description, tensors):
    tensors[branch(description)["windows"]][0, 0, 0] = np.nan


def negative_windows(description, tensors):
    windows = tensors[branch(description)["windows"]]
    windows[0] = 0
    windows[0, 0, 0], windows[0, 0, 1] = 2, -1


def half_windows(description, tensors):
    tensors[branch(description)["windows"]] /= 2


def nan_table(description, tensors):
    name = description["nodes"][-1]["branches"][-1]["table"]["tensor"]
    tensors[name] = np.full(tensors[name].shape, np.nan, np.float32)


def cut_table(description, tensors):
    name = description["nodes"][-1]["branches"][-1]["table"]["tensor"]
    tensors[name] = tensors[name][:-1]


def double_table(description, tensors):
    name = description["nodes"][-1]["branches"][-1]["table"]["tensor"]
    tensors[name] = tensors[name].astype(np.float64)


def lost_tensor(description, tensors):
    del tensors[branch(description)["windows"]]


def forward_reference(description, _):
    branch(description)["source"] = [2, 0]


def own_reference(description, _):
    branch(description)["source"] = [1, 0]


def negative_reference(description, _):
    branch(description)["source"] = [-1, 0]


def missing_channel(description, _):
    branch(description)["source"] = [0, 1]


def wrong_scale(description, _):
    description["scale"] = 3


def strange_kind(description, _):
    description["nodes"][0]["kind"] = "convolution"


def strange_rounding(description, _):
    description["rounding"] = "sometimes"


def strange_padding(description, _):
    description["padding"] = "wrap"


def no_nodes(description, _):
    description["nodes"] = []


def no_branches(description, _):
    description["nodes"][0]["branches"] = []


def zero_divisor(description, _):
    description["nodes"][0]["divisor"] = 0


def text_divisor(description, _):
    description["nodes"][0]["divisor"] = "4"


def endless_divisor(description, _):
    description["nodes"][0]["divisor"] = 10**400


def infinite_bias(description, _):
    description["nodes"][0]["bias"] = float("inf")


def huge_grid(description, _):
    description["nodes"][-1]["branches"][-1]["table"]["grid_size"] = 10**9


def real_grid(description, _):
    description["nodes"][-1]["branches"][-1]["table"]["grid_size"] = 5.0


def too_many_inputs(description, _):
    description["nodes"][-1]["branches"][-1]["table"]["inputs"] = 6


def residual_alone(description, _):
    branch(description)["residual"] = branch(description)["windows"]


def deep_table(description, _):
    table = branch(description)["table"]
    table["near"] = dict(table)


def bottomless_table(description, _):
    table = {}
    branch(description)["table"] = table
    for _ in range(400):
        table["near"] = table = {}


def listed_branch(description, _):
    description["nodes"][0]["branches"] = [["table"]]


def text_table(description, _):
    branch(description)["table"] = "node1.table"


def no_table(description, _):
    del branch(description)["table"]


def text_benchmark(description, _):
    description["card"]["benchmark"] = "good"


def number_name(description, _):
    description["card"]["name"] = 3


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (nan_windows, "windows: found NaN"),
        (negative_windows, "weights >= 0"),
        (half_windows, "sums of 1"),
        (nan_table, "table values: found NaN"),
        (cut_table, "table shape"),
        (double_table, "table dtype: found float64"),
        (lost_tensor, "tensor: found no"),
        (forward_reference, "an earlier node's channel"),
        (own_reference, "an earlier node's channel"),
        (negative_reference, "an earlier node's channel"),
        (missing_channel, "an earlier node's channel"),
        (wrong_scale, "scale: found 3, expected 2"),
        (strange_kind, "node kind: found convolution"),
        (strange_rounding, "rounding: found sometimes"),
        (strange_padding, "padding: found wrap"),
        (no_nodes, "nodes: found 0"),
        (no_branches, "branches: found 0"),
        (zero_divisor, "divisor: found 0"),
        (text_divisor, "divisor: found '4', expected a number"),
        (endless_divisor, "divisor: found 1000000"),
        (infinite_bias, "bias: found inf"),
        (huge_grid, "grid size: found 1000000000"),
        (real_grid, "grid_size: found 5.0, expected an integer"),
        (too_many_inputs, "table inputs: found 6"),
        (residual_alone, "both or neither"),
        (deep_table, "nested more than twice"),
        (bottomless_table, "a complete description"),
        (listed_branch, "branches: found [['table']], expected a list of JSON objects"),
        (text_table, "found an entry that is missing or of another kind, expected a complete"),
        (no_table, "found no 'table', expected a complete description"),
        (text_benchmark, "benchmark: found 'good', expected a JSON object"),
        (number_name, "name: found 3, expected text"),
    ],
)
def test_what_does_not_fit_is_named(path, change, part):
    rewritten(path, change)
    refused(path, part)


def test_long_content_is_cut(path):
    rewritten(path, lambda description, _: description.update(rounding="up " * 5000))
    assert len(refused(path, "rounding: found up up")) < 600


@pytest.mark.parametrize(
    ("field", "value"), [("card", []), ("card", 3), ("scale", float("inf")), ("scale", None)]
)
def test_cards_of_another_kind(path, field, value):
    rewritten(path, lambda description, _: description.update({field: value}))
    with pytest.raises(ModelFileError, match=r"found .* expected "):
        read_card(path)


@pytest.mark.parametrize("field", ["nodes", "card", "scale", "rounding", "padding", "sha256"])
def test_missing_fields(path, field):
    rewritten(path, lambda description, _: description.pop(field))
    refused(path, field)


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, [None], [[]], [{"kind": 1}]])
@pytest.mark.parametrize("field", ["nodes", "card", "scale", "rounding", "padding"])
def test_fields_of_another_kind(path, field, value):
    rewritten(path, lambda description, _: description.update({field: value}))
    refused(path)
