"""How many images an ImageJ stack says it has, and how many pages or bytes there are."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.io import (
    ImageFileError,
    read_image,
)
from napari_autolut.io.file_pixels import FilePixels
from tests.pictures import picture


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("odd", [False, True])
def test_a_stack_with_one_page_is_read_from_any_place(
    tmp_path: Path, order: str, odd: bool
) -> None:
    """ImageJ's files of more than 4 GB have one page, then planes; not always at even places."""
    data = picture((5, 8, 9), "uint16", top=4000)
    text = b"ImageJ=1.54f\nimages=5\nslices=5\nunit=um\n"
    text += b" " * ((len(text) + odd) % 2) + b"\0" * 2
    at = 8 + 2 + 10 * 12 + 4
    tags = ((256, 4, 1, 9), (257, 4, 1, 8), (258, 4, 1, 16), (259, 4, 1, 1), (262, 4, 1, 1),
            (270, 2, len(text), at), (273, 4, 1, at + len(text)), (277, 4, 1, 1), (278, 4, 1, 8),
            (279, 4, 1, 144))  # fmt: skip
    content = struct.pack(f"{order}2sHIH", b"II" if order == "<" else b"MM", 42, 8, len(tags))
    content += b"".join(struct.pack(f"{order}HHII", *tag) for tag in tags)
    content += struct.pack(f"{order}I", 0) + text + data.astype(f"{order}u2").tobytes()
    (tmp_path / "a.tif").write_bytes(content)
    for memmap_above in (0, math.inf):
        found = read_image(tmp_path / "a.tif", memmap_above=memmap_above)
        assert (found.axes, isinstance(found.data, FilePixels)) == ("ZYX", memmap_above == 0)
        np.testing.assert_array_equal(found.data, data)


def described(path: Path, text: str, *, pages: int = 12) -> np.ndarray:
    """Pages with a description of ImageJ's that others wrote."""
    data = picture((12, 6, 8), "uint16")
    with tifffile.TiffWriter(path) as writer:
        for number, page in enumerate(data[:pages]):
            words = f"ImageJ=1.53t\n{text}" if number == 0 else None
            writer.write(page, description=words, metadata=None, contiguous=False)
    return data


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("images=12\nslices=6\n", "6 slices"),
        ("images=12\nframes=3\nslices=3\n", "3 frames x 3 slices"),
        ("images=12\nchannels=5\nslices=3\nframes=2\nhyperstack=true\n",
         "2 frames x 3 slices x 5 channels"),
        ("images=12\nslices=6\nchannels=-2\n", "6 slices x -2 channels"),
        ("channels=3\n", "3 channels"),
    ],
)  # fmt: skip
def test_counts_that_do_not_make_up_the_images(tmp_path: Path, text: str, words: str) -> None:
    """ImageJ takes all of them as slices, too."""
    data = described(tmp_path / "a.tif", text)
    found = read_image(tmp_path / "a.tif")
    assert found.axes == "ZYX" and not found.not_kept
    assert found.remarks == (
        f"it describes {words} and holds 12 images, which were taken as slices",
    )
    np.testing.assert_array_equal(found.data, data)


@pytest.mark.parametrize("text", ["images=12\nslices=12.0\n", "images=x\nslices=12\n", ""])
def test_counts_that_are_no_whole_numbers(tmp_path: Path, text: str) -> None:
    data = described(tmp_path / "a.tif", text)
    found = read_image(tmp_path / "a.tif")
    assert found.axes == "ZYX" and not found.remarks
    np.testing.assert_array_equal(found.data, data)


def test_images_that_are_not_there_are_not_made_up(tmp_path: Path) -> None:
    described(tmp_path / "a.tif", "images=20\nslices=4\nchannels=5\n")
    with pytest.raises(ImageFileError, match="describes 20 pages and holds 12"):
        read_image(tmp_path / "a.tif")
    words = "ImageJ=1.53t\nimages=20\nslices=20\n"
    tifffile.imwrite(tmp_path / "b.tif", picture((6, 8, 9)), description=words, metadata=None)
    with pytest.raises(ImageFileError, match=r"incomplete or damaged .*; copy it again, or open"):
        read_image(tmp_path / "b.tif")
