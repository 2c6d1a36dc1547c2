"""Arguments of the public functions that are wrong in kind: one sentence that names them."""

import json
from dataclasses import asdict, replace

import dask.array as da
import numpy as np
import pytest
from napari.layers import Image
from xarray import DataArray

from napari_autolut import (
    NoiseModel,
    Upscaler,
    denoise,
    estimate_noise,
    evaluate,
    export_model,
    import_tables,
    load_model,
    make_isotropic,
    save_model,
    upscale,
)
from napari_autolut.arrays import choose_model
from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.value_range import IntensityWarning
from napari_autolut.evaluation.metrics import psnr_y, ssim_y
from napari_autolut.isotropic import load_axial_tables, save_axial_tables
from napari_autolut.isotropic.arrays import IsotropicWarning
from napari_autolut.layers import upscaled_layer_data
from napari_autolut.model import ModelError
from tests.pictures import picture

IMAGE = picture((24, 24))
STACK = np.stack([IMAGE] * 4)
NOISE = NoiseModel(1, 0)
SMALL = "natural-x2-light"


@pytest.mark.parametrize("image", ["cells.tif", None, b"cells.tif", [[1, 2], [3]]])
@pytest.mark.parametrize(
    "call",
    [
        *(upscale, denoise, estimate_noise, choose_model),
        *(lambda image: make_isotropic(image, 3), Upscaler().fit),
    ],
    ids=["upscale", "denoise", "noise", "choice", "isotropic", "Upscaler"],
)
def test_what_is_no_array(call, image):
    with pytest.raises(TypeError, match=r"^image: found .*array"):
        call(image)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: upscale(IMAGE, 5), "model: found 5, expected a name, a path or a LutModel"),
        (lambda: upscale(IMAGE, b"natural-x2"), "model: found b'natural-x2', expected a name"),
        (lambda: denoise(IMAGE, model=5), "model: found 5"),
        (lambda: upscale(STACK, channel_axis="c"), "channel_axis: found 'c', expected an integer"),
        (lambda: upscale(STACK, channel_axis=0.0), "channel_axis: found 0.0"),
        (lambda: make_isotropic(STACK, 3, z_axis="z"), "z_axis: found 'z'"),
        (lambda: make_isotropic(STACK, 3, table=5), "table: found 5, expected a file"),
        (lambda: make_isotropic(STACK, 3, rgb="no"), "rgb: found 'no', expected True or False"),
        (lambda: estimate_noise(STACK, channel_axis="c"), "channel_axis: found 'c'"),
        (
            lambda: denoise(STACK, channel_axis=True),
            "channel_axis: found True, expected an integer",
        ),
        (lambda: denoise(IMAGE, rgb={}), "rgb: found {}, expected True or False"),
        (lambda: upscale(IMAGE, rgb=2), "rgb: found 2, expected True or False"),
        (lambda: upscale(IMAGE, expected_error="no"), "expected_error: found 'no', expected True"),
        (
            lambda: upscale(Image(IMAGE, name="cells"), SMALL),
            "image: found a Image that makes no array; give the",
        ),
        (lambda: evaluate(SMALL, None), "hr_folder: found None, expected a path"),
        (lambda: evaluate(SMALL, ""), "hr_folder: found '', expected a path"),
        (lambda: evaluate(SMALL, ".", 5), "lr_folder: found 5, expected a path"),
        (lambda: import_tables(None), "source: found None, expected a path"),
        (lambda: export_model(SMALL, None), "path: found None, expected a path"),
        (lambda: save_model(SMALL, "a"), f"model: found '{SMALL}', expected a LutModel"),
        (lambda: save_model(load_model(SMALL), ""), "path: found '', expected a path"),
        (lambda: save_model(load_model(SMALL), "a", overwrite="no"), "overwrite: found 'no'"),
        (lambda: save_axial_tables(None, "a"), "tables: found None, expected those of learn_"),
        (lambda: save_axial_tables([5], "a"), r"tables: found \[5\], expected those of learn_"),
        (lambda: save_axial_tables([], None), "path: found None, expected a path"),
        (lambda: load_axial_tables(5), "path: found 5, expected a path"),
        (lambda: upscaled_layer_data(IMAGE, SMALL), "layer: found array.*, expected one of napari"),
        (lambda: resize(None, 2), "image: found object, expected an array of real numbers"),
        (lambda: resize(IMAGE * 1j, 2), "image: found complex128, expected an array of real"),
        (lambda: psnr_y(None, IMAGE, border=2), "image: found object, expected an array of real"),
        (lambda: ssim_y(IMAGE, IMAGE, border=1.5), "border: found 1.5, expected a whole number"),
        (lambda: Upscaler(SMALL, noise=5), "noise: found 5, expected a NoiseModel"),
        (lambda: NoiseModel(True, 0), "gain: found True, expected a number"),
        (lambda: upscale(IMAGE, "micro-x2", noise=5), "noise: found 5, expected a NoiseModel"),
        (lambda: denoise(IMAGE, noise=(1, 0)), r"noise: found \(1, 0\), expected a NoiseModel"),
        (lambda: denoise(IMAGE, {"gain": 1}), "noise: found {'gain': 1}"),
        (
            lambda: estimate_noise(da.ma.masked_equal(da.from_array(IMAGE), IMAGE[0, 0])),
            "image: found a masked array, expected a plain one",
        ),
    ],
)
def test_kinds(call, sentence):
    with pytest.raises(TypeError, match=f"^{sentence}"):
        call()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: denoise(IMAGE, strength="1"), "strength: found '1', expected a number"),
        (lambda: estimate_noise(STACK, channel_axis=3), "channel_axis: found 3, expected -3 to 2"),
        (lambda: estimate_noise(STACK, time_axis=7), "time_axis: found 7, expected -3 to 2"),
        (lambda: estimate_noise(STACK, time_axis=0, channel_axis=0), "image: found 3 axes"),
        (lambda: estimate_noise(IMAGE, channel_axis=0), "image: found 2 axes"),
        (
            lambda: estimate_noise(da.from_array(IMAGE)[da.from_array(IMAGE[0] > 9)]),
            "image: found a dask array of unknown shape",
        ),
        (
            lambda: make_isotropic(np.zeros((9, 32, 3)), 3),
            r"stack: found 3 columns \(shape \(9, 32, 3\)\), expected more; give rgb=True",
        ),
        (
            lambda: make_isotropic(DataArray(np.zeros((9, 9, 5)), dims=("y", "x", "z")), 3),
            "image: found the dimensions y, x, z, of which y, x, z would be taken for z, y, x",
        ),
        (lambda: denoise(IMAGE, strength=True), "strength: found True, expected a number"),
        (lambda: estimate_noise([]), "image: found 1 axis, expected at least 2"),
        (lambda: make_isotropic(STACK, 3, True), "psf: found True, expected 'either'"),
        (lambda: make_isotropic(STACK, "311"), "spacing: found '311', expected the distances"),
        (
            lambda: make_isotropic(STACK[..., :3], 3, rgb=True, channel_axis=0),
            "channel_axis: found 0 beside rgb=True",
        ),
        (lambda: resize(IMAGE, 0), "scale: found 0, expected a number above 0"),
        (lambda: resize(IMAGE, "2"), "scale: found '2', expected a number above 0"),
        (lambda: resize(IMAGE, 2, (0, 2)), "axes: found 2, expected -2 to 1"),
        (lambda: psnr_y(STACK, STACK, border=2), r"image: found shape \(4, 24, 24\), expected \(H"),
        (lambda: psnr_y(IMAGE, IMAGE, border=-1), "border: found -1, expected a whole number from"),
        (lambda: ssim_y(IMAGE, IMAGE[0], border=0), r"truth: found shape \(24,\), expected \(H"),
        (lambda: Upscaler(SMALL, "all"), "value range: found 'all', expected one of auto"),
        (lambda: Upscaler(SMALL, noise=NOISE), "noise: found a noise model, but natural-x2-light"),
        (lambda: Upscaler("auto", noise="no"), "noise: found 'no', expected 'auto', None"),
        (lambda: Upscaler(SMALL, colour="grey"), "colour: found 'grey', expected auto, luma"),
        (lambda: Upscaler(SMALL, engine="gpu"), "engine: found 'gpu', expected one of auto"),
        (lambda: NoiseModel(1e300, 0), r"gain: found 1e\+300, expected a number from 0 to 1e\+18"),
        (lambda: NoiseModel(1, 0, certainty=5), "certainty: found 5, expected 0 to 1"),
    ],
)
def test_values(call, sentence):
    with pytest.raises(ValueError, match=f"^{sentence}"):
        call()


