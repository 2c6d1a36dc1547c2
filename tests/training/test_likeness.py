"""Images that show the same, though no pixel is."""

import numpy as np
import pytest
from PIL import Image
from skimage import data

from napari_autolut.training.likeness import likeness, signature

PICTURE = data.camera()


def rotated(picture, angle):
    return np.asarray(Image.fromarray(picture).rotate(angle, Image.Resampling.BICUBIC))


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(lambda picture: 255 - picture, id="negative"),
        pytest.param(lambda picture: (255 - picture)[:, ::-1], id="mirrored negative"),
        *[
            pytest.param(lambda picture, by=by: rotated(picture, by), id=f"{by} degrees")
            for by in (-8, 2, 3, 5)  # as after a registration
        ],
    ],
)
def test_a_copy_is_no_other_image(copy):
    """Held out, its pixels would be learned from by the image that it is of."""
    picture = PICTURE[:256, 100:356]
    planes = [picture, copy(picture), PICTURE[300:, :200], PICTURE[300:, 250:]]
    assert likeness([signature(plane[None]) for plane in planes]).groups == [[0, 1], [2], [3]]
