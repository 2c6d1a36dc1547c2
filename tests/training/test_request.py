"""A request survives its TOML file, and says what is wrong with one that is no request."""

import sys
from pathlib import Path

import pytest

from napari_autolut.training.request import TrainRequest, TrainRequestError


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"lr": Path("/small").absolute(), "scale": 2, "steps": 9, "seed": 3, "resume": True},
        {
            "recipe": 'my "own" \\ recipe\x7f\n\U0001f52c.toml',
            "minutes": 1e-05,
            "overwrite": True,
            "degradation": {"method": "gaussian", "sigma": 1.5, "jpeg": 40},
            "settings": {"init_from": "natural-x4", "grids": [[0.0, 5], [0.2, 9]], "skip": False},
        },
    ],
)
def test_a_request_survives_its_file(tmp_path, changes):
    request = TrainRequest(tmp_path / "my cells", tmp_path / "own.safetensors", **changes)
    request.write(tmp_path / "request.toml")
    request.write(tmp_path / "request.toml")
    assert TrainRequest.read(tmp_path / "request.toml") == request


def test_paths_are_relative_to_the_file_and_written_absolute(tmp_path, monkeypatch):
    path = tmp_path / "request.toml"
    path.write_text('images = "cells"\nout = "own.safetensors"')
    request = TrainRequest.read(path)
    assert (request.images, request.out) == (tmp_path / "cells", tmp_path / "own.safetensors")
    monkeypatch.chdir(tmp_path)
    TrainRequest(Path("cells"), Path("own.safetensors")).write(path)
    assert TrainRequest.read(path) == request


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("images = ", "request.toml: "),
        ('out = "a"', "images"),
        ('images = "i"\nout = "a"\nspeed = 3', "speed: found no such field"),
        ('images = 3\nout = "a"', "images: found 3, expected a path"),
        ('images = "i"\nout = "a"\nscale = "x2"', "scale: found 'x2', expected a whole number"),
        ('images = "i"\nout = "a"\nminutes = 2\nsteps = 1', "found 2 minutes and 1 step,"),
        ('images = "i"\nout = "a"\nlr = "s"\n[degradation]\nmethod = "area"', "given or made"),
    ],
)
def test_what_is_no_request_says_why(tmp_path, text, words):
    path = tmp_path / "request.toml"
    path.write_text(text)
    with pytest.raises(TrainRequestError, match=r"request\.toml: ") as error:
        TrainRequest.read(path)
    assert words in str(error.value)


@pytest.mark.parametrize("folder", [r"C:\Users\me", r"D:\data", r"C:\bin", r"\\server\new"])
def test_a_path_of_windows_in_quotes_for_text_is_no_path(tmp_path, monkeypatch, folder):
    r"""TOML reads ``"C:\bin"`` as C: and a backspace, and most others not at all."""
    monkeypatch.setattr(sys, "platform", "win32")
    path = tmp_path / "a.toml"
    path.write_text(f'images = "{folder}"\nout = "a.safetensors"', "utf-8")
    words = "single quotes, such as|images: found '.*, expected a path"
    with pytest.raises(ValueError, match=words):
        TrainRequest.read(path)
    path.write_text(f"images = '{folder}'\nout = 'a.safetensors'", "utf-8")
    assert TrainRequest.read(path).images.name == Path(folder).name


def test_a_decimal_comma_is_named(tmp_path):
    (tmp_path / "a.toml").write_text("images = 'a'\nout = 'b'\nminutes = 1,5", "utf-8")
    with pytest.raises(TrainRequestError, match=r"line 3.*; decimals come after a point"):
        TrainRequest.read(tmp_path / "a.toml")


def test_a_file_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "request.toml"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    with pytest.raises(TrainRequestError, match=r"request\.toml: "):
        TrainRequest.read(path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("scale = true", "scale: found True, expected a whole number"),
        ("minutes = '3'", "minutes: found '3', expected a number"),
        ("seed = 1000000000000000000", "seed: found 1000000000000000000, expected a whole number"),
        (r'recipe = "a\u0000b"', r"recipe: found 'a\\x00b', expected a text"),
        ('lr = ""', "lr: found '', expected a path"),
        (f"{'a.' * 20_000}b = 1", "a key of dozens of parts"),
        (f"settings = {'{a=' * 900}1{'}' * 900}", "lists in lists"),
        (f"device = '{'x' * 5000}'", r"device: found 'x+\.\.\., expected a text"),
    ],
)
def test_values_of_another_kind_are_named(tmp_path, line, words):
    path = tmp_path / "request.toml"
    path.write_text(f'images = "i"\nout = "a.safetensors"\n{line}\n')
    with pytest.raises(TrainRequestError, match=words) as error:
        TrainRequest.read(path)
    assert len(str(error.value)) < 300


def test_a_device_and_an_endless_file_are_no_requests(tmp_path):
    with pytest.raises(TrainRequestError, match="found no ordinary file"):
        TrainRequest.read(Path("/dev/zero") if Path("/dev/zero").exists() else tmp_path)
    (tmp_path / "long.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(TrainRequestError, match="at most 1000000"):
        TrainRequest.read(tmp_path / "long.toml")