def test_a_model_without_a_name_is_not_the_folder():
    with pytest.raises(LookupError, match="no model named ''"):
        load_model("")


def test_a_noise_model_takes_any_sequence():
    model = NoiseModel(1, 0, np.array([0.5, 0.25]))
    assert model == NoiseModel(1, 0, [0.5, 0.25]) == NoiseModel(1, 0, (0.5, 0.25))
    assert hash(model) == hash(NoiseModel(1, 0, (0.5, 0.25)))


def test_noise_of_nested_lists_tensors_and_masked_arrays():
    torch = pytest.importorskip("torch")
    noisy = np.random.default_rng(0).poisson(30, (64, 64))
    found = estimate_noise(noisy)
    assert estimate_noise(noisy.tolist()) == found
    assert estimate_noise(torch.from_numpy(noisy)) == found
    other = noisy.copy()
    other[:32] = 20 * noisy[:32]
    hidden = other > 300
    masked = np.ma.MaskedArray(other, hidden)
    assert estimate_noise(masked) != estimate_noise(other)
    assert estimate_noise(masked) == estimate_noise(np.where(hidden, np.nan, other))


def test_a_noise_model_holds_plain_numbers():
    """So that it can be written as JSON, and is shown as it is typed."""
    model = NoiseModel(np.float32(0.5), np.int64(3), certainty=np.float64(1))
    assert json.loads(json.dumps(asdict(model)))["offset_variance"] == 3
    assert repr(model) == repr(NoiseModel(0.5, 3))


