"""What a degradation does to an image, as it is shown."""

import numpy as np
import pytest

from napari_autolut.arrays import finish
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.layers import (
    LayerPixels,
)
from napari_autolut.training.preview import effect_of, layer_plane, pair_effect
from napari_autolut.training.sources import (
    FolderSource,
)
from tests.pictures import picture
from tests.training_runs import save


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(200, 300), (50, 70)])
def test_both_pictures_of_an_effect_have_one_size(scale, size):
    effect = effect_of(picture(size).astype(np.float32), scale, Degradation())
    assert effect.before.shape == effect.after.shape
    assert effect.before.dtype == effect.after.dtype == np.uint8
    assert min(effect.before.shape) > 40
    blocks = effect.after[::scale, ::scale]
    np.testing.assert_array_equal(effect.after, blocks.repeat(scale, 0).repeat(scale, 1))


def test_noise_is_seen():
    plane = np.full((128, 128), 100, np.float32)
    plane[40:80] = 200
    quiet = effect_of(plane, 1, Degradation())
    noisy = effect_of(plane, 1, Degradation(noise=20))
    np.testing.assert_array_equal(quiet.before, quiet.after)
    assert (noisy.after != noisy.before).mean() > 0.3


def test_another_place_is_another_picture():
    plane = picture((600, 600)).astype(np.float32)
    first, second = (effect_of(plane, 2, Degradation(), place) for place in (0, 1))
    assert (first.before != second.before).any()


def test_a_pair_is_shown_at_the_same_place():
    lr = picture((150, 120)).astype(np.float32)
    hr = lr.repeat(3, 0).repeat(3, 1)
    effect = pair_effect(hr, lr, place=0)
    np.testing.assert_array_equal(effect.before, effect.after)


def test_planes_of_any_type_are_seen_in_256_levels():
    layer = LayerPixels("deep", picture((3, 40, 40), "uint16", top=60000), False)
    plane = layer_plane(layer)
    assert (plane.min(), plane.max()) == (0, 255)
    assert not np.isnan(layer_plane(LayerPixels("flat", np.zeros((40, 40)), False))).any()


@pytest.mark.filterwarnings("error")
def test_of_an_image_with_nan_at_its_borders_the_finite_part_is_shown(tmp_path):
    """Else its thumbnail is black, and so is each place that shows what a degradation does."""
    image = picture((200, 150), "float32")
    image[:40] = np.nan
    image[:, -20:] = np.inf
    save(tmp_path / "a.tif", image)
    source = FolderSource(tmp_path)
    (found,) = finish(source.find()).images
    assert found.thumbnail.std() > 20
    plane = source.plane(found)
    assert plane.shape == (160, 130) and np.isfinite(plane).all()
    effect = source.effect(found, 2, Degradation(), 0)
    assert effect.before.std() > 20
