"""LR crops made of HR crops on a device are what the processor makes of whole images."""

import functools
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch.nn import functional

from autolut_training.data.crop_source import crop_source, made_on_device
from autolut_training.data.made_crops import MadeCrops, made_smaller
from autolut_training.data.parts import Pair
from autolut_training.models.label_network import LabelNetwork, LabelNetworkError
from autolut_training.settings import Settings
from napari_autolut.arrays import resize

SETTINGS = Settings.of(
    scale=2, crop=16, intensity_augmentation=0.0, multi_scale=(), sub_pixel_phases=1
)


def image(dtype=np.uint8, side=64, scale=2):
    values = np.random.default_rng(0).integers(60, 196, (1, side, side))
    hr = values.astype(dtype)
    return Pair("image", hr, SETTINGS.changed(scale=scale).degradation.downscale(hr, scale))


def places(crop, plane, levels=1e-3):
    """Top left corners at which a crop lies in a plane, in one of four orientations.

    Where columns are made small before rows, and levels rounded between, they are 1 off.
    """
    windows = np.lib.stride_tricks.sliding_window_view(plane, crop.shape)
    return [
        tuple(place)
        for side in (crop, crop[::-1], crop.T, crop.T[::-1])
        for place in np.argwhere((np.abs(windows - side) < levels).all((2, 3)))
    ]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize(
    "degradation", [{}, {"method": "area"}, {"method": "gaussian", "sigma": 1.0}]
)
def test_lr_is_what_the_degradation_makes_of_the_image(dtype, degradation):
    settings = SETTINGS.changed(**degradation)
    pair = image(dtype)
    lr = settings.degradation.downscale(pair.hr, 2)[0]
    small, large = MadeCrops([pair], settings, np.random.default_rng(0)).batch(8)
    for coarse, fine in zip(small[:, 0].numpy(), large[:, 0].numpy(), strict=True):
        (corner,) = places(coarse, lr, 1.01 if dtype == np.uint8 else 1e-3)
        assert (2 * corner[0], 2 * corner[1]) in places(fine, pair.hr[0].astype(np.float32))


def test_lr_begins_at_any_pixel_that_is_asked_for():
    pair = image()
    crops = MadeCrops([pair], SETTINGS.changed(sub_pixel_phases=2), np.random.default_rng(0))
    fine_crops = crops.batch(32)[1][:, 0].numpy()
    corners = {place for fine in fine_crops for place in places(fine, pair.hr[0])}
    assert {(y % 2, x % 2) for y, x in corners} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_smaller_images_are_learned_from_too():
    pair = image(side=128)
    for part in (Fraction(3, 4), Fraction(1, 2)):
        made = made_smaller(pair.hr, part, torch.device("cpu"))
        np.testing.assert_allclose(made.astype(int), resize(pair.hr, part, axes=(1, 2)), atol=1)
    crops = MadeCrops([pair], SETTINGS.changed(multi_scale=(0.75, 0.5)), np.random.default_rng(0))
    assert [shape[1] for shape in crops.shapes] == [64, 96, 128]


def test_images_too_small_for_what_lr_pixels_see_are_planes():
    on_card = SETTINGS.changed(device="cuda")
    assert made_on_device([image(side=40)], on_card)
    assert not made_on_device([image(), image(side=38)], on_card)
    smaller = MadeCrops([image()], SETTINGS.changed(multi_scale=(0.5,)), np.random.default_rng(0))
    assert len(smaller.shapes) == 1


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_network_is_asked_once_about_every_place_of_the_lr_grid(dtype):
    distilled = {"route": "distilled", "label_weight": 1.0, "distill_start": 0.5}
    settings = SETTINGS.changed(sub_pixel_phases=2, multi_scale=(0.75,), **distilled)
    asked = []

    def network(planes):
        asked.append(planes.shape)
        return functional.interpolate(planes, scale_factor=2, mode="nearest")

    pairs = [image(dtype, side=63), image(dtype, side=80), image(dtype, side=63)]
    crops = MadeCrops(pairs, settings, np.random.default_rng(3), network)
    assert asked.count((2, 1, 31, 31)) == 4, "images of one size are asked about together"
    small, large = crops.batch(24)
    answers = functional.interpolate(small, scale_factor=2, mode="nearest")
    torch.testing.assert_close(large, answers, atol=1.01 if dtype == np.uint8 else 1e-3, rtol=0)
    assert len(asked) == 16, "four phases of four sizes, and nothing when crops are drawn"


def test_targets_are_a_mean_of_answers_and_hr():
    distilled = {"route": "distilled", "label_weight": 0.75, "distill_start": 0.5}
    settings = SETTINGS.changed(**distilled)
    make = functools.partial(MadeCrops, [image()], settings)
    _, truth = make(np.random.default_rng(3)).batch(4)
    _, mean = make(
        np.random.default_rng(3), lambda lr: torch.full((len(lr), 1, 64, 64), 7.0)
    ).batch(4)
    torch.testing.assert_close(mean, 0.25 * truth + 0.75 * 7)


def test_a_card_makes_lr_where_that_is_only_pixels():
    on_card = SETTINGS.changed(device="cuda")
    assert on_card.made_on_device and not SETTINGS.made_on_device
    assert not on_card.changed(jpeg=10).made_on_device
    assert not on_card.changed(method="given").made_on_device
    assert not isinstance(crop_source([image()], SETTINGS, np.random.default_rng(0)), MadeCrops)


def test_a_network_is_kept(tmp_path):
    first, second = LabelNetwork(2, 8, 1, seed=0), LabelNetwork(2, 8, 1, seed=1)
    first.write(tmp_path / "network.safetensors")
    second.read(tmp_path / "network.safetensors")
    planes = 255 * torch.rand(1, 1, 16, 16)
    torch.testing.assert_close(first(planes), second(planes), atol=0.1, rtol=0)
    with pytest.raises(LabelNetworkError, match="a network of 8 features, 2 blocks, x2"):
        LabelNetwork(2, 8, 2).read(tmp_path / "network.safetensors")
