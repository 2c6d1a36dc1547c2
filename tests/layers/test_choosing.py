"""The dock, Python and the shell choose the same model for an image, for the same reason."""

import numpy as np
import pytest
import tifffile
from napari.layers import Image
from skimage import data

from napari_autolut.arrays import choose_model
from napari_autolut.batch.files.model import model_of_file
from napari_autolut.layers import LayerTraits


def recorded(scene, photons, dtype, gain=1.0):
    counts = np.random.default_rng(0).poisson(scene / scene.max() * photons)
    return np.clip(counts * gain, 0, np.iinfo(dtype).max).astype(dtype)


def stained():
    amount = np.random.default_rng(0).random((64, 64, 1)) ** 2
    return (255 * (0.95 - amount * np.array([0.35, 0.75, 0.3]))).astype(np.uint8)


CAMERA = data.camera()[::2, ::2]
IMAGES = {
    "16-bit, noise": recorded(CAMERA, 200, np.uint16, 40),
    "8-bit, noise": recorded(CAMERA, 100, np.uint8, 2.5),
    "8-bit: micro-x2": data.camera()[::4, ::4],
    "8-bit, RGB, photograph: natural-x4": data.astronaut()[::4, ::4],
    "8-bit, RGB, stained slide: micro-x2": stained(),
}


@pytest.mark.parametrize("reason", IMAGES)
def test_dock_python_and_shell_agree(reason, tmp_path):
    image = IMAGES[reason]
    choice = choose_model(image)
    assert choice.reason.startswith(reason) and choice.reason.endswith(choice.name)
    assert LayerTraits.of(Image(image)).choose() == choice
    tifffile.imwrite(tmp_path / "a.tif", image, photometric="rgb" if image.ndim == 3 else None)
    model, said = model_of_file("auto", tmp_path / "a.tif")
    assert (model.name, said) == (choice.name, choice.reason)


def test_pixel_sizes_of_layers_and_files_count(tmp_path):
    image = IMAGES["8-bit: micro-x2"]
    choice = choose_model(image, pixel_size=0.25)
    assert choice.reason == "8-bit, pixels of 0.25 µm: micro-x2"
    layer = Image(image, scale=(250, 250), units=("nm", "nm"))
    assert LayerTraits.of(layer).choose() == choice
    layer = Image(image, affine=np.diag([250, -250, 1]), units=("nm", "nm"))
    assert LayerTraits.of(layer).choose() == choice
    size = {"PhysicalSizeX": 0.25, "PhysicalSizeXUnit": "µm"}
    tifffile.imwrite(tmp_path / "a.ome.tif", image, metadata={"axes": "YX", **size})
    model, said = model_of_file("auto", tmp_path / "a.ome.tif")
    assert (model.name, said) == (choice.name, choice.reason)
