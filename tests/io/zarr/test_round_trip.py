"""Written and read again, by us and by a library that shares no code with what wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from napari_autolut.io import Channel, ImageFile, ImageFileError, ProcessingStep, read_image
from napari_autolut.io.zarr import levels
from napari_autolut.io.zarr.reading import open_zarr
from napari_autolut.io.zarr.writing import write_zarr
from tests.pictures import picture

VERSIONS = ("0.5", "0.4")
CHANNELS = (
    Channel("DAPI", "0000FF", (10.0, 2000.0), shown=False, limits=(0.0, 4095.0)),
    Channel("GFP", "00FF00", (0.0, 400.0), limits=(-5.0, 500.0)),
)


@pytest.fixture
def small_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Levels, chunks and shards of images that are quickly written."""
    for name, value in {"CHUNK": 16, "CHUNK_WITHOUT_SHARDS": 16, "MAX_SIDE": 32,
                        "COARSEST": 16, "PIECE": 8}.items():  # fmt: skip
        monkeypatch.setattr(levels, name, value)


def image(axes: str, shape: tuple[int, ...], dtype: str = "uint16") -> ImageFile:
    sizes = {"T": 1.5, "Z": 2.0, "Y": 0.5, "X": 0.25}
    return ImageFile(
        picture(shape, dtype),
        axes,
        {axis: size for axis, size in sizes.items() if axis in axes},
        "µm",
        origin={"Y": 7.0, "X": -3.0},
        channels=CHANNELS if "C" in axes else (),
    )


def second_reader(path: Path) -> Any:
    """The image as ngff-zarr reads it: metadata by its own classes, pixels by zarrs, in Rust."""
    package = pytest.importorskip("ngff_zarr", reason="ngff-zarr, the second reader, is missing")
    return package.from_ngff_zarr(str(path))


@pytest.mark.usefixtures("small_levels")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("axes", "shape", "dtype"),
    [("YX", (70, 45), "uint8"), ("ZYX", (3, 33, 65), "uint16"), ("CYX", (2, 40, 90), "float32"),
     ("TCZYX", (2, 2, 3, 20, 37), "int16"), ("YX", (200, 5), "uint16")],
)  # fmt: skip
def test_a_second_library_reads_the_same(
    tmp_path: Path, version: str, axes: str, shape: tuple[int, ...], dtype: str
) -> None:
    written, path = image(axes, shape, dtype), tmp_path / "a.zarr"
    write_zarr(path, written, version=version)
    assert [each.name for each in tmp_path.iterdir()] == ["a.zarr"]
    found = second_reader(path)
    assert zarr.open_group(path, mode="r").metadata.zarr_format == (3 if version == "0.5" else 2)
    np.testing.assert_array_equal(np.asarray(found.images[0].data), written.data)
    assert "".join(found.images[0].dims).upper() == axes
    for level in found.images:
        units = {axis: level.axes_units[axis] for axis in "yx"}
        assert units == {"y": "micrometer", "x": "micrometer"}
    if "C" in axes:
        said = [(each.label, each.color, each.window.start, each.window.end)
                for each in found.metadata.omero.channels]  # fmt: skip
        assert said == [(c.name, c.colour, *c.window) for c in CHANNELS]


@pytest.mark.usefixtures("small_levels")
@pytest.mark.parametrize("version", VERSIONS)
def test_every_level_covers_the_same_part_of_the_world(tmp_path: Path, version: str) -> None:
    write_zarr(tmp_path / "a.zarr", image("YX", (96, 160)), version=version)
    found = second_reader(tmp_path / "a.zarr")
    assert len(found.images) == 5
    for level in found.images:
        first = [level.translation[axis] - level.scale[axis] / 2 for axis in "yx"]
        shape = level.data.shape
        extent = [level.scale[axis] * n for axis, n in zip("yx", shape, strict=True)]
        assert first == [7.0 - 0.25, -3.0 - 0.125]
        assert extent == [96 * 0.5, 160 * 0.25]


@pytest.mark.usefixtures("small_levels")
def test_a_coarser_level_is_the_mean(tmp_path: Path) -> None:
    data = picture((3, 5, 33), "uint16")
    write_zarr(tmp_path / "a.zarr", ImageFile(data, "ZYX"))
    coarse = open_zarr(tmp_path / "a.zarr").levels[1][...]
    assert coarse.shape == (3, 3, 17)
    np.testing.assert_allclose(
        coarse[:, :2, :16], data[:, :4, :32].reshape(3, 2, 2, 16, 2).mean((2, 4)), atol=0.51
    )
    np.testing.assert_allclose(coarse[:, 2, 16], data[:, 4, 32])  # odd: its own mean


