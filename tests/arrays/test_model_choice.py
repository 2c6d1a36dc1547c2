"""The table that is chosen for an image, by what can be seen of it."""

import io
import re

import dask.array as da
import numpy as np
import pytest
from PIL import Image
from skimage import data

from napari_autolut import UnknownModelError, Upscaler, list_models, upscale
from napari_autolut.arrays import choose_model
from napari_autolut.arrays.model_choice import RULES


def counts(*shape, photons=40, seed=0):
    return np.random.default_rng(seed).poisson(photons, shape).astype(np.uint16)


def one_noisy_channel():
    """Three channels; only the last one is noisy."""
    smooth = np.add.outer(np.arange(96), np.arange(96)) + 20
    return np.stack([smooth, smooth[::-1], counts(96, 96)]).astype(np.uint16)


def stained():
    """Purple on a bright ground, as haematoxylin and eosin."""
    rng = np.random.default_rng(0)
    amount = rng.random((64, 64, 1)) ** 2
    return (255 * (0.95 - amount * np.array([0.35, 0.75, 0.3]))).astype(np.uint8)


def glowing():
    """Two stains on a dark ground that have nothing in common, as channels saved in colour."""
    green, red = np.random.default_rng(0).random((2, 64, 64)) ** 12
    return np.stack([red, green, np.zeros_like(red)], -1) * 255


def in_grey(image):
    return np.dstack([image] * 3)


def labels():
    return np.add.outer(np.arange(96), np.arange(96)).astype(np.int32) // 32


def mask():
    return (np.hypot(*(np.indices((96, 96)) - 48)) < 30) * np.uint8(255)


def noisy(image, photons=100):
    """8 bits of a scene that sends few photons."""
    counts = np.random.default_rng(0).poisson(image / 255 * photons)
    return np.clip(counts * 255 / photons, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("image", "options", "reason"),
    [
        (counts(96, 96), {}, "16-bit, noise of about "),
        (counts(2, 3, 96, 96), {"channel_axis": 0}, "16-bit, noise of about "),
        (
            one_noisy_channel(),
            {"channel_axis": 0},
            "16-bit, noise of about 18 photons in channel 2",
        ),
        (
            one_noisy_channel().clip(0, 255).astype("u1"),
            {"channel_axis": 0},
            "8-bit, noise of about",
        ),
        (counts(96, 96), {"scale": 4}, "16-bit, noise of about "),
        (np.add.outer(np.arange(40), np.arange(40)).astype("uint16"), {}, "16-bit: micro-x2"),
        (data.camera()[::4, ::4], {}, "8-bit: micro-x2"),
        (data.camera()[::4, ::4] / np.float32(255), {"scale": 4}, "32-bit float: micro-x4"),
        (data.astronaut()[::4, ::4], {}, "8-bit, RGB, photograph: natural-x4"),
        (data.astronaut()[::4, ::4] / 255, {}, "64-bit float, RGB, photograph: natural-x4"),
        (stained(), {}, "8-bit, RGB, stained slide: micro-x2"),
        (data.immunohistochemistry(), {}, "8-bit, RGB, stained slide: micro-x2"),
        (data.immunohistochemistry()[..., ::-1], {}, "8-bit, RGB, photograph: natural-x4"),
        (glowing().astype(np.uint8), {}, "8-bit, RGB, dark ground, colours apart: micro-x2"),
        (in_grey(noisy(data.camera()[::2, ::2])), {}, "8-bit, RGB in grey, noise of about"),
        (in_grey(data.camera()[::4, ::4]), {}, "8-bit, RGB in grey: micro-x2"),
        (labels(), {}, "32-bit, flat areas as in labels: natural-x4"),
        (mask(), {}, "8-bit, two values as in a mask: natural-x4"),
        (mask() / 255, {"pixel_size": 0.1}, "64-bit float, two values as in a mask: natural-x4"),
        (noisy(data.camera()[::2, ::2]), {}, "8-bit, noise of about "),
        (noisy(data.camera()[::2, ::2]) / 255, {}, "64-bit float, noise of about "),
        (noisy(data.astronaut()[::2, ::2]), {}, "8-bit, RGB, noise of about"),
        (data.camera()[::4, ::4], {"pixel_size": 0.1}, "8-bit, pixels of 0.1 µm: micro-x2"),
        (data.astronaut()[::4, ::4], {"pixel_size": 84.7}, "8-bit, RGB, photograph"),
    ],
)
def test_rules(image, options, reason):
    assert choose_model(image, **options).reason.startswith(reason)


