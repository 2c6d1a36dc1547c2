"""Parts of a large image: which are computed, and that they are what the whole would be."""

import numpy as np
import pytest
from napari.layers import Image
from scipy.ndimage import gaussian_filter

from napari_autolut import denoise, load_model, upscale
from napari_autolut.comparison.layers import LayerSnapshot
from napari_autolut.comparison.methods import Bicubic, ExistingLayer, ModelMethod, Nearest
from napari_autolut.comparison.plan import ComparisonPlan, PlannedView
from napari_autolut.comparison.regions import REGION_SIDE, visible_box
from napari_autolut.comparison.results import Results
from napari_autolut.layers import upscaled_layer_data
from napari_autolut.util.boxes import Box
from tests.comparison.methods_run import finished
from tests.imagelayers import picture
from tests.noise.scenes import recorded, scene


def plan_of(layer, model, *others, truth=None, index=None, value_range=None):
    snapshot = LayerSnapshot.of(layer, index)
    existing = [LayerSnapshot.of(other, index) for other in others]
    compared = [
        PlannedView(Nearest(), snapshot),
        PlannedView(Bicubic(2), snapshot),
        PlannedView(ModelMethod(model, "small", 1), snapshot),
        *(PlannedView(ExistingLayer(e.name, e.pixels), e, own=True) for e in existing),
    ]
    return ComparisonPlan(snapshot, compared, len(compared), truth, value_range, Results())


def compared(plan, region=None):
    return finished(plan.steps(region))[1]


@pytest.mark.filterwarnings("ignore:the image has NaN")
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_a_region_has_the_pixels_and_the_place_that_it_has_in_the_whole(model, dtype):
    image = (picture(60, 70) * (1 if dtype == "uint8" else 10)).astype(dtype)
    if dtype == "float32":
        image[30:33, 40] = np.nan
    layer = Image(image, scale=(2, 3), rotate=20, translate=(5, 6), contrast_limits=(0, 99))
    truth = Image(picture(120, 140), scale=(1, 1.5), name="truth")
    plan = plan_of(layer, model, truth, truth=3)
    region = Box(21, 40, 33, 50)
    everything, cut = compared(plan), compared(plan, region)
    for whole, some in zip(everything.shown, cut.shown, strict=True):
        scale = whole.view.size[0] // 60
        expected = whole.view.pixels[region.times(scale).slices]
        np.testing.assert_array_equal(some.view.pixels, expected)
        placed, full = (Image(each.view.pixels, **_place(each)) for each in (some, whole))
        corner = (region.top * scale, region.left * scale)
        np.testing.assert_allclose(placed.data_to_world((0, 0)), full.data_to_world(corner))
    assert cut.truth is cut.views[3]
    assert cut.truth_range == everything.truth_range
    assert cut.source_size == (19, 17)


def _place(shown):
    meta = shown.layer_data()[1]
    return {key: meta[key] for key in ("scale", "translate", "rotate", "shear")}


