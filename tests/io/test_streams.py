"""Strips and tiles whose codec declares far more pixels than their page are not decoded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from napari_autolut.io import ImageFileError, read_image
from napari_autolut.io.tiff.streams import SIZES
from tests.io.tiff_kinds import OF_IMAGES, Kind, smooth, write_tiff

ENCODERS: dict[int, Callable[[np.ndarray], bytes]] = {
    **OF_IMAGES,
    7: imagecodecs.jpeg_encode,
    33005: OF_IMAGES[34712],
}
SHAPES = [(1, 1), (8, 8), (17, 300), (511, 512), (1200, 900), (1080, 1920)]


def encoded(compression: int, shape: tuple[int, int]) -> bytes:
    colours = (3,) if compression == 50001 else ()  # WebP has no grey
    return bytes(ENCODERS[compression](np.zeros((*shape, *colours), np.uint8)))


@pytest.mark.parametrize("compression", ENCODERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_streams_say_their_size(compression: int, shape: tuple[int, int]) -> None:
    assert SIZES[compression](encoded(compression, shape)) == shape


@pytest.mark.parametrize("compression", ENCODERS)
def test_streams_that_break_off_or_are_none_raise_nothing(compression: int) -> None:
    content = encoded(compression, (40, 50))
    for length in range(64):
        SIZES[compression](content[:length])
        SIZES[compression](content[:length] + b"\xff" * 40)
    assert SIZES[compression](b"") is None
    assert SIZES[compression](bytes(10)) is None


@pytest.mark.parametrize("large", [0, 10**9])
@pytest.mark.parametrize("compression", [7, *OF_IMAGES])
def test_a_stream_that_is_larger_than_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: int, large: int
) -> None:
    """A few kB would be decoded to gigabytes, of which a page of 16 x 16 is cut."""
    content = encoded(compression, (1200, 1200))
    monkeypatch.setitem(OF_IMAGES, compression, lambda _: content)
    colours = (3,) if compression == 50001 else ()
    page = smooth((16, 16, *colours), 250, "uint8")
    kind = Kind(photometric=2 if colours else 1, compression=compression, rows_per_strip=16)
    path = write_tiff(tmp_path / "a.tif", (page, kind))
    words = "a strip or tile holds 1,200 x 1,200 pixels, and the page is of 16 x 16"
    with pytest.raises(ImageFileError, match=words):
        read_image(path, memmap_above=large)
