"""Planes of a file in the range that upscaling takes, and those that nothing is learned from."""

import numpy as np
import pytest
import tifffile
from skimage import data

from napari_autolut.arrays.value_range import resolve_range
from napari_autolut.io import ImageFile
from napari_autolut.training.images import TrainingDataError
from napari_autolut.training.planes import channels, read_planes

GREY = data.camera()[:64, 100:164]
COLOURS = data.astronaut()[:64, 200:264]
HIDDEN = np.dstack([COLOURS.astype(np.uint16) * 40, np.full(GREY.shape, 65535)])
HIDDEN[:20] = (60000, 0, 60000, 0)
KINDS = {
    "float colours": np.float32(COLOURS / 255 * 0.8 + 0.1),
    "what alpha hides": HIDDEN.astype(np.uint16),
    "float colours beyond 1": np.float32(COLOURS) * 30,
    "signed": GREY.astype(np.int16) * 20 - 2000,
}


@pytest.mark.parametrize("kind", KINDS)
def test_images_train_in_the_range_that_upscaling_takes(tmp_path, kind):
    """In another one a table would meet other intensities than it has learned."""
    pixels = KINDS[kind]
    rgb, path = pixels.ndim == 3, tmp_path / "a.tif"
    extra = {"extrasamples": ["unassalpha"]} if pixels.shape[-1] == 4 else {}
    tifffile.imwrite(path, pixels, photometric="rgb" if rgb else "minisblack", **extra)
    expected = resolve_range(pixels, rgb=rgb)
    colours = np.moveaxis(pixels[..., :3], -1, 0) if rgb else pixels[None]
    levels = (colours.astype(float) - expected.lo) / expected.unit
    np.testing.assert_allclose(read_planes(path).values, levels.clip(0, 255), atol=1e-3)


def test_an_image_of_which_a_sample_is_one_value_is_skipped(tmp_path):
    """Its range is flat, and its intensities would be no numbers."""
    sparse = np.zeros((1100, 1100), np.uint16)
    sparse[1, 1] = 9
    assert resolve_range(sparse).is_flat
    tifffile.imwrite(tmp_path / "sparse.tif", sparse)
    with pytest.raises(TrainingDataError, match="hardly a pixel is other than 0, expected an"):
        read_planes(tmp_path / "sparse.tif")


def test_the_range_does_not_depend_on_the_order_of_axes():
    stack = np.random.default_rng(0).gamma(2.0, 300.0, (3, 200, 60)).astype(np.uint16)
    usual = channels(ImageFile(stack, "ZYX"))
    found = channels(ImageFile(stack.transpose(1, 2, 0), "YXZ"))
    assert found.ranges == usual.ranges
    np.testing.assert_array_equal(found.stacks, usual.stacks)