def test_a_distance_of_slices_of_any_real_type():
    assert make_isotropic(STACK, np.float32(3)).shape == (12, 24, 24)


@pytest.mark.parametrize("noise", [NoiseModel(1e-9, 0), NoiseModel(0, 1e-12)])
def test_noise_that_nobody_sees_takes_no_time(noise):
    noisy = np.random.default_rng(0).poisson(30, (24, 24)).astype(np.uint16)
    np.testing.assert_array_equal(denoise(noisy, noise), noisy)


@pytest.mark.parametrize(
    "field", [{"name": None}, {"licence": 5}, {"noise_strength": 0}, {"noise_sigma": "3"}]
)
def test_a_card_that_could_not_be_read_again_is_not_written(field, tmp_path):
    model = load_model(SMALL)
    wrong = replace(model, card=replace(model.card, **field))
    with pytest.raises(ModelError, match=f"^{next(iter(field))}: found"):
        save_model(wrong, tmp_path / "wrong.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_integers_that_float64_cannot_tell_apart():
    counts = STACK.astype(np.uint64)
    with pytest.warns(IntensityWarning, match="rounded to multiples of 2048"):
        upscale(counts + np.uint64(2**63), SMALL)
    with pytest.warns(IsotropicWarning, match="one grey level"), pytest.warns(IntensityWarning):
        make_isotropic(counts + np.uint64(2**63), 3)
    upscale(counts + np.uint64(2**52), SMALL)  # a warning would be an error


@pytest.mark.parametrize(
    "call",
    [
        lambda array: upscale(array, array),
        lambda array: upscale(array, value_range=array),
        lambda array: upscale(array, "micro-x2", noise=array),
        lambda array: upscale(array, scale=array),
        lambda array: upscale(array, rgb=array),
        lambda array: denoise(array, array),
        lambda array: load_model(array),
        lambda array: save_model(array, "a.safetensors"),
        lambda array: evaluate("natural-x2", array),
    ],
)
def test_an_array_in_the_wrong_place_is_quoted_in_a_line(call):
    with pytest.raises((TypeError, ValueError), match=r"found .*array.*, expected") as caught:
        call(np.ones((40, 50), np.uint16))
    assert len(str(caught.value)) < 250 and "\n" not in str(caught.value)