def test_a_region_of_a_slice_of_colours(model):
    stack = Image(picture(3, 40, 50, 4), rgb=True)
    plan = plan_of(stack, model, index=(1,))
    region = Box(8, 20, 0, 11)
    everything, cut = compared(plan), compared(plan, region)
    for whole, some in zip(everything.views, cut.views, strict=True):
        rows, columns = region.times(whole.size[0] // 40).slices
        np.testing.assert_array_equal(some.pixels, whole.pixels[:, rows, columns])


def test_only_the_region_is_read(model):
    import dask.array as da

    read = []

    def block(block_info=None):
        read.append(block_info[None]["chunk-location"])
        return np.ones((64, 64), np.uint8)

    lazy = da.map_blocks(block, chunks=((64,) * 8, (64,) * 8), dtype=np.uint8, meta=np.ones(1))
    plan = plan_of(Image(lazy, contrast_limits=(0, 255)), model)
    read.clear()
    compared(plan, Box(200, 240, 200, 240))
    assert set(read) == {(3, 3)}


def test_the_region_is_what_is_seen_and_some_beyond_within_the_image(model):
    plan = plan_of(Image(np.zeros((3000, 4000), np.uint8)), model)
    region = plan.region(Box(1000, 1200, 2000, 2400))
    assert region == Box(950, 1250, 1900, 2500)
    assert plan.covers(region, Box(950, 1250, 1900, 2500))
    assert not plan.covers(region, Box(949, 1250, 1900, 2500))
    corner = plan.region(Box(-50, 100, 3900, 4500))
    assert (corner.top, corner.right) == (0, 4000)
    outside = plan.region(Box(-500, -100, 9000, 9500))
    assert outside.bottom > outside.top == 0
    assert outside.left < outside.right == 4000


def test_of_more_than_can_be_shown_well_the_middle_is_computed(model):
    plan = plan_of(Image(np.zeros((3000, 4000), np.uint8)), model)
    everything = Box(0, 3000, 0, 4000)
    region = plan.region(everything)
    assert region == Box(1500 - 512, 1500 + 512, 2000 - 512, 2000 + 512)
    assert region.bottom - region.top == REGION_SIDE
    assert plan.covers(region, everything)


def test_a_region_ends_where_pixels_of_all_layers_end(model):
    layer = Image(np.zeros((300, 400), np.uint8))
    other = Image(np.zeros((450, 600), np.uint8), scale=(2 / 3, 2 / 3))
    plan = plan_of(layer, model, other)
    region = plan.region(Box(101, 151, 31, 77))
    assert all(edge % 2 == 0 for edge in (region.top, region.bottom, region.left, region.right))
    assert compared(plan, region).views[3].size == (
        (region.bottom - region.top) * 3 // 2, (region.right - region.left) * 3 // 2
    )  # fmt: skip


def test_the_range_is_that_of_the_whole_image_whatever_is_compared(model):
    image = picture(40, 40).astype(np.uint16)
    image[:2, :2] = 60_000
    plan = plan_of(Image(image), model)
    assert plan.range_of_models.hi == 60_000
    chosen = plan_of(Image(image), model, value_range=(3, 500))
    assert (chosen.range_of_models.lo, chosen.range_of_models.hi) == (3, 500)
    some = compared(chosen, Box(10, 30, 10, 30)).views[2].pixels
    np.testing.assert_array_equal(some, compared(chosen).views[2].pixels[20:60, 20:60])


def test_what_is_seen_of_a_layer():
    layer = Image(np.zeros((100, 200)), scale=(2, 2))
    assert visible_box(layer, (100, 100), (20, 40)) == Box(40, 61, 30, 71)
    assert visible_box(layer, (0, 0), (20, 20)).top < 0
    assert visible_box(layer, (0, 0), (20, 20), size=(400, 800)) == Box(0, 42, 0, 42)


def test_noise_is_that_of_the_whole_image_as_for_upscaling_it():
    photons = np.random.default_rng(0).poisson(
        np.linspace(2, 60, 96 * 96).reshape(96, 96), (3, 96, 96)
    )
    layer = Image((50 * photons).astype(np.uint16))
    light = load_model("micro-x2-light")
    upscaled = upscaled_layer_data(layer, light)[0][1]
    as_it_is = upscale(layer.data[1], light, noise=None)
    rough, smooth = (np.abs(np.diff(each.astype(float))).mean() for each in (as_it_is, upscaled))
    assert smooth < rough / 2
    plan = plan_of(layer, light, index=(1,))
    np.testing.assert_array_equal(compared(plan).views[2].pixels[0], upscaled)
    cut = compared(plan, Box(20, 50, 30, 41)).views[2].pixels[0]
    np.testing.assert_array_equal(cut, upscaled[40:100, 60:82])


@pytest.mark.filterwarnings("ignore:neighbouring pixels share their noise")
def test_a_region_of_correlated_noise_is_cut_where_its_squares_begin():
    rng = np.random.default_rng(0)
    noise = gaussian_filter(rng.normal(size=(400, 416)), 0.8)
    image = np.rint(2_000 + 20 * np.add.outer(np.arange(400), np.zeros(416)) + 900 * noise)
    layer, model = Image(image.clip(0).astype(np.uint16)), load_model("micro-x2-light")
    plan = plan_of(layer, model)
    whole = compared(plan).views[2].pixels
    cut = compared(plan, Box(210, 250, 206, 246)).views[2].pixels
    np.testing.assert_array_equal(cut, whole[..., 420:500, 412:492])


def test_a_table_for_white_noise_denoises_as_the_denoise_dock_does():
    """Alone it would take the noise of a photograph from an image of any intensities."""
    image = recorded(scene(), 50)[:150, :160]
    layer, model = Image(image, name="cells"), load_model("denoise-10")
    plan, region = plan_of(layer, model), Box(40, 90, 30, 100)
    whole = compared(plan).shown[2].view.pixels
    np.testing.assert_array_equal(whole, denoise(image, model="denoise-10"))
    cut = compared(plan, plan.region(region)).shown[2].view.pixels
    np.testing.assert_array_equal(cut, whole[plan.region(region).slices])
    brighter = plan_of(Image(image * 2), model)
    assert compared(brighter).shown[2].view.pixels.std() > 1.9 * whole.std()
