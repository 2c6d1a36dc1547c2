"""What each degradation does to an image."""

import numpy as np
import pytest
from skimage import data, io

from autolut_training.api import train_folder
from autolut_training.data.crop_source import crop_source
from autolut_training.data.crops import CropSampler
from autolut_training.data.parts import Pair
from autolut_training.settings import Settings
from napari_autolut import NoiseModel, denoise, load_model
from napari_autolut.arrays.bicubic import resize
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.events import Done


@pytest.fixture
def planes():
    return data.camera()[None, 100:196, 100:196]


def test_bicubic_is_matlabs(planes):
    from fractions import Fraction

    expected = resize(planes[0], Fraction(1, 4))
    np.testing.assert_array_equal(Degradation().downscale(planes, 4)[0], expected)
    assert Degradation().downscale(planes, 1) is planes


def test_area_is_the_mean_of_each_block(planes):
    values = planes.astype(np.float32)
    small = Degradation("area").downscale(values, 3)
    assert small.shape == (1, 32, 32) and small.dtype == np.float32
    assert small[0, 4, 5] == pytest.approx(values[0, 12:15, 15:18].mean(), rel=1e-6)
    assert Degradation("area").downscale(planes, 3).dtype == np.uint8


def test_gaussian_blurs_before_it_bins():
    point = np.zeros((1, 33, 33), np.float32)
    point[0, 16, 16] = 255
    spread = Degradation("gaussian", sigma=2).downscale(point, 3)[0]
    assert spread.sum() * 9 == pytest.approx(255, rel=1e-3)
    centre = np.average(np.arange(11), weights=spread.sum(0))
    width = np.sqrt(np.average((np.arange(11) - centre) ** 2, weights=spread.sum(0)))
    assert centre == pytest.approx(5, abs=1e-3)
    assert 3 * width == pytest.approx(np.hypot(2, np.sqrt(8 / 12)), rel=0.05)


def test_jpeg_makes_blocks(planes):
    coded = Degradation(jpeg=10).downscale(planes, 1)
    assert coded.dtype == np.uint8 and coded.shape == planes.shape
    error = np.abs(coded.astype(int) - planes)
    assert 2 < error.mean() < 20
    finer = np.abs(Degradation(jpeg=90).downscale(planes, 1).astype(int) - planes)
    assert finer.mean() < error.mean() / 2


def test_noise_has_its_size():
    random = np.random.default_rng(0)
    flat = np.full((300, 300), 100, np.float32)
    assert Degradation(noise=10).add_noise(flat, random).std() == pytest.approx(10, rel=0.02)
    counted = Degradation(photons=51).add_noise(flat, random)
    assert counted.mean() == pytest.approx(100, rel=0.01)
    assert counted.std() == pytest.approx(100 / np.sqrt(20), rel=0.02)
    assert Degradation().add_noise(flat, random) is flat


def test_every_crop_has_noise_of_its_own():
    plane = np.full((1, 20, 20), 128, np.uint8)
    sampler = CropSampler([Pair("flat", plane, plane)], 1, 16, np.random.default_rng(0),
                          degradation=Degradation(noise=25))  # fmt: skip
    small, large = sampler.batch(2)
    assert (large == 128).all()
    assert (small[0] != small[1]).any()


def test_crops_of_counts_have_clean_sides_of_their_own():
    plane = np.tile(np.arange(0, 240, 12, dtype=np.uint8), (1, 20, 1))
    settings = Settings.of(
        scale=1, noise=10.0, stabilised=True, crop=16, intensity_augmentation=0.0, multi_scale=()
    )
    sampler = crop_source([Pair("ramp", plane, plane)], settings, np.random.default_rng(0))
    noisy, clean = sampler.batch(2)
    assert (clean[0] != clean[1]).any() and (noisy[0] != clean[0]).any()
    assert noisy.shape == clean.shape == (2, 1, 16, 16)


def test_a_denoiser_can_be_trained(tmp_path):
    for i in range(4):
        io.imsave(tmp_path / f"{i}.png", data.camera()[i * 100 : i * 100 + 96, 60:156])
    settings = Settings.of(
        scale=1, channels=(1,), branches=1, skip=False, steps=120, minutes=None, noise=25.0,
        grids=((0.0, 3),), batch=4, crop=16, multi_scale=(),
    )  # fmt: skip
    done = list(train_folder(tmp_path, tmp_path / "denoise.safetensors", settings))[-1]
    assert isinstance(done, Done)
    assert done.psnr > done.bicubic_psnr + 2, "better than the noisy input"
    assert load_model(tmp_path / "denoise.safetensors").scale == 1
    assert settings.changed(noise=10.0).degradation.noise == 10
    assert "Gaussian noise of 25" in load_model(tmp_path / "denoise.safetensors").card.description


def test_a_table_for_counts_can_be_given_to_denoise(tmp_path):
    scene = data.camera()[::4, ::4]
    io.imsave(tmp_path / "scene.png", scene)
    settings = Settings.of(
        scale=1, noise=10.0, stabilised=True, init_from="denoise-10-light", crop=16, batch=1,
        steps=1, minutes=None, grids=((0.0, 5),), multi_scale=(),
    )  # fmt: skip
    list(train_folder(tmp_path, tmp_path / "own.safetensors", settings))
    assert load_model(tmp_path / "own.safetensors").card.noise_sigma == 10
    noisy = np.random.default_rng(0).poisson(scene / 4.0).astype(np.float32)
    clean = denoise(noisy, NoiseModel(1.0, 0.0), model=tmp_path / "own.safetensors")
    assert np.square(clean - scene / 4.0).mean() < 0.3 * np.square(noisy - scene / 4.0).mean()
