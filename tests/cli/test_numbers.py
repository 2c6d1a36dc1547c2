"""Numbers in the shell mean the same in every country: a comma separates, a point is decimal."""

import math

import pytest
import typer

from napari_autolut.cli.numbers import number, numbers, whole_number
from tests.commandline import fails


@pytest.mark.parametrize("text", ["0,8", "1.000,5", "8_0", "٣", "0x10", "1 000", "½"])
def test_what_is_no_number(text):
    with pytest.raises(typer.BadParameter, match="expected a number such as") as error:
        number(text)
    assert ("decimals come after a point" in str(error.value)) == ("," in text)
    with pytest.raises(typer.BadParameter, match="expected a whole number"):
        whole_number(text)


def test_what_is_one():
    assert [number(text) for text in ("2.5", ".5", "-3.", "1e-3", " 7 ", "inf", 2.5)] == [
        2.5, 0.5, -3, 0.001, 7, math.inf, 2.5,
    ]  # fmt: skip
    assert [whole_number(text) for text in ("80", "-1", 3)] == [80, -1, 3]
    assert numbers("--x", "0.5, 1e3", (2,), "two") == (0.5, 1000)


@pytest.mark.parametrize("text", ["0,5,1", "3;5", "3", "3,", "3,x", "3,nan", "3,٣"])
def test_what_is_no_pair(text):
    with pytest.raises(ValueError, match=r"^--x: found .*, expected two numbers"):
        numbers("--x", text, (2,), "two numbers")


@pytest.mark.parametrize(
    "line",
    [
        ("upscale", "a.png", "b.png", "--scale", "2,5"),
        ("upscale", "a.png", "b.png", "--series", "-1"),
        ("upscale", "a.png", "b.png", "--value-range", "0,5,1"),
        ("denoise", "a.png", "b.png", "--strength", "0,8"),
        ("denoise", "a.png", "b.png", "--noise", "3,5,40"),
        ("isotropic", "a.tif", "b.tif", "--spacing", "0,5"),
        ("train", "images", "--out", "own", "--minutes", "0,5"),
        ("train", "images", "--out", "own", "--jpeg", "80,5"),
        ("train", "images", "--out", "own", "--steps", "1e3"),
    ],
)
def test_every_option_names_what_was_found(line):
    said = fails(*line)
    assert line[-2] in said
    assert f"found '{line[-1]}', expected" in said
