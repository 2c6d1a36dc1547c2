"""Maps of expected errors of a region: those of the whole image."""

import numpy as np

from napari_autolut import load_model, upscale
from napari_autolut.arrays import Axes, Range, finish
from napari_autolut.comparison.error_views import ExpectedError
from napari_autolut.comparison.methods import Source
from napari_autolut.comparison.tasks import model_task
from napari_autolut.util.boxes import Box


def test_a_dark_region_is_seen_as_part_of_its_image():
    image = np.random.default_rng(0).integers(0, 30, (40, 60)).astype(np.uint8)
    image[:, 40:] *= 8
    model, limits = load_model("natural-x2"), Range(0, 255)
    whole = model_task(image, Axes((0, 1)), limits, model)
    part = Source(image[:, :40], False, limits, Box(0, 40, 0, 30), lambda _: whole)
    method = ExpectedError(model, "map", 0)
    _, expected = upscale(image, model, expected_error=True)
    np.testing.assert_array_equal(finish(method.steps(part)), expected[:, :60])
    alone = Source(image[:, :40], False, limits, Box(0, 40, 0, 30))
    assert method.key(part) != method.key(alone)
