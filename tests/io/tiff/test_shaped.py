"""What scripts put into tifffile's own description, in words of OME or ImageJ."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.io import ImageFile, ImageFileError, list_series, read_image
from tests.pictures import picture

STACK = np.arange(4 * 6 * 7, dtype="uint16").reshape(4, 6, 7)


def read(path: Path, metadata: dict[str, Any], **options: Any) -> ImageFile:
    tifffile.imwrite(path, STACK, metadata=metadata, photometric="minisblack", **options)
    return read_image(path)


@pytest.mark.parametrize("unit", ["um", "µm", "nm", "\\u00B5m"])
def test_resolution_is_in_the_unit_that_is_named(tmp_path: Path, unit: str) -> None:
    """As tifffile writes it for who leaves out `imagej=True`: the tags say inches."""
    said = {"axes": "ZYX", "unit": unit, "spacing": 2, "finterval": 3}
    image = read(tmp_path / "a.tif", said, resolution=(4, 5))
    of_unit = 1e-3 if unit == "nm" else 1.0
    expected = {"X": 0.25 * of_unit, "Y": 0.2 * of_unit, "Z": 2 * of_unit, "T": 3}
    assert image.pixel_size == pytest.approx(expected)
    assert image.unit == "µm"


def test_centimetres_are_meant(tmp_path: Path) -> None:
    said = {"axes": "ZYX", "unit": "um"}
    image = read(tmp_path / "a.tif", said, resolution=(20000, 20000), resolutionunit="CENTIMETER")
    assert (image.pixel_size, image.unit) == ({"X": 0.5, "Y": 0.5}, "µm")


@pytest.mark.parametrize("unit", [None, "pixel", 3])
def test_resolution_without_such_a_unit_is_that_of_the_tags(tmp_path: Path, unit: object) -> None:
    image = read(tmp_path / "a.tif", {"axes": "ZYX", "unit": unit}, resolution=(254, 254))
    assert (image.pixel_size, image.unit) == ({"X": 100, "Y": 100}, "µm")
    assert image.flavour == "plain"


def test_words_of_ome(tmp_path: Path) -> None:
    said = {
        "axes": "CYX", "PhysicalSizeX": 300, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.4,
        "TimeIncrement": 20, "TimeIncrementUnit": "ms", "Channel": {"Name": list("abcd")},
    }  # fmt: skip
    image = read(tmp_path / "a.tif", said)
    assert image.pixel_size == pytest.approx({"X": 0.3, "Y": 0.4, "T": 0.02})
    assert [each.name for each in image.channels] == list("abcd")


@pytest.mark.parametrize("value", [-1, "x", None, [1], {"a": 1}])
def test_what_is_no_number_says_nothing(tmp_path: Path, value: object) -> None:
    said = {"axes": "ZYX", "unit": "um", "spacing": value, "PhysicalSizeX": value, "Channel": value}
    assert not read(tmp_path / "a.tif", said).pixel_size


@pytest.mark.parametrize("memmap_above", [0, math.inf])
@pytest.mark.parametrize("axes", ["ZYX", "TYX", "CYX"])
@pytest.mark.parametrize("count", [3, 4])
def test_slices_that_lie_as_colours(
    tmp_path: Path, axes: str, count: int, memmap_above: float
) -> None:
    """tifffile writes three or four slices as planes of one page, and says RGB where not told."""
    stack = picture((count, 20, 18), "uint16")
    tifffile.imwrite(
        tmp_path / "a.tif", stack, photometric="rgb", planarconfig="separate",
        metadata={"axes": axes},
    )  # fmt: skip
    image = read_image(tmp_path / "a.tif", memmap_above=memmap_above)
    assert image.axes == axes
    np.testing.assert_array_equal(np.asarray(image.data[...]), stack)


def test_axes_in_lower_case(tmp_path: Path) -> None:
    image = read(tmp_path / "a.tif", {"axes": "zyx"})
    assert image.axes == "ZYX"
    assert list_series(tmp_path / "a.tif")[0].lengths == {"Z": 4, "Y": 6, "X": 7}
    np.testing.assert_array_equal(image.data, STACK)


@pytest.mark.parametrize(
    "said",
    [
        {"shape": [3, 7], "axes": "YX"},
        {"shape": [7, 6], "axes": "YX"},
        {"shape": [2, 3, 7], "axes": "ZYX"},
        {"shape": [6, 7], "axes": "ZYX"},
        {"shape": [-6, 7], "axes": "YX"},
        {"shape": [42], "axes": "X"},
    ],
)
def test_a_description_of_another_image_is_left_aside(tmp_path: Path, said: dict[str, Any]) -> None:
    """As programs leave it that crop or rotate an image and keep its tags."""
    path, text = tmp_path / "a.tif", json.dumps(said)
    tifffile.imwrite(path, STACK, description=text, metadata=None, photometric="minisblack")
    image = read_image(path)
    assert image.axes == "ZYX"
    np.testing.assert_array_equal(image.data, STACK)
    assert ["other sides" in remark for remark in image.remarks] == [True]


@pytest.mark.parametrize("said", [{"shape": [9, 6, 7]}, {"shape": [9, 6, 7], "truncated": True}])
def test_pages_that_are_missing_are_an_error(tmp_path: Path, said: dict[str, Any]) -> None:
    path, text = tmp_path / "a.tif", json.dumps(said)
    tifffile.imwrite(path, STACK[0], description=text, metadata=None, photometric="minisblack")
    with pytest.raises(ImageFileError, match=r"a\.tif"):
        read_image(path)
