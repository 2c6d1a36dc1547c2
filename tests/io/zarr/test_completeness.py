"""Chunks that are not there: empty by Zarr's definition, or lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from numpy.typing import NDArray

from napari_autolut.io import ImageFileError, read_image
from napari_autolut.io.zarr import EMPTY, MISSING_VARIABLE, missing_as_empty
from napari_autolut.io.zarr.levels import halved
from napari_autolut.io.zarr.unwritten import never_written

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


def full(shape: tuple[int, ...]) -> NDArray[Any]:
    """An image that is empty nowhere, up to its edges."""
    return np.random.default_rng(3).uniform(5, 9, shape).astype("float32")


def lose(path: Path, *chunks: str) -> None:
    for chunk in chunks:
        (path / "c" / chunk).unlink()


@pytest.mark.parametrize("levels", [1, 2])
def test_a_recording_that_stopped(tmp_path: Path, levels: int) -> None:
    """Its last frames were never written, of no level; a copy breaks off in the order of names."""
    data = full((12, 32, 32))
    data[8:] = 0
    path = stored(tmp_path / "a.zarr", *[data, halved(data)][:levels])
    image = read_image(path)
    np.testing.assert_array_equal(image.data, data)
    assert image.remarks[0].startswith("16 of 48 chunks are not there and were read as 0")
    lose(path / "0", "3/1/1")
    with pytest.raises(ImageFileError, match="17 of 48 chunks missing"):
        read_image(path)


@pytest.mark.parametrize("levels", [1, 2])
def test_a_copy_of_a_series_that_broke_off(tmp_path: Path, levels: int) -> None:
    """0, 1, 10, 11, 2, 3 ... is the order in which most programs copy."""
    data = full((12, 32, 32))
    path = stored(tmp_path / "a.zarr", *[data, halved(data)][:levels])
    for number in range(4, 10):
        shutil.rmtree(path / "0" / "c" / str(number))
    shutil.rmtree(path / "1" / "c", ignore_errors=True)
    with pytest.raises(ImageFileError, match="24 of 48 chunks missing"):
        read_image(path)


def test_gaps_of_a_mosaic_that_end_where_chunks_do(tmp_path: Path) -> None:
    data = full((3, 48, 48))
    data[:, :16, 32:] = data[:, 32:, :16] = 0
    path = stored(tmp_path / "a.zarr", data)
    np.testing.assert_array_equal(read_image(path).data, data)
    lose(path / "0", "2/2/2")
    with pytest.raises(ImageFileError, match="7 of 27 chunks missing"):
        read_image(path)


def there(*frames: str) -> NDArray[np.bool_]:
    """Frames of planes of 1 x n files: ``X`` is there, ``.`` is not, ``/`` parts planes."""
    return np.array([[[[c == "X" for c in plane]] for plane in f.split("/")] for f in frames])


@pytest.mark.parametrize(
    ("places", "count"),
    [
        (there(*["X/X"] * 11, "./."), 2),  # stopped between frames, and within one
        (there(*["X/X"] * 10, "X/.", "./."), 3),
        (there(*["XX/XX"] * 10, "XX/X.", "../.."), 4),  # pixels tell of the others
        (there(*["X/X"] * 5, "./."), 0),  # names tell nothing of ten frames
        (there("X" * 16, "." * 16), 16),  # but here a copy would hardly break off
        (there("X" * 15 + ".", "." * 16), 0),
        (there(*["X"] * 4, ".", *["X"] * 7), 0),  # lost in the middle
        (there("X.X/X.X"), 2),  # gaps of a mosaic
        (there("X.X/XX."), 0),
        (there("X.X"), 0),
        (there("../.."), 0),
        (there(*["XXXX"] * 3, "....", *["XXXX"] * 4), 4),  # a dark slice
        (there("..../XXXX"), 4),  # an empty channel
        (there(*["XXXX/..../XXXX"] * 2), 8),
        (there("XXXX/...."), 0),  # where a copy may have broken off
        (there(*["XXXX"] * 2, *["...."] * 8, *["XXXX"] * 2), 0),  # or by name: 0, 1, 10, 11
        (there("XXXX/..../XXX."), 0),
        (there("XXX/.../XXX"), 0),
    ],
)
def test_what_was_never_written(places: NDArray[np.bool_], count: int) -> None:
    found = never_written(places)
    assert found.sum() == count and not (found & places).any()


@pytest.mark.parametrize("levels", [1, 2])
def test_what_the_user_says_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, levels: int
) -> None:
    data = full((2, 32, 32))
    path = stored(tmp_path / "a.zarr", *[data, halved(data)][:levels])
    lose(path / "0", "1/1/1")
    data[1, SIDE:, SIDE:] = 0
    with missing_as_empty():
        found = read_image(path)
    np.testing.assert_array_equal(found.data, data)
    assert found.remarks[0].startswith("1 of 8 chunks are not there and were read as 0")
    with missing_as_empty(False), pytest.raises(ImageFileError, match="--missing-as-empty"):
        read_image(path)
    monkeypatch.setenv(MISSING_VARIABLE, EMPTY)
    np.testing.assert_array_equal(read_image(path).data, data)


def mosaic(*rows: str) -> NDArray[np.bool_]:
    """One plane, a file a letter."""
    return np.array([[letter == "X" for letter in row] for row in rows])


FULL = "X" * 8


@pytest.mark.parametrize(
    ("plane", "count"),
    [
        (mosaic(FULL, "X..XX...", "X..XX...", *[FULL] * 3, "XX..XXXX", "XX..XXXX"), 14),
        (mosaic(FULL, "X..XX...", "X..XX...", *[FULL] * 3, "XX..XXXX", "XX..XX.X"), 0),  # one lost
        (mosaic(*[FULL] * 5, "XXX.....", "........", "........"), 0),  # broken off
        (mosaic(*["XXXXX..."] * 8), 0),
        (mosaic(*["..XXXXXX"] * 2, *["........"] * 5, FULL), 0),
        (mosaic("X..X", "X..X", "XXXX", "XXXX"), 0),  # too few to tell
    ],
)
@pytest.mark.parametrize("leading", [(), (1, 1)])
def test_gaps_of_a_mosaic_of_one_plane(
    plane: NDArray[np.bool_], count: int, leading: tuple[int, ...]
) -> None:
    places = plane.reshape(*leading, *plane.shape)
    found = never_written(places)
    assert found.sum() == count and not (found & places).any()


def test_a_mosaic_of_one_plane(tmp_path: Path) -> None:
    data = full((1, 96, 96))
    data[:, 16:48, 64:] = 0
    path = stored(tmp_path / "a.zarr", data)
    np.testing.assert_array_equal(read_image(path).data, data)
    lose(path / "0", "0/5/0")
    with pytest.raises(ImageFileError, match="5 of 36 chunks missing"):
        read_image(path)
