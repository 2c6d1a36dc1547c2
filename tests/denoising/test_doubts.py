"""What speaks against the noise that was found is said in Python, docks and the shell alike."""

import io

import numpy as np
import pytest
from benchmarks.noise_scenes import cells
from PIL import Image

from napari_autolut import denoise
from napari_autolut.arrays import Axes
from napari_autolut.denoising import NoiseWarning, find_noise
from napari_autolut.denoising.doubts import doubts
from napari_autolut.noise import NoiseModel, noise_of_planes, planes_of
from tests.commandline import run

AXES = Axes((0, 1))


@pytest.fixture
def jpeg():
    light = (cells(np.random.default_rng(0), 256) + 0.05) * 500
    counts = np.random.default_rng(1).poisson(light)
    file = io.BytesIO()
    image = np.clip(20 + counts * 0.36, 0, 255).astype(np.uint8)
    Image.fromarray(image).save(file, "jpeg", quality=85)
    return np.asarray(Image.open(file))


def test_python_and_docks_say_the_same(jpeg):
    (found,) = find_noise(jpeg, AXES)
    (doubt,) = found.doubts
    assert doubt.startswith("the image was saved as JPEG")
    with pytest.warns(NoiseWarning, match="the image was saved as JPEG"):
        denoise(jpeg)


@pytest.mark.filterwarnings("always::napari_autolut.denoising.NoiseWarning")
def test_the_shell_says_it_with_the_name_of_the_file(jpeg, tmp_path):
    Image.fromarray(jpeg).save(tmp_path / "saved.png")
    result = run("denoise", tmp_path / "saved.png", tmp_path / "out.png")
    assert result.exit_code == 0
    assert "saved.png: the image was saved as JPEG" in " ".join(result.stderr.split())


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
