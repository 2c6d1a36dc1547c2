"""The record of what was done to an image: there and back, and whatever else a file may hold."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from napari_autolut.io import (
    ImageFile,
    Noise,
    ProcessingStep,
    history_from_json,
    history_to_json,
    read_history,
    read_image,
    write_image,
)
from napari_autolut.io.methods import methods_text
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
        json.dumps([{"operation": "upscale", "model": "x" * 5000}]),
        json.dumps([{"operation": "upscale", "source": [[0, 1]] * 5000}]),
        json.dumps([{"operation": "upscale", "settings": {"noise": "x" * 5000}}]),
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


def test_a_step_answers_what_was_asked_for() -> None:
    request = ProcessingStep("denoise", settings=STEP.settings)
    assert STEP.answers(request)
    assert STEP.answers(replace(request, model_sha256="ab" * 32, version="9", source="b.tif"))
    assert not STEP.answers(replace(request, model_sha256="00"))
    assert not STEP.answers(replace(request, settings={"strength": 0.5}))
    assert not STEP.answers(replace(request, scale=2))
    assert not STEP.answers(replace(request, operation="upscale"))


def test_sentences_for_a_paper() -> None:
    upscaled = ProcessingStep("upscale", "natural-x2", "cd" * 32, 2, ((0.0, 255.0), (5.0, 9.5)))
    text = methods_text([STEP, upscaled])
    assert text.startswith("The image was denoised with napari-autolut")
    assert "noise of variance 2.5 x mean - 40 (neighbours correlated by 0.50)" in text
    assert "It was then enlarged 2 times" in text
    assert "look-up table natural-x2, SHA-256 cdcdcdcdcdcd" in text
    assert "pixel values from 0 to 255 and 5 to 9.5 as the table's 0 to 255" in text
    assert "arXiv 2503.01565" in text


def test_sentences_name_the_method_of_each_table() -> None:
    along_z = ProcessingStep("isotropic", "learned on the stack", "ab" * 32, 3)
    assert "AutoLUT" not in methods_text([along_z])
    assert "Tables for slices follow RAISR" in methods_text([along_z])
    both = methods_text([along_z, ProcessingStep("upscale", "natural-x2", "cd" * 32, 2)])
    assert both.index("AutoLUT") < both.index("RAISR")


def test_sentences_say_neither_that_an_image_was_enlarged_once_nor_a_variance_of_zero() -> None:
    noise = (Noise(0.0, 0.0), Noise(2.5, -40.0), Noise(0.0, 9.0))
    text = methods_text([ProcessingStep("upscale", "deblock-jpeg"), replace(STEP, noise=noise)])
    assert text.startswith("The image was restored at its own size with napari-autolut")
    assert "enlarged" not in text
    found = "no noise and noise of variance 2.5 x mean - 40 and noise of variance 9"
    assert found in text


def test_a_model_has_the_hash_of_its_file(tmp_path) -> None:
    model = load_model("natural-x2-light")
    path = save_model(model, tmp_path / "copy.safetensors")
    assert model_digest(load_model_file(path)) == model_digest(model)
    assert model_digest(model) != model_digest(load_model("natural-x2"))
    assert model_digest(model).encode() in path.read_bytes()


@pytest.mark.parametrize(
    ("name", "shape", "dtype"),
    [
        ("a.png", (5, 6), "uint8"),
        ("a.png", (5, 6), "uint16"),
        ("a.png", (5, 6, 3), "uint16"),
        ("a.png", (5, 6, 4), "uint8"),
        ("a.jpg", (5, 6), "uint8"),
        ("a.tif", (5, 6), "uint8"),
        ("a.tif", (5, 6, 3), "uint16"),
        ("a.ome.tif", (5, 6), "float32"),
    ],
)
def test_every_file_keeps_its_history(tmp_path, name, shape, dtype) -> None:
    image = ImageFile(np.zeros(shape, dtype), "YXS"[: len(shape)], history=(STEP, STEP))
    path = write_image(tmp_path / name, image)
    assert read_image(path).history == (STEP, STEP)
    assert read_history(path) == (STEP, STEP)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_other_files_have_none(tmp_path, name) -> None:
    Image.new("L", (5, 6)).save(tmp_path / name)
    assert read_history(tmp_path / name) == ()


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif", "a.png"])
def test_a_result_lies_about_its_source(tmp_path, name) -> None:
    """Though only OME has a place for it: outer borders are equal, also after two steps."""
    sizes = {"Y": 0.5, "X": 0.25}
    image = read_image(
        write_image(tmp_path / name, ImageFile(np.zeros((8, 8), "u1"), "YX", sizes, "µm"))
    )
    step = ProcessingStep("upscale", "natural-x2", scale=2)
    for times in (2, 4):
        data = np.zeros((8 * times, 8 * times), "u1")
        larger = replace(image.enlarged(data, 2), history=(*image.history, step))
        image = read_image(write_image(tmp_path / f"{times}{name}", larger))
        for axis, size in sizes.items():
            border = image.origin[axis] - image.pixel_size[axis] / 2
            assert border == pytest.approx(-size / 2, rel=1e-3)