@pytest.mark.parametrize("dtype", ["uint64", "int64", "float64", "uint8"])
def test_the_mean_of_large_numbers_does_not_overflow(dtype: str) -> None:
    top = np.finfo(dtype).max / 8 if dtype == "float64" else np.iinfo(dtype).max
    assert (levels.halved(np.full((4, 4), top, dtype)) == np.array(top, dtype)).all()


@pytest.mark.parametrize("version", VERSIONS)
def test_all_that_is_said_comes_back(tmp_path: Path, version: str) -> None:
    step = ProcessingStep("upscale", "natural-x2", scale=2, value_range=((1.0, 2.0),))
    data = picture((2, 2, 3, 8, 9), "uint16")
    written = ImageFile(data, "TZCYX", {"T": 3.0, "Z": 2.0, "Y": 0.5, "X": 0.25}, "nm",
                        origin={"T": 1.0, "Y": 7.0},
                        channels=(*CHANNELS, Channel("x", "FFFFFF", (0.0, 9.0), limits=(0.0, 9.0))),
                        history=(step,))  # fmt: skip
    write_zarr(tmp_path / "a.zarr", written, version=version)
    found = read_image(tmp_path / "a.zarr")
    np.testing.assert_array_equal(found.data, data.transpose(0, 2, 1, 3, 4))
    assert (found.axes, found.unit, found.data.dtype) == ("TCZYX", "nm", data.dtype)
    assert found.pixel_size == written.pixel_size and found.origin == written.origin
    assert found.channels == written.channels and found.history == (step,)


def test_colours_become_channels(tmp_path: Path) -> None:
    data = picture((8, 9, 3), "uint8")
    write_zarr(tmp_path / "a.zarr", ImageFile(data, "YXS"))
    found = read_image(tmp_path / "a.zarr")
    np.testing.assert_array_equal(found.data, np.moveaxis(data, -1, 0))
    assert [each.colour for each in found.channels] == ["FF0000", "00FF00", "0000FF"]


def test_axes_that_ome_zarr_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(ImageFileError, match="write a TIFF"):
        write_zarr(tmp_path / "a.zarr", ImageFile(picture((2, 4, 4, 3)), "CYXS"))
    assert not list(tmp_path.iterdir())


def test_large_images_have_shards(tmp_path: Path) -> None:
    write_zarr(tmp_path / "a.zarr", ImageFile(picture((40, 2100), "uint8"), "YX"))
    write_zarr(tmp_path / "b.zarr", ImageFile(picture((600, 2100), "uint8"), "YX"))
    write_zarr(tmp_path / "c.zarr", ImageFile(picture((600, 2100), "uint8"), "YX"), version="0.4")
    shards = [zarr.open_group(tmp_path / name, mode="r")["0"].shards
              for name in ("a.zarr", "b.zarr", "c.zarr")]  # fmt: skip
    assert shards == [None, (1024, 2048), None]


def test_pixels_on_disk_are_read_where_indexed(tmp_path: Path) -> None:
    data = picture((3, 40, 50), "uint16")
    write_zarr(tmp_path / "a.zarr", ImageFile(data, "ZYX"))
    lazy = read_image(tmp_path / "a.zarr", memmap_above=0).data
    assert not isinstance(lazy, np.ndarray) and lazy.shape == data.shape
    np.testing.assert_array_equal(lazy[1, 3:9, 40:], data[1, 3:9, 40:])
    np.testing.assert_array_equal(np.asarray(lazy), data)


@pytest.mark.usefixtures("small_levels")
@pytest.mark.parametrize("version", VERSIONS)
def test_black_planes_and_tiles_are_written(tmp_path: Path, version: str) -> None:
    """Chunks of nothing but 0 are files, too: what is there is finished, and nothing was lost."""
    data = np.zeros((3, 70, 90), "uint16")
    data[1, 40:, :30] = 7
    write_zarr(tmp_path / "a.zarr", ImageFile(data, "ZYX"), version=version)
    found = read_image(tmp_path / "a.zarr")
    np.testing.assert_array_equal(found.data, data)
    assert not found.remarks and not zarr.config.get("array.write_empty_chunks")


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_group_that_is_there_is_not_emptied(tmp_path: Path, version: str) -> None:
    image = ImageFile(picture((20, 30), "uint8"), "YX")
    path = tmp_path / "a.zarr"
    write_zarr(path, image, version=version)
    with pytest.raises(zarr.errors.ContainsGroupError):
        levels.create(path, image, levels.Plan.of("YX", (20, 30), 1, version), "a")
    np.testing.assert_array_equal(read_image(path).data, image.data)
