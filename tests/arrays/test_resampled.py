"""Any factor: sizes, place, one result however it is cut, pixels that are no numbers, refusals."""

from fractions import Fraction

import dask.array as da
import numpy as np
import pytest
from PIL import Image
from skimage import data

from napari_autolut import Upscaler, upscale
from napari_autolut.arrays import Axes, Range, finish, run, settled_task
from napari_autolut.arrays import resampled as module
from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.lazy import computed_lazily
from napari_autolut.engine import plane_engine
from napari_autolut.noise import NoiseModel
from tests.models import doubling_model
from tests.pictures import picture

MODEL = doubling_model()
reference = plane_engine("reference")
ALL_DTYPES = ["uint8", "uint16", "int32", "float32", "float64"]


def task_of(image, scale, *, rgb=False, model=MODEL):
    rows = image.ndim - 2 - rgb
    return settled_task(image, Axes((rows, rows + 1), rgb), (Range(10, 150),), model, scale=scale)


def with_hole(shape, dtype):
    image = picture(shape, dtype)
    if image.dtype.kind == "f":
        image[..., 6, 9 if shape[-1] > 4 else 1] = np.nan
    return image


@pytest.mark.parametrize(("number", "dtype"), [*enumerate(ALL_DTYPES)])
@pytest.mark.parametrize("rgb", [False, True])
def test_the_same_bits_however_it_is_cut(number, dtype, rgb):
    """Planes and colours of every type, by one of three factors each."""
    shape, scale = ((19, 22, 4) if rgb else (2, 23, 31)), (1.1, 1.7, 2.5)[(number + rgb) % 3]
    image = with_hole(shape, dtype)
    task = task_of(image, scale, rgb=rgb)
    whole = finish(run(task, reference, warn=False))
    rows = task.axes.spatial[0]
    assert whole.dtype == image.dtype
    assert whole.shape[rows] == int(shape[rows] * scale + 0.5)
    tiled = finish(run(task, reference, tile_size=7, warn=False))
    np.testing.assert_array_equal(tiled, whole)
    chunks = [9 if axis in task.axes.spatial else -1 for axis in range(image.ndim)]
    lazy = computed_lazily(task.on(da.from_array(image, chunks=chunks)), "reference")
    assert lazy.shape == whole.shape
    np.testing.assert_array_equal(lazy, whole)
    squares = np.zeros_like(whole)
    for block, square in task.squares(16):
        patch, place = task.patch(block)
        values = task.on_patch(block, patch, place).computed(place, reference)
        part = task.axes.spatial_last(squares)[block.planes]
        part[(..., *square.slices) + (slice(None),) * rgb] = task.cut_to(square, block, values)
    np.testing.assert_array_equal(squares, whole)


def test_the_compiled_kernel_has_the_bits_of_numpy(monkeypatch):
    image = picture((23, 31), "float32")
    compiled = finish(run(task_of(image, 1.7), reference))
    monkeypatch.setattr(module, "compiled", lambda *_: None)
    np.testing.assert_array_equal(finish(run(task_of(image, 1.7), reference)), compiled)


def test_pixels_that_are_no_numbers_stay_where_they_are():
    image = np.full((20, 20), 40.0, np.float32)
    image[5, 6] = np.nan
    found = finish(run(task_of(image, 1.5), reference, warn=False))
    holes = np.argwhere(np.isnan(found))
    centres = (holes + 0.5) / 1.5
    assert len(holes) and (np.floor(centres) == [5, 6]).all()
    assert np.ptp(found[np.isfinite(found)]) < 0.01


