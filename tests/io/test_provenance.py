"""The record of what was done to an image: there and back, and whatever else a file may hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.io import Noise, ProcessingStep, history_from_json, history_to_json
from napari_autolut.storage import load_model, model_digest
from napari_autolut.storage.model_file import load_model_file, save_model

STEP = ProcessingStep(
    "denoise",
    "denoise-10",
    "ab" * 32,
    value_range=((0.0, 4095.0),),
    noise=(Noise(2.5, -40.0, (0.5, 0.1)),),
    settings={"strength": 1.0, "engine": "auto", "asked": None},
    source="Zelle µ.tif",
)


def test_a_history_survives_json() -> None:
    steps = (STEP, ProcessingStep("upscale", "natural-x2", scale=2))
    text = history_to_json(steps)
    assert text.isascii()
    assert "\n" not in text
    assert history_from_json(text) == steps
    assert steps[1].version == __import__("napari_autolut").__version__


@pytest.mark.parametrize(
    "text",
    [
        None,
        b"[]",
        "",
        "[",
        "{}",
        "[1]",
        '[{"operation": "delete"}]',
        '[{"operation": "upscale", "scale": "many"}]',
        '[{"operation": "upscale", "scale": 1e999}]',
        '[{"operation": "upscale", "value_range": [1]}]',
        '[{"operation": "denoise", "noise": [{}]}]',
        '[{"operation": "denoise", "settings": []}]',
        "[" * 10**5,
        json.dumps([{"operation": "upscale"}] * 2000),
    ],
)
def test_what_is_no_history_is_none(text: object) -> None:
    assert history_from_json(text) == ()


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda of: st.lists(of) | st.dictionaries(st.text(), of),
    )
)
def test_any_json_is_read_or_left(value: object) -> None:
    assert isinstance(
        history_from_json(json.dumps([{"operation": "upscale", "noise": value}])), tuple
    )


def test_fields_of_a_later_version_are_left_out() -> None:
    text = json.dumps([{"operation": "upscale", "model": "m", "later": [1, 2]}])
    assert history_from_json(text)[0].model == "m"


def test_the_same_work_on_another_day_is_the_same() -> None:
    assert STEP.repeats(ProcessingStep(**{**vars(STEP), "version": "9", "source": "b.tif"}))
    assert not STEP.repeats(ProcessingStep(**{**vars(STEP), "model_sha256": "00"}))
    assert not STEP.repeats(ProcessingStep(**{**vars(STEP), "settings": {"strength": 0.5}}))


def test_a_model_has_the_hash_of_its_file(tmp_path) -> None:
    model = load_model("phase-x2")
    path = save_model(model, tmp_path / "copy.safetensors")
    assert model_digest(load_model_file(path)) == model_digest(model)
    assert model_digest(model) != model_digest(load_model("nuclei-x2"))
    assert model_digest(model).encode() in path.read_bytes()
