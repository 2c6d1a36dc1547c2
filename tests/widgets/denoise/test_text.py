"""What the dock says of noise, in words and figures."""

from dataclasses import replace

import pytest

from napari_autolut.denoising import FoundNoise
from napari_autolut.noise import NoiseModel
from napari_autolut.widgets.denoise.noise.text import channel_text, found_text, number


def of(*model, **more):
    return FoundNoise(NoiseModel(*model, **more), 100.0, 1100.0)


def test_photons_where_they_are_known():
    text = channel_text(of(5.0, -500.0, certainty=0.9))
    assert text == (
        "White noise: about 200 photons in bright pixels, which vary by 71 grey levels. "
        "5 grey levels per photon (0.2 photons per grey level). Sure (90%)."
    )


def test_grey_levels_where_they_are_not():
    text = channel_text(of(0.0, 144.0, (0.6, 0.2), certainty=0.5))
    assert text == (
        "Correlated noise (neighbours share 60%) of 12 grey levels everywhere. Fairly sure (50%)."
    )


def test_doubt_and_nothing():
    text = channel_text(of(5.0, 0.0, certainty=0.2))
    assert text.endswith(
        "Not sure (20%). It may be fine structure: compare, or set the noise by hand."
    )
    assert channel_text(of(0.0, 0.0)) == "No noise was found."
    assert channel_text(FoundNoise(NoiseModel(0, 0), 0, 0, "all is black")) == "All is black."


def test_what_speaks_against_the_noise_is_said():
    doubts = ("the image was saved as JPEG, so that noise is missing", "the mean is low")
    text = channel_text(replace(of(5.0, 0.0, certainty=0.2), doubts=doubts))
    assert text.endswith(f"Not sure (20%). T{doubts[0][1:]}. T{doubts[1][1:]}.")
    assert "fine structure" not in text


def test_channels_that_say_the_same_are_said_once():
    same, other = of(5.0, 0.0), of(7.0, 0.0)
    assert found_text([same, same], ["a", "b"]).startswith("In each channel: White")
    assert [line[:3] for line in found_text([same, other], ["a", "b"]).splitlines()] == [
        "a: ",
        "b: ",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(5838.2, "5,840"), (38.02, "38"), (4.6123, "4.61"), (0, "0"), (0.0217, "0.0217")],
)
def test_numbers(value, text):
    assert number(value) == text
