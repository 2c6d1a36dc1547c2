"""Pixels that the mask of a TIFF compressed with LERC hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile

from napari_autolut.io import read_image

TILES: list[dict[str, Any]] = [{"rowsperstrip": 24}, {"tile": (32, 32)}]


def written(path: Path, data: np.ndarray, **options: Any) -> Path:
    tifffile.imwrite(path, data, compression="lerc", metadata=None, **options)
    return path


@pytest.mark.parametrize("memmap_above", [np.inf, 0])
@pytest.mark.parametrize("packed", [None, "deflate", "zstd"])
@pytest.mark.parametrize("tiles", TILES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_floats_under_the_mask_are_nan(
    tmp_path: Path, dtype: str, tiles: dict[str, Any], packed: str | None, memmap_above: float
) -> None:
    """The encoder masks what is NaN, as that of GDAL does."""
    data = np.random.default_rng(0).random((3, 50, 70)).astype(dtype)
    data[:2, 20:40, 3:66] = np.nan
    options = {"compressionargs": {"compression": packed}} if packed else {}
    path = written(tmp_path / "a.tif", data, photometric="minisblack", **tiles, **options)
    image = read_image(path, memmap_above=memmap_above)
    np.testing.assert_array_equal(image.data, data)
    assert image.data.dtype == dtype
    assert image.remarks == ("2,520 pixels without data (masked) taken as NaN",)


def test_of_integers_the_mask_is_said_not_to_be_kept(tmp_path: Path) -> None:
    data = np.arange(1, 1001, dtype="uint16").reshape(20, 50)
    mask = np.ones(data.shape, bool)
    mask[3:5, 7:10] = False
    path = masked(tmp_path / "a.tif", data, data, mask)
    image = read_image(path)
    np.testing.assert_array_equal(image.data, np.where(mask, data, 0))
    assert image.not_kept == ("the mask of 6 pixels without data",)
    assert not read_image(written(path, data)).not_kept


@pytest.mark.parametrize("hidden", [0, 6])
def test_alpha_that_is_not_stored_is_the_mask(tmp_path: Path, hidden: int) -> None:
    """So writes libtiff RGBA of bytes whose alpha is all or nothing."""
    data = np.random.default_rng(0).integers(1, 256, (20, 50, 4), "uint8")
    mask = np.ones(data.shape[:2], bool)
    mask[3, :hidden] = False
    data[..., 3] = mask * 255
    image = read_image(masked(tmp_path / "a.tif", data, data[..., :3], mask))
    assert image.axes == "YXS"
    np.testing.assert_array_equal(image.data[..., 3], data[..., 3])
    np.testing.assert_array_equal(image.data[mask], data[mask])
    assert not image.not_kept


def masked(path: Path, like: np.ndarray, data: np.ndarray, mask: np.ndarray) -> Path:
    """Write a file of one strip with the mask, which tifffile does not write."""
    strip = imagecodecs.lerc_encode(np.ascontiguousarray(data), masks=mask, planar=False)
    options: dict[str, Any] = (
        {"photometric": "rgb", "extrasamples": ["unassalpha"]} if like.ndim == 3 else {}
    )
    with tifffile.TiffWriter(path) as writer:
        writer.write(
            iter([strip]),
            shape=like.shape,
            dtype=like.dtype,
            compression="lerc",
            rowsperstrip=len(like),
            metadata=None,
            **options,
        )
    return path
