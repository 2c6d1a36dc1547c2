"""The noise model that an image tells of itself."""

from itertools import product

import numpy as np
import pytest
from benchmarks.noise_scenes import cells
from scipy.ndimage import gaussian_filter, rotate
from skimage import data, io

from napari_autolut import denoise, estimate_noise
from napari_autolut.noise import NoiseModel, planes_of
from tests.noise.scenes import PAIRS, recorded, scene, simulated


@pytest.mark.parametrize(("name", "photons"), [*product(("camera", "cell"), (20, 100, 1000))])
def test_gain_of_known_noise(name, photons):
    noise = estimate_noise(recorded(scene(name), photons))
    assert noise.gain == pytest.approx(20, rel=0.1)
    assert not noise.is_correlated and noise.certainty > 0.7


@pytest.mark.parametrize("photons", [5, 5000])
def test_variance_where_light_is_scarce_or_plenty(photons):
    noise = estimate_noise(recorded(scene(), photons, read=0.5))
    mean = photons * 20 / 2 + 100
    assert noise.variance(mean) == pytest.approx(400 * (photons / 2 + 0.25), rel=0.15)


@pytest.mark.parametrize("read", [0.0, 1.0])
def test_gain_of_few_photons_in_a_dark_image(read):
    """The brightest of many dark blocks are those with the largest noise, and say little."""
    clean = np.zeros((512, 512))
    clean[tuple(np.random.default_rng(1).integers(40, 470, (2, 8)))] = 1
    clean = gaussian_filter(clean, 20)
    noises = [
        estimate_noise(recorded(clean / clean.max(), 5, read=read, seed=seed)) for seed in range(5)
    ]
    assert np.mean([noise.gain for noise in noises]) == pytest.approx(20, rel=0.1)


@pytest.mark.parametrize("photons", [50, 200])
def test_noise_of_bright_places_in_a_small_image(photons):
    """Few blocks are bright; those of the dark ground tell nothing of their noise."""
    clean = np.zeros((80, 80))
    clean[tuple(np.random.default_rng(1).integers(8, 72, (2, 12)))] = 1
    clean = gaussian_filter(clean, 4)
    clean /= clean.max()
    noises = [estimate_noise(recorded(clean, photons, seed=seed)) for seed in range(5)]
    variance = np.mean([noise.variance(20 * photons + 100) for noise in noises])
    assert variance == pytest.approx(400 * (photons + 4), rel=0.25)


@pytest.mark.parametrize("gain", [1.0, 20.0])
def test_counts_of_few_photons_are_not_cut_off(gain):
    """Most dark pixels have none, which is no lower limit of the detector."""
    image = recorded(simulated(cells) + 0.02, 5, gain=gain, read=0)
    noise = estimate_noise(image)
    assert noise.gain == pytest.approx(gain, rel=0.1)
    assert noise.variance(100 + 0.1 * gain) == pytest.approx(0.1 * gain**2, rel=0.35)


def test_saturated_and_padded_images():
    image = np.minimum(recorded(scene(), 100), 1500)
    padded = np.pad(image, 40)
    assert estimate_noise(padded).gain == pytest.approx(20, rel=0.1)


def test_few_photons_that_saturate():
    """Only dark blocks had no saturated pixel, and denoising left the image as it was."""
    clean = simulated(cells) + 0.03
    image = np.minimum(recorded(clean, 8, read=1.2), 100 + 20 * 2)
    truth = np.minimum(100 + 160 * clean, 140)
    errors = [np.std(each.astype(float) - truth) for each in (denoise(image), image)]
    assert errors[0] < 0.35 * errors[1]


def test_eight_bits():
    image = (recorded(scene(), 200, gain=1.0, offset=0) // 2).astype(np.uint8)
    assert estimate_noise(image).gain == pytest.approx(0.5, rel=0.1)


def test_a_stack_a_channel_and_several_files_are_one_measurement():
    stack = np.stack([recorded(scene(), 50, seed=seed) for seed in range(3)])
    noises = estimate_noise(np.stack([stack, stack * 2]), channel_axis=0)
    assert [noise.gain for noise in noises] == pytest.approx([20, 40], rel=0.1)
    assert estimate_noise(list(stack)) == noises[0]


def test_frames_of_a_still_scene_need_no_flat_ground():
    rng = np.random.default_rng(1)
    texture = rng.uniform(0, 1, (96, 96)) * np.linspace(0.1, 1, 96)  # nothing in it is flat
    frames = np.stack([recorded(texture, 400, seed=seed) for seed in range(4)])
    assert estimate_noise(frames, time_axis=0).gain == pytest.approx(20, rel=0.1)


def test_what_is_said_of_noise_gives_the_same_noise():
    single, series = (
        recorded(scene(), 50),
        np.stack([recorded(scene(), 50, seed=n) for n in (1, 2)]),
    )
    for noise in (estimate_noise(single), estimate_noise(series, time_axis=0)):
        assert float(f"{noise.gain:.4g}") == noise.gain > 0
        assert float(f"{noise.offset_variance:.4g}") == noise.offset_variance != 0


def test_correlated_noise_is_told_from_white():
    rng = np.random.default_rng(2)
    white = rng.normal(0, 1, (200, 200))
    blurred = gaussian_filter(white, 0.9)
    lag = float((blurred[:, 1:] * blurred[:, :-1]).mean() / blurred.var())
    noise = estimate_noise(1000 + 50 * blurred / blurred.std())
    assert noise.is_correlated
    assert noise.correlation[0] == pytest.approx(lag, abs=0.15)
    assert noise.variance(1000) == pytest.approx(2500, rel=0.3)
    assert not estimate_noise(1000 + 50 * white).is_correlated


def test_no_noise():
    ramp = np.add.outer(np.arange(64.0), np.arange(64.0))
    assert estimate_noise(ramp).is_none


@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        (np.zeros((64, 64)), ValueError, "found 0 blocks"),
        (np.ones((4, 4)), ValueError, "found planes of 4 x 4 pixels, expected at least 8 x 8"),
        (np.ones((40, 40, 3)), ValueError, "planes of 40 x 3 pixels.* channel_axis=-1"),
        (np.full((32, 32), 1e25), ValueError, r"found intensities of up to 1e\+25, expected"),
        (np.full((32, 32), 1e-25), ValueError, "found intensities of up to 1e-25, expected"),
        (np.ones(5), ValueError, "found 1 axis"),
        (np.ones((16, 16), complex), TypeError, "complex128"),
    ],
)
def test_what_tells_of_no_noise(image, error, words):
    with pytest.raises(error, match=words):
        estimate_noise(image)


