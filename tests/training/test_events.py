"""Events survive a line of JSON, and other lines do no harm."""

import json
import math

import pytest

from napari_autolut.training.events import (
    Done,
    Finishing,
    Paused,
    Preview,
    Started,
    Step,
    Stopped,
    Validation,
    as_json,
    parse_event,
)

EVENTS = [
    Started(9, 1, {"a.png": "broken"}, 30.0, ("few images",)),
    Step(10, 0.1, 4.0, 5.0, 60.0, 300.0),
    Validation(10, 31.0, 30.0, True, True),
    Finishing(3, 4, 31.0, 9.0),
    Preview(1, "a.png"),
    Done(9, 1.0, 31.0, 30.0, "t"),
    Paused(4),
    Stopped(4, "t"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_survives_json(event):
    line = as_json(event)
    assert json.loads(line)["event"] == type(event).__name__.lower()
    assert parse_event(line) == event


def test_fields_of_a_newer_trainer_are_ignored_and_optional_ones_may_lack():
    line = '{"event": "validation", "step": 1, "psnr": 3, "bicubic_psnr": 2, "best": 1, "new": 0}'
    assert parse_event(line) == Validation(1, 3.0, 2.0, True)


@pytest.mark.parametrize(
    "line",
    ["", "a library says hello", "[1]", "3", '{"event": "dance"}', '{"event": "step"}',
     '{"event": "paused", "step": "x"}', '{"event": "st', '{"step": 1}', '{"event": []}',
     '{"event": "paused", "step": 1e999}', "[" * 100_000, '{"event": "paused", "step": 1e18}',
     '{"event": "paused", "step": %s}' % ("9" * 400), as_json(Step(1, 1e300, 1, 1, 1)),
     as_json(Started(9, 1, ["a.png"], 30.0))],
)  # fmt: skip
def test_anything_else_is_no_event(line):
    assert parse_event(line) is None


def test_what_is_shown_is_text():
    """A list of notes may hold anything where a file is damaged."""
    event = parse_event(as_json(Started(9, 1, {"a.png": None}, 30.0, (None, {"a": 1}))))
    assert event == Started(9, 1, {"a.png": "None"}, 30.0, ("None", "{'a': 1}"))


def test_a_training_that_diverges_still_emits():
    assert math.isnan(parse_event(as_json(Step(1, 0.5, math.nan, 1, 1))).loss)