def test_noise_that_is_no_counts_is_told_by_the_photons_that_have_as_much():
    """A detector without gain: range over deviation, squared, are the photons."""
    scene = np.tile(np.linspace(0, 2000, 128, dtype=np.float32), (128, 1))
    image = scene + np.random.default_rng(0).normal(0, 200, scene.shape)
    words = choose_model(image.astype(np.float32)).reason
    photons = re.fullmatch(r"32-bit float, noise of about (\d+) photons: .*", words)
    assert photons and 100 < int(photons[1]) < 160


@pytest.mark.parametrize("photons", [3000, 10000])
def test_weak_noise_counts_where_little_else_is_fine(photons):
    """A smooth scene: a table for photographs would lose 3 dB to interpolation on it."""
    smooth = np.add.outer(np.arange(128), np.arange(128)) * 0.8 + 30
    assert choose_model(noisy(smooth, photons)).reason.startswith("8-bit, noise of about ")
    tinted = (noisy(smooth, photons)[..., None] * np.array([1, 0.9, 0.8])).astype(np.uint8)
    assert choose_model(tinted).name == "micro-x2"
    assert choose_model(noisy(data.astronaut()[::2, ::2], photons)).kind == "photograph"


@pytest.mark.parametrize("changed", ["as it is", "mean of frames", "JPEG", "hot pixels"])
def test_one_channel_makes_a_micrograph(changed):
    """A detector's pixels are means of what falls on them: a table for photographs that were made
    smaller otherwise loses up to 4 dB to interpolation on noise that is hardly seen."""
    image, file = data.camera()[::2, ::2], io.BytesIO()
    if changed == "mean of frames":
        frames = [np.random.default_rng(n).poisson(image * 31.4) / 31.4 for n in range(4)]
        image = np.rint(np.mean(frames, 0)).clip(0, 255).astype(np.uint8)
    elif changed == "JPEG":
        Image.fromarray(image).save(file, "jpeg", quality=75)
        image = np.asarray(Image.open(file))
    elif changed == "hot pixels":
        hot = np.random.default_rng(0).random(image.shape) < 0.02
        image = np.where(hot, 255, image).astype(np.uint8)
    assert choose_model(image).name == "micro-x2" and choose_model(image).kind == "micrograph"
    assert choose_model(image, scale=4).name == "micro-x4"


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((8, 8), np.uint16),
        np.full((64, 64), np.nan),
        np.full((64, 64), 255, np.uint8),
        np.zeros((1, 1)),
        np.full((9, 9, 3), np.nan, np.float32),
    ],
)
def test_images_that_tell_nothing_get_a_table_without_a_warning(image):
    assert choose_model(image).name in {entry.name for entry in list_models()}


def test_every_rule_names_a_shipped_table_and_its_scale():
    shipped = {entry.name for entry in list_models() if entry.origin == "shipped"}
    for rows in RULES.values():
        assert {name for _, name in rows} <= shipped
        assert all(name.endswith(f"-x{scale}") for scale, name in rows)


def test_a_new_table_joins_by_one_line(monkeypatch):
    monkeypatch.setitem(RULES, "micrograph", ((4, "natural-x4"), *RULES["micrograph"]))
    assert choose_model(counts(32, 32)).name == "natural-x4"


def test_upscale_and_upscaler_take_auto():
    image = counts(2, 40, 40)
    expected = upscale(image, "micro-x2")
    np.testing.assert_array_equal(upscale(image, "auto"), expected)
    np.testing.assert_array_equal(Upscaler("auto").fit(image).upscale(image), expected)
    lazy = upscale(da.from_array(image, chunks=(1, 40, 40)), "auto", value_range=(0, 90))
    assert isinstance(lazy, da.Array)
    np.testing.assert_array_equal(lazy, upscale(image, "micro-x2", value_range=(0, 90)))
    assert upscale(image, "auto", scale=4).shape == (2, 160, 160)


def test_what_auto_cannot_do_is_said():
    with pytest.raises(UnknownModelError, match="found 1, expected one of 2, 3, 4"):
        upscale(counts(9, 9), "auto", scale=1)
    with pytest.raises(ValueError, match=r"call fit\(stack\) first"):
        _ = Upscaler("auto").model