def test_one_frame_is_no_series():
    with pytest.raises(ValueError, match="found 1 frame"):
        estimate_noise(np.ones((1, 32, 32)), time_axis=0)


def test_a_model_in_words():
    assert (
        str(NoiseModel(2.0, 9.0))
        == "white noise, 2 grey levels per photon, 3 grey levels in the dark"
    )
    assert str(NoiseModel(0.0, 0.0)) == "no noise"
    assert NoiseModel(2.0, -20.0).photons(110.0) == 50
    with pytest.raises(ValueError, match="gain: found -1"):
        NoiseModel(-1.0, 0.0)


def pairs():
    return sorted(path.name for path in (PAIRS / "noisy").glob("*.png"))


@pytest.mark.skipif(not PAIRS.is_dir(), reason="the pairs of FMD are not in this checkout")
@pytest.mark.parametrize("name", pairs())
def test_real_pairs(name):
    noisy, clean = (io.imread(PAIRS / kind / name).astype(float) for kind in ("noisy", "clean"))
    noise = estimate_noise(noisy)
    assert noise.is_correlated == name.startswith("WideField")
    inside = (noisy < 250) & (clean > np.quantile(clean, 0.05))
    found = noise.variance(clean[inside]).mean()
    assert found == pytest.approx(((noisy - clean)[inside] ** 2).mean(), rel=0.35)


def test_few_photons_in_the_dark():
    """Zeros are no border where pixels beside them are none."""
    rng = np.random.default_rng(6)
    scene = np.clip(gaussian_filter(rng.normal(size=(200, 200)), 6) * 200, 0.5, None)
    assert estimate_noise(rng.poisson(scene) * 60).gain == pytest.approx(60, rel=0.15)


def test_no_more_than_some_millions_of_pixels_are_looked_at():
    stack = np.broadcast_to(np.arange(1300, dtype=np.uint16), (60, 1100, 1300))
    sizes = [piece.size for piece in planes_of(stack)]
    assert len(sizes) == 32 * 4
    assert 2**21 < sum(sizes) <= 2**22
    assert [piece.shape for piece in planes_of(stack[0])] == [(512, 512)] * 4


@pytest.mark.parametrize(("order", "angle"), [(1, 7), (1, 30), (3, 12), (3, 30)])
def test_noise_of_a_rotated_image(order, angle):
    """Interpolation makes it weaker and correlated; blind to that, a thirtieth of it was found."""
    clean = gaussian_filter(data.cell() / 255, 2)
    image = recorded(clean, 100)
    inside = slice(60, -60), slice(60, -60)
    seen, ideal = (
        rotate(each.astype(float), angle, reshape=False, order=order)[inside]
        for each in (image, clean * 2000 + 100)
    )
    noise = estimate_noise(seen)
    assert noise.is_correlated
    assert noise.variance(ideal).mean() == pytest.approx(np.var(seen - ideal), rel=0.25)


def test_of_several_files_each_channel_is_that_of_all():
    rng = np.random.default_rng(0)
    weak, strong = (rng.normal(100, sigma, (2, 128, 128)) for sigma in (3, 9))
    together = estimate_noise([weak, strong], channel_axis=0)
    assert together == [estimate_noise([weak[n], strong[n]]) for n in range(2)]
    assert together[0] != estimate_noise(weak[0])


def test_correlation_is_the_mean_of_rows_and_columns():
    noise = gaussian_filter(np.random.default_rng(0).normal(0, 40, (384, 384)), (1.2, 0.8))
    found, turned = (estimate_noise(each + 500) for each in (noise, noise.T))
    assert found.is_correlated
    np.testing.assert_allclose(found.correlation, turned.correlation, atol=0.01)
