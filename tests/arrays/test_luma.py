"""Colours through luma: luma is the table's own, edges keep their colours, whatever the blocks."""

from fractions import Fraction

import dask.array as da
import numpy as np
import pytest
from skimage import data

from napari_autolut import Upscaler, load_model, upscale
from napari_autolut.arrays import Axes, LumaTask, Range, Task, finish, resize, run, settled_task
from napari_autolut.arrays import luma as module
from napari_autolut.engine import plane_engine
from tests.pictures import picture

RGB = Axes((0, 1), rgb=True)
BYTES = (Range(0, 255),)
PHOTO = data.astronaut()[60:132, 180:260]
LIGHT = load_model("natural-x4-light")


def luma(image):
    return image[..., :3].astype(np.float64) @ module.LUMA


def made(image, model=LIGHT, ranges=BYTES, **options):
    return finish(run(LumaTask(image, RGB, ranges, model), plane_engine(), **options))


def test_luma_is_what_the_table_makes_of_it():
    found = luma(made(PHOTO.astype(np.float32)))
    alone = upscale(luma(PHOTO).astype(np.float32), LIGHT, value_range=(0, 255))
    inside = (found > 6) & (found < 240)  # where no colour is cut off
    assert np.quantile(np.abs(found - alone)[inside], 0.99) < 0.5


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_same_bits_however_it_is_cut(dtype):
    image = np.dstack([PHOTO, np.full(PHOTO.shape[:2], 255, np.uint8)]).astype(dtype)
    image[20:30, 30:40, 3] = 0
    if dtype == "float32":
        image[5, 6, 1] = np.nan
    ranges = (Range(20, 180),)
    whole = made(image, ranges=ranges, warn=False)
    np.testing.assert_array_equal(made(image, ranges=ranges, tile_size=23, warn=False), whole)
    upscaled = upscale(
        da.from_array(image, chunks=(29, 31, 4)), LIGHT, value_range=(20, 180), colour="luma"
    )
    np.testing.assert_array_equal(upscaled, whole)
    if dtype == "float32":
        assert np.isnan(whole[20:24, 24:28, 1]).all() and np.isnan(whole).sum() == 16
    part = settled_task(image, RGB, ranges, LIGHT, scale=2.5, colour="luma")
    np.testing.assert_array_equal(
        finish(run(part, plane_engine(), tile_size=19, warn=False)),
        finish(run(part, plane_engine(), warn=False)),
    )


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_a_value_outside_the_range_changes_no_bit_far_from_it(dtype):
    image, ranges = PHOTO.astype(dtype) * 5 + 251, (Range(251, 1601.7),)
    inside = made(image, ranges=ranges)
    image[3, 4] = 1700
    whole = made(image, ranges=ranges)
    np.testing.assert_array_equal(whole[80:], inside[80:])
    np.testing.assert_array_equal(made(image, ranges=ranges, tile_size=23), whole)


@pytest.mark.parametrize("name", ["natural-x2-light", "natural-x3", "natural-x4-light"])
def test_the_compiled_kernels_have_the_bits_of_numpy(name, monkeypatch):
    model = load_model(name)
    compiled = made(PHOTO, model)
    monkeypatch.setattr(module, "TOGETHER", 700)
    np.testing.assert_array_equal(made(PHOTO, model), compiled)
    monkeypatch.setattr(module, "compiled", lambda *_: None)
    np.testing.assert_array_equal(made(PHOTO, model), compiled)


@pytest.mark.parametrize("colours", [((255, 0, 0), (0, 0, 255)), ((0, 0, 255), (255, 255, 0))])
def test_saturated_edges_have_no_other_colours(colours):
    one, other = (np.array(each, np.float64) for each in colours)
    truth = np.empty((96, 96, 3), np.uint8)
    truth[:] = one
    truth[20:70, 30:64] = other
    small = resize(truth, Fraction(1, 4))
    found = made(small, load_model("natural-x4")).astype(np.float64)
    step = other - one
    along = np.clip((found - one) @ step / (step @ step), 0, 1)
    strange = np.abs(found - (one + along[..., None] * step)).max()
    by_channels = upscale(small, "natural-x4", colour="channels").astype(np.float64)
    share = np.clip((by_channels - one) @ step / (step @ step), 0, 1)
    assert strange < np.abs(by_channels - (one + share[..., None] * step)).max()
    assert strange < 20
    blurred = resize(small, 4).astype(np.float64)
    assert ((found - truth) ** 2).mean() < 0.8 * ((blurred - truth) ** 2).mean()


def test_it_is_close_to_channels_apart_and_16_bits_are_as_good():
    truth = data.astronaut()[40:168, 160:304]
    small = resize(truth, Fraction(1, 4))

    def psnr(found):
        return -10 * np.log10(((found.astype(np.float64) - truth)[4:-4, 4:-4] ** 2).mean() / 255**2)

    apart, luma_once = (upscale(small, LIGHT, colour=way) for way in ("channels", "luma"))
    assert psnr(luma_once) > psnr(apart) - 0.3
    assert psnr(luma_once) > psnr(resize(small, 4)) + 0.3
    deep = upscale(small.astype(np.uint16) * 257, LIGHT, value_range="dtype", colour="luma")
    np.testing.assert_allclose(deep / 257.0, luma_once, atol=0.6)


def test_values_outside_the_range_are_carried():
    image = PHOTO.astype(np.uint16)
    image[30:40, 30:40, 0] = 3000
    found = made(image)
    assert found[124:156, 124:156, 0].mean() > 2500
    assert found[124:156, 124:156, 1].max() < 300


def test_photographs_go_through_luma_and_stains_do_not():
    model = load_model("natural-x4-light")
    fluorescence = np.zeros((64, 64, 3), np.uint8)
    for channel in range(3):
        fluorescence[..., channel] = picture((64, 64), seed=channel)
    slide = np.full((64, 64, 3), 240, np.uint8)
    slide[10:50, 10:50] = (150, 60, 160)
    for image, through in ((PHOTO, True), (fluorescence, False), (slide, False)):
        task = settled_task(image, RGB, BYTES, model, colour="auto")
        assert isinstance(task, LumaTask) == through
    deep = settled_task(PHOTO.astype(np.uint16), RGB, BYTES, model, colour="auto")
    same_size = settled_task(PHOTO, RGB, BYTES, load_model("deblock-jpeg"), colour="auto")
    assert type(deep) is type(same_size) is type(settled_task(PHOTO, RGB, BYTES, model)) is Task
    luma = upscale(PHOTO, model, colour="luma")
    np.testing.assert_array_equal(upscale(PHOTO, model, colour="auto"), luma)
    kept = Upscaler(model, rgb=True, colour="luma").fit(PHOTO).upscale(PHOTO)
    np.testing.assert_array_equal(kept, luma)
    assert not np.array_equal(kept, upscale(PHOTO, model))


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="colour: found 'chroma', expected auto, luma or channels"):
        upscale(PHOTO, LIGHT, colour="chroma")
    with pytest.raises(ValueError, match="colour: found 'luma', expected an RGB image"):
        upscale(PHOTO[..., 0], LIGHT, colour="luma")
    with pytest.raises(ValueError, match="micro-x2 knows the noise of each channel"):
        upscale(PHOTO, "micro-x2", colour="luma")
