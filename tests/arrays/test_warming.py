"""The first computation, which compiles what later ones need."""

import dask.array as da
import numpy as np
import pytest

from napari_autolut.arrays import Axes, Range, Task, few_pixels, warm_up, warm_up_model
from napari_autolut.engine import compiling
from tests.conftest import small_model
from tests.pictures import picture

MODEL = small_model("small-x2", 1, 2)


@pytest.mark.parametrize("shape", [(3, 40, 50), (7, 50), (5, 300, 300, 3)])
def test_few_pixels_of_any_image_have_all_its_axes(shape):
    rgb = len(shape) == 4
    image = da.from_array(picture(shape, "uint16"), chunks=7)
    spatial = (len(shape) - 2 - rgb, len(shape) - 1 - rgb)
    few = few_pixels(image, spatial, rgb)
    assert few.shape == (1,) * (len(shape) - 2 - rgb) + (16, 16) + ((3,) if rgb else ())
    warm_up(Task(few, Axes(spatial, rgb), (Range(0, 65535),), MODEL))


def test_afterwards_nothing_is_compiled_for_usual_pixels():
    from numba.core import event

    warm_up_model(MODEL)
    with event.install_recorder("numba:compile") as recorded:
        for dtype in (np.uint8, np.uint16):
            task = Task(picture((40, 50), dtype), Axes((0, 1)), (Range(0, 200),), MODEL)
            warm_up(task)
    assert not recorded.buffer
    assert not compiling()
