"""What a layer's metadata say of how it was made may have been written by anybody."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from napari_autolut.io.provenance import history_from_json, history_to_json
from napari_autolut.layers import Provenance
from napari_autolut.layers.history import history_of
from napari_autolut.layers.provenance import METADATA_KEY

MADE = Provenance(
    "cells",
    "natural-x2",
    2,
    value_range=(0, 255.5),
    limits=(0.0, 1.0),
    spatial_axes=(1, 2),
    index={0: 1},
)
HOSTILE: list[Any] = [
    -1, 10**400, float("nan"), float("inf"), "x" * 10**5, [], [1], ("a", "b"), (0.0, float("nan")),
    {"a": 1}, {0: "b"}, {0: 10**400}, {None: None}, np.zeros(3), b"x", object(),
]  # fmt: skip
NUMBERS = [str(number) for number in range(len(HOSTILE))]


def test_what_was_written_is_read() -> None:
    assert Provenance.of({METADATA_KEY: MADE.as_metadata()}) == MADE
    assert Provenance.of({METADATA_KEY: {**MADE.as_metadata(), "new": object()}}) == MADE


@pytest.mark.parametrize("field", Provenance.__dataclass_fields__)
@pytest.mark.parametrize("value", HOSTILE, ids=NUMBERS)
def test_anything_else_is_no_result(field: str, value: object) -> None:
    """None may end in an error of Qt where the layer is selected."""
    metadata = {METADATA_KEY: {**MADE.as_metadata(), field: value}}
    assert Provenance.of(metadata) is None


@pytest.mark.parametrize("field", MADE.as_metadata())
@pytest.mark.parametrize("value", HOSTILE, ids=NUMBERS)
def test_a_file_says_what_can_be_said_of_it(field: str, value: object) -> None:
    """As where a layer is saved; JSON takes no arrays and no numbers without end."""
    history = history_of({METADATA_KEY: {**MADE.as_metadata(), field: value}})
    assert len(history) <= 1
    assert len(history_from_json(history_to_json(history))) == len(history)
