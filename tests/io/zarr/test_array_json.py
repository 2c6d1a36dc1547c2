"""Descriptions of arrays in other words than zarr's."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from napari_autolut.io import ImageFileError, read_image
from tests.pictures import picture

DATA = picture((3, 12, 20), "<u2")


def array(path: Path, version: int, separator: str = ".", **changes: Any) -> Path:
    """An array whose description has other values; without those that are None here."""
    zarr.create_array(
        path, data=DATA, zarr_format=version, chunks=(1, 8, 8),
        chunk_key_encoding={"name": "v2", "separator": separator},
    )  # fmt: skip
    file = path / (".zarray" if version == 2 else "zarr.json")
    said = {**json.loads(file.read_text()), **changes}
    known = {key: value for key, value in said.items() if key not in changes or value is not None}
    file.write_text(json.dumps(known))
    return path


def check(path: Path) -> None:
    for memmap_above in (0, math.inf):
        image = read_image(path, memmap_above=memmap_above)
        np.testing.assert_array_equal(image.data, DATA)
        assert (image.axes, image.data.dtype, image.remarks) == ("ZYX", np.uint16, ())


@pytest.mark.parametrize("name", ["uint16", "u2", "=u2", "|u2", "H"])
def test_types_by_any_of_their_names(tmp_path: Path, name: str) -> None:
    check(array(tmp_path / "a.zarr", 2, dtype=name))


def test_a_type_that_is_an_object_with_a_name(tmp_path: Path) -> None:
    """The specification of Zarr 3 allows both."""
    check(array(tmp_path / "a.zarr", 3, data_type={"name": "uint16"}))


@pytest.mark.parametrize("key", ["fill_value", "filters", "order"])
def test_keys_that_are_left_out(tmp_path: Path, key: str) -> None:
    check(array(tmp_path / "a.zarr", 2, **{key: None}))


@pytest.mark.parametrize("separator", [".", "/"])
def test_chunks_in_folders_of_which_nothing_is_said(tmp_path: Path, separator: str) -> None:
    """As converters of OME-Zarr 0.1 and 0.2 wrote them: all chunks counted as missing."""
    check(array(tmp_path / "a.zarr", 2, separator, dimension_separator=None))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"zarr_format": 2}', '{"zarr_format": {}}'])
def test_what_is_no_description_is_a_sentence(tmp_path: Path, content: str) -> None:
    path = array(tmp_path / "a.zarr", 2)
    (path / ".zarray").write_text(content)
    with pytest.raises(ImageFileError, match="holds no array that can be read"):
        read_image(path)


@pytest.mark.parametrize("dtype", ["O", "S3", "M8[s]", "nothing", 7, ["u2"]])
def test_types_that_are_no_numbers_are_a_sentence(tmp_path: Path, dtype: Any) -> None:
    with pytest.raises(ImageFileError, match=r"a\.zarr: (holds no array|found .* pixels)"):
        read_image(array(tmp_path / "a.zarr", 2, dtype=dtype))


def test_attributes_with_a_mark_of_their_encoding(tmp_path: Path) -> None:
    """Editors on Windows put one before UTF-8."""
    path = array(tmp_path / "a.zarr", 2)
    (path / ".zattrs").write_bytes(b'\xef\xbb\xbf{"_ARRAY_DIMENSIONS": ["t", "y", "x"]}')
    assert read_image(path).axes == "TYX"
