"""Methods on the same pixels, step by step, and results that are cached."""

import numpy as np
import pytest

from napari_autolut import upscale
from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.value_range import Range
from napari_autolut.comparison.methods import (
    Bicubic,
    ExistingLayer,
    ModelMethod,
    Nearest,
    Source,
    common_scale,
)
from napari_autolut.comparison.results import Results, compare_steps
from tests.comparison.methods_run import finished
from tests.imagelayers import picture


def source_of(image, rgb=False, lo=0, hi=255):
    return Source(image, rgb, Range(lo, hi))


def run(source, *methods, results=None):
    return finished(compare_steps(lambda: source, methods, results or Results()))


def test_every_method_gives_its_own_pixels_in_order(model):
    image = picture(12, 9)
    other = picture(24, 18)
    said, found = run(
        source_of(image),
        Nearest(),
        Bicubic(2),
        ModelMethod(model, "small", 1),
        ExistingLayer("g", lambda: other),
    )
    nearest, bicubic, upscaled, existing = found
    assert nearest is image
    np.testing.assert_array_equal(bicubic, resize(image, 2))
    np.testing.assert_array_equal(upscaled, upscale(image, model))
    assert existing is other
    assert [step.done for step in said] == [0, 1, 2, 3]
    assert {step.total for step in said} == {3}


def test_stacks_of_colours_keep_their_axes(model):
    image = picture(2, 6, 5, 3)
    source = source_of(image, rgb=True)
    _, (bicubic, upscaled) = run(source, Bicubic(3), ModelMethod(model, "small", 1))
    assert bicubic.shape == (2, 18, 15, 3)
    np.testing.assert_array_equal(bicubic[1, ..., 2], resize(image[1, ..., 2], 3))
    np.testing.assert_array_equal(upscaled, upscale(image, model, rgb=True))


def test_a_model_uses_the_range_of_the_source(model):
    image = picture(9, 9, dtype=np.uint16)
    _, (upscaled,) = run(source_of(image, lo=100, hi=4000), ModelMethod(model, "small", 1))
    np.testing.assert_array_equal(upscaled, upscale(image, model, value_range=(100, 4000)))


def test_bicubic_keeps_type_and_holes():
    image = picture(9, 9, dtype=np.uint16)
    _, (whole,) = run(source_of(image), Bicubic(2))
    assert whole.dtype == np.uint16
    values = image.astype(np.float32)
    values[4, 4] = np.nan
    _, (holed,) = run(source_of(values, hi=65535), Bicubic(2))
    assert np.isnan(holed).sum() == 4
    assert np.isnan(holed[8:10, 8:10]).all()


def test_results_are_taken_from_earlier_ones_while_pixels_and_model_are_the_same(model):
    image, results = picture(12, 9), Results()
    methods = [Bicubic(2), ModelMethod(model, "small", "version 1")]
    _, first = run(source_of(image), *methods, results=results)
    said, second = run(source_of(image.copy()), *methods, results=results)
    assert [a is b for a, b in zip(first, second, strict=True)] == [True, True]
    assert [step.done for step in said] == [0]
    _, retrained = run(source_of(image), ModelMethod(model, "small", "version 2"), results=results)
    assert retrained[0] is not first[1]
    _, ranged = run(source_of(image, hi=100), *methods, results=results)
    assert ranged[1] is not first[1]
    image[3, 3] ^= 1
    _, changed = run(source_of(image), *methods, results=results)
    assert changed[0] is not first[0]


def test_results_stay_within_their_bound_and_the_oldest_go():
    results = Results(max_bytes=250)
    for key in "abc":
        results.put(key, np.zeros(100, np.uint8))
    assert results.get("a") is None
    assert results.get("b") is not None
    results.put("d", np.zeros(100, np.uint8))
    assert results.get("c") is None
    assert results.get("b") is not None
    results.put("large", np.zeros(1000, np.uint8))
    assert results.get("large") is None


def test_closing_the_steps_stops_the_work():
    loaded = []

    def load():
        loaded.append(1)
        return picture(4, 4)

    steps = compare_steps(
        lambda: source_of(picture(4, 4)),
        [ExistingLayer("a", load), ExistingLayer("b", load)],
        Results(),
    )
    next(steps)
    next(steps)
    steps.close()
    assert loaded == [1]


@pytest.mark.parametrize(
    ("scales", "truth", "expected"),
    [([2, 4], (), 4), ([], (2.0, 2.0), 2), ([1], (3.0, 2.9), 3), ([], (), 4), ([1], (), 4)],
)
def test_bicubic_enlarges_as_much_as_the_others(scales, truth, expected):
    assert common_scale(scales, truth) == expected
