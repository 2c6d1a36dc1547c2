"""Chunks that are not there: empty by Zarr's definition, or lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from numpy.typing import NDArray

from napari_autolut.io import ImageFileError, read_image
from napari_autolut.io.zarr.levels import halved

SIDE = 16


def scene(fill: float = 0) -> NDArray[Any]:
    """Two slices of an object on nothing, which ends within chunks."""
    data = np.full((2, 4 * SIDE, 4 * SIDE), fill, "float32")
    data[:, 20:60, 6:40] = np.random.default_rng(1).uniform(5, 9, (2, 40, 34))
    return data


def stored(path: Path, *levels: NDArray[Any], fill: float = 0, shards: int | None = None) -> Path:
    """An image whose empty chunks are left out, as most writers do."""
    group = zarr.create_group(path)
    for number, level in enumerate(levels):
        array = group.create_array(
            str(number), shape=level.shape, dtype=level.dtype, chunks=(1, SIDE, SIDE),
            shards=shards and (1, shards, shards), fill_value=fill,
            config={"write_empty_chunks": False},
        )  # fmt: skip
        array[...] = level
    scales = [[1.0, 2.0**number, 2.0**number] for number in range(len(levels))]
    datasets = [
        {"path": str(n), "coordinateTransformations": [{"type": "scale", "scale": s}]}
        for n, s in enumerate(scales)
    ]
    axes = [{"name": name, "type": "space"} for name in "zyx"]
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": datasets}]}
    return path


@pytest.mark.parametrize("fill", [0.0, 7.0, np.nan])
@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("shards", [None, 2 * SIDE])
def test_empty_chunks_that_are_left_out(
    tmp_path: Path, fill: float, levels: int, shards: int | None
) -> None:
    data = scene(fill)
    path = stored(tmp_path / "a.zarr", *[data, halved(data)][:levels], fill=fill, shards=shards)
    found = read_image(path)
    np.testing.assert_array_equal(found.data, data)
    if shards is None:
        assert found.remarks == (
            f"14 of 32 chunks are not there and were read as {fill:g}, as Zarr defines it",
        )
    (path / "0" / "c/0/0/0" if shards else path / "0" / "c/0/2/1").unlink()
    with pytest.raises(ImageFileError, match="chunks missing"):
        read_image(path)


def test_a_copy_that_broke_off_before_the_coarser_levels(tmp_path: Path) -> None:
    """What is not there of a coarser level, either, does not say that the image is empty."""
    data = np.random.default_rng(2).uniform(5, 9, scene().shape).astype("float32")
    path = stored(tmp_path / "a.zarr", data, halved(data))
    for lost in [*(path / "1" / "c").rglob("?"), *(path / "0" / "c" / "1").rglob("?")]:
        if lost.is_file():
            lost.unlink()
    with pytest.raises(ImageFileError, match="16 of 32 chunks missing"):
        read_image(path)


def test_nothing_but_empty_chunks_says_nothing(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.zarr", np.zeros_like(scene()))
    with pytest.raises(ImageFileError, match="32 of 32 chunks missing"):
        read_image(path)
