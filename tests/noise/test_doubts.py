"""What speaks against the noise that was found is said in Python, docks and the shell alike."""

import io

import numpy as np
import pytest
from benchmarks.noise_scenes import cells, soft
from PIL import Image
from scipy.ndimage import gaussian_filter

from napari_autolut import Upscaler, denoise, upscale
from napari_autolut.arrays import Axes
from napari_autolut.denoising import NoiseWarning, find_noise
from napari_autolut.noise import NoiseModel, noise_of_planes, planes_of
from napari_autolut.noise.doubts import doubts
from napari_autolut.noise.filtered import filtered_doubt
from tests.commandline import run

AXES = Axes((0, 1))


@pytest.fixture
def jpeg():
    light = (cells(np.random.default_rng(0), 256) + 0.05) * 40
    counts = np.random.default_rng(1).poisson(light)
    file = io.BytesIO()
    image = np.clip(20 + counts * 3, 0, 255).astype(np.uint8)
    Image.fromarray(image).save(file, "jpeg", quality=85)
    return np.asarray(Image.open(file))


@pytest.fixture
def shaded():
    """Divided by the light, of which there was a fifth in one half."""
    light = np.where(np.arange(256) < 128, 1.0, 0.2)
    image = (cells(np.random.default_rng(1), 256) + 0.05) * 100
    return (np.random.default_rng(2).poisson(image * light) / light).astype(np.float32)


@pytest.fixture
def filtered():
    image = (cells(np.random.default_rng(1), 256) + 0.05) * 100
    return gaussian_filter(np.random.default_rng(2).poisson(image).astype(np.float32), 1)


WORDS = {
    "jpeg": "the image was saved as JPEG",
    "shaded": "times as strong in some places or planes",
    "filtered": "neighbouring pixels share their noise, as behind a filter",
}


@pytest.mark.parametrize("kind, words", WORDS.items())
def test_denoising_enlarging_and_docks_say_the_same(kind, words, request):
    image = request.getfixturevalue(kind)
    (found,) = find_noise(image, AXES)
    (doubt,) = found.doubts
    assert words in doubt
    for work in (denoise, lambda image: upscale(image, "micro-x2-light")):
        with pytest.warns(NoiseWarning, match=words):
            work(image)
    with pytest.warns(NoiseWarning, match=words):
        Upscaler("micro-x2-light").fit(image)


@pytest.mark.filterwarnings("always::napari_autolut.denoising.NoiseWarning")
@pytest.mark.parametrize("command", [("denoise",), ("upscale", "--model", "micro-x2-light")])
def test_the_shell_says_it(command, jpeg, tmp_path):
    Image.fromarray(jpeg).save(tmp_path / "saved.png")
    result = run(command[0], tmp_path / "saved.png", tmp_path / "out.png", *command[1:])
    assert result.exit_code == 0
    said = " ".join(result.stderr.split())
    assert "the image was saved as JPEG" in said
    assert "saved.png" in said or command[0] == "upscale"


@pytest.mark.filterwarnings("always::napari_autolut.denoising.NoiseWarning")
def test_of_three_colours_the_shell_says_it_once(jpeg, tmp_path):
    colours = np.stack([jpeg[row : row + 240] for row in (0, 8, 16)], axis=-1)
    Image.fromarray(colours).save(tmp_path / "saved.png")
    result = run("denoise", tmp_path / "saved.png", tmp_path / "out.png")
    assert " ".join(result.stderr.split()).count("the image was saved as JPEG") == 1


def test_docks_find_the_noise_of_the_image_in_its_own_type():
    """That of whole numbers and of floats differs where levels are coarse."""
    rng = np.random.default_rng(0)
    image = np.rint(cells(rng, 128) * 60 + rng.normal(20, 0.4, (128, 128))).astype(np.uint8)
    (found,) = find_noise(image, AXES)
    assert found.model == noise_of_planes(list(planes_of(image)))


def test_nothing_speaks_against_none_and_good_images_have_no_doubts():
    noisy = np.random.default_rng(0).poisson(50, (200, 200)).astype(np.uint16)
    assert doubts([noisy], NoiseModel(0.0, 0.0)) == ()
    assert doubts([noisy], NoiseModel(1.0, 0.0)) == ()
    assert "so much structure" in doubts([noisy], NoiseModel(1.0, 0.0, (), 0.1))[0]


def test_the_wider_a_filter_was_the_sooner_it_is_told():
    """As widefield images are recorded, and as tissue is deconvolved; both of few photons."""
    image = np.random.default_rng(2).poisson((cells(np.random.default_rng(1), 256) + 0.05) * 30)
    assert not filtered_doubt([image], NoiseModel(1.0, 0.0, (0.6, 0.16, 0.06)))
    assert filtered_doubt([image], NoiseModel(1.0, 0.0, (0.83, 0.48, 0.2)))


@pytest.mark.parametrize("photons", [200, 1000])
def test_texture_that_looks_like_filtered_noise_is_not_lost_in_silence(photons):
    rng = np.random.default_rng(5)
    light = (soft(rng, 256, 1.0) + soft(rng, 256, 8.0) + 0.05) * photons / 2
    image = gaussian_filter(rng.poisson(light).astype(np.float32), 0.7)
    with pytest.warns(NoiseWarning, match="neighbouring pixels share their noise"):
        denoise(image)