@pytest.mark.parametrize("scale", [1.3, 2.5, 3.7, 5, 6.5])
def test_a_flat_image_stays_flat_and_ramps_stay_in_place(scale):
    flat = np.full((12, 14), 93, np.uint8)
    assert (upscale(flat, scale=scale) == 93).all()
    ramp = np.broadcast_to(np.linspace(20, 200, 60), (30, 60)).astype(np.float32)
    found = upscale(ramp, scale=scale, value_range=(0, 255))
    columns = (np.arange(found.shape[1]) + 0.5) * 60 / found.shape[1] - 0.5
    expected = np.interp(columns, np.arange(60), ramp[0])
    inner = slice(int(4 * scale), -int(4 * scale))
    np.testing.assert_allclose(found[found.shape[0] // 2, inner], expected[inner], atol=1.5)


def test_values_outside_the_range_are_carried():
    image = picture((20, 20), "uint16", top=300) + 100
    image[8:12, 8:12] = 40_000
    found = upscale(image, scale=2.5, value_range=(0, 500))
    assert found[20:30, 20:30].mean() > 35_000


@pytest.mark.parametrize("scale", [1.5, 2.5, 3.5])
def test_it_beats_lanczos_of_the_source(scale):
    truth = data.camera()[100:310, 150:360].astype(np.float64)
    small = resize(truth.astype(np.uint8), 1 / Fraction(scale).limit_denominator(9))
    found = upscale(small, scale=scale).astype(np.float64)
    plain = Image.fromarray(small).resize(found.shape[::-1], Image.Resampling.LANCZOS)
    truth = truth[: found.shape[0], : found.shape[1]]
    errors = [
        ((each - truth) ** 2)[8:-8, 8:-8].mean() for each in (found, np.asarray(plain, float))
    ]
    assert 10 * np.log10(errors[1] / errors[0]) > 0.8


def test_noise_alpha_and_kept_ranges():
    stack = picture((2, 24, 25), "uint16", top=4000)
    upscaler = Upscaler(scale=2.5).fit(stack)
    np.testing.assert_array_equal(
        upscaler.upscale(stack[1]),
        upscale(stack[1], scale=2.5, value_range=upscaler.value_range),
    )
    noisy = np.random.default_rng(0).poisson(stack / 40).astype(np.uint16)
    found = upscale(noisy, "micro-x4", scale=2.5, noise=NoiseModel(1.0, 0.0))
    assert found.shape == (2, 60, 63)
    assert not np.array_equal(found, upscale(noisy, "micro-x4", scale=2.5, noise=None))
    rgba = picture((12, 13, 4))
    rgba[..., 3] = 255
    assert (upscale(rgba, scale=1.5)[..., 3] == 255).all()


def test_the_model_of_a_scale():
    image = picture((12, 13))
    for scale, name in ((1.4, "natural-x2"), (2.5, "natural-x3"), (3.2, "natural-x4")):
        np.testing.assert_array_equal(
            upscale(image, scale=scale), upscale(image, name, scale=scale)
        )
    assert upscale(image, scale=8).shape == (96, 104)
    assert upscale(image.astype(np.uint16), "auto", scale=2.5).shape == (30, 33)
    with pytest.raises(
        ValueError, match="natural-x2 enlarges 2 times; give a model that enlarges 3"
    ):
        upscale(image, "natural-x2", scale=2.5)
    with pytest.raises(ValueError, match=r"expected error: found the scale 2\.5, expected 3"):
        upscale(image, scale=2.5, expected_error=True)
    with pytest.raises(ValueError, match=r"scale: found 0\.5, expected a number from 1 to 8"):
        upscale(image, scale=0.5)


@pytest.mark.usefixtures("integers_of_32_bits")
def test_places_in_large_images_do_not_overflow():
    taps = module.Contributions.of(30011, Fraction(75028, 30011), 75025, 75028)
    assert taps.nearest.tolist() == [30010, 30010, 30010]
    assert taps.indices.max() == 30010 and taps.indices.min() > 30000


@pytest.mark.parametrize("kernels", [True, False])
@pytest.mark.parametrize("value", [np.finfo(np.float32).max, np.finfo(np.float32).min])
def test_pixels_as_large_as_a_float_can_be_become_no_nan(value, kernels, monkeypatch):
    if not kernels:
        monkeypatch.setattr(module, "compiled", lambda _: None)
    image = picture((20, 24), "float32")
    image[5:9, 6:9] = value
    result = upscale(image, MODEL, scale=1.5, value_range=(0, 255))
    assert np.isfinite(result).all() and np.abs(result[:, 20:]).max() < 300
    assert result[10, 11] == pytest.approx(value, rel=0.05)
    image[5:9, 6:9] = value / 1e6
    beside = upscale(image, MODEL, scale=1.5, value_range=(0, 255))
    np.testing.assert_array_equal(result[:, 20:], beside[:, 20:])
