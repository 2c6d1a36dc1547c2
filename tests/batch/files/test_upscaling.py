"""Image files piece by piece: the same bits, and nothing left of what was stopped."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import tifffile

from napari_autolut.arrays import finish
from napari_autolut.arrays.value_range import IntensityWarning
from napari_autolut.batch import FileOptions
from napari_autolut.batch.files import upscaling
from napari_autolut.batch.files.options import AS_FOUND, UpscaleOptions
from napari_autolut.batch.files.upscaling import upscale_file_steps
from napari_autolut.io import ImageFile, ImageFileError, read_image, write_image
from napari_autolut.io.files import OpenImages
from napari_autolut.io.tiff import tiles as tiff_tiles
from napari_autolut.model import LutModel
from tests.conftest import small_model
from tests.pictures import picture

SIZES = {"Y": 0.5, "X": 0.25}


@pytest.fixture(params=["uint8", "uint16", "float32"])
def dtype(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upscaling, "LARGE", 0)


def upscaled(
    source: Path, out: Path, model: LutModel, how: UpscaleOptions = AS_FOUND, **options: FileOptions
) -> ImageFile:
    finish(upscale_file_steps(source, out, model, how, **options))
    return read_image(out)


def both(
    source: Path,
    model: LutModel,
    monkeypatch: pytest.MonkeyPatch,
    how: UpscaleOptions = AS_FOUND,
):
    """What comes of a file in memory, and in tiles of 48 pixels."""
    whole = upscaled(source, source.with_name("whole.tif"), model, how)
    with monkeypatch.context() as patch:
        patch.setattr(upscaling, "LARGE", 0)
        patch.setattr(tiff_tiles, "MAX_TILE_SIDE", 48)
        out = source.with_name("tiled.tif")
        tiled = upscaled(source, out, model, how)
    with tifffile.TiffFile(out) as tif:
        assert tif.is_bigtiff and tif.series[0].keyframe.is_tiled
    return whole, tiled


@pytest.mark.parametrize(
    ("axes", "shape"),
    [("YX", (70, 61)), ("YXS", (70, 61, 3)), ("YXS", (50, 61, 4)), ("ZCYX", (2, 3, 40, 50)),
     ("TYXS", (2, 30, 41, 3)), ("CYX", (2, 1, 1))],
)  # fmt: skip
@pytest.mark.parametrize("scale", [2, 3])
def test_tiles_on_disk_hold_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, axes: str, shape: tuple[int, ...],
    dtype: str, scale: int,
) -> None:  # fmt: skip
    data = picture(shape, dtype, top=250)
    source = write_image(tmp_path / "in.ome.tif", ImageFile(data, axes, SIZES, "µm"))
    whole, tiled = both(source, small_model("small", scale), monkeypatch)
    assert (tiled.axes, tiled.data.dtype, tiled.unit) == (axes, data.dtype, "µm")
    assert tiled.pixel_size == pytest.approx({"Y": 0.5 / scale, "X": 0.25 / scale})
    np.testing.assert_array_equal(tiled.data, whole.data)


@pytest.mark.parametrize(("axes", "shape"), [("YX", (70, 61)), ("ZCYX", (2, 2, 31, 40))])
def test_any_factor_in_tiles_keeps_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, axes: str, shape: tuple[int, ...]
) -> None:
    model = small_model("three", 3)
    source = tmp_path / "in.ome.tif"
    write_image(source, ImageFile(picture(shape, "uint16"), axes, SIZES, "um"))
    whole, tiled = both(source, model, monkeypatch, UpscaleOptions(scale=2.3))
    np.testing.assert_array_equal(tiled.data, whole.data)
    for axis, size in SIZES.items():
        before, after = shape[axes.index(axis)], whole.lengths[axis]
        assert after == int(before * 2.3 + 0.5)
        for result in (whole, tiled):
            assert result.pixel_size[axis] * after == pytest.approx(size * before)
    assert whole.history[-1].scale == 2.3
    assert whole.placed().origin["Y"] == pytest.approx(whole.pixel_size["Y"] / 2 - SIZES["Y"] / 2)


def written(path: Path, data: np.ndarray, kind: str) -> Path:
    """A TIFF that says the same in another way."""
    options: dict[str, object] = {"metadata": {"axes": "ZYX"}, "photometric": "minisblack"}
    options |= {
        "big endian": {"byteorder": ">"},
        "tiles": {"tile": (32, 48)},
        "compressed tiles": {"tile": (32, 48), "compression": "zlib", "predictor": True},
        "strips": {"compression": "zlib", "rowsperstrip": 7},
        "imagej": {"imagej": True},
        "inverted": {"photometric": "miniswhite"},
    }.get(kind, {})
    if kind == "scattered pages":
        with tifffile.TiffWriter(path) as writer:
            for page in data:
                writer.write(page, photometric="minisblack", contiguous=False, metadata=None)
        return path
    tifffile.imwrite(path, data, **options)
    return path


@pytest.mark.parametrize(
    "kind",
    ["plain", "big endian", "tiles", "compressed tiles", "strips", "imagej", "inverted",
     "scattered pages"],
)  # fmt: skip
def test_every_layout_of_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: LutModel, kind: str
) -> None:
    source = written(tmp_path / "in.tif", picture((3, 61, 70), "uint16", top=9000), kind)
    mapped = read_image(source, memmap_above=0)
    np.testing.assert_array_equal(mapped.data, read_image(source).data)
    assert (isinstance(mapped.data, np.ndarray)) == (kind == "inverted")
    whole, tiled = both(source, model, monkeypatch)
    np.testing.assert_array_equal(tiled.data, whole.data)


@pytest.mark.parametrize("large", [0, upscaling.LARGE])
def test_numbers_of_regions_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: LutModel, large: int
) -> None:
    """What only looks like a mask is enlarged as an image is, but not in silence."""
    monkeypatch.setattr(upscaling, "LARGE", large)
    numbers = np.kron(np.array([[0, 7, 0], [3, 0, 9], [0, 12, 4]]), np.ones((20, 16), int))
    kinds = {
        "numbers": numbers.astype(np.uint16),
        "stack": np.stack([numbers > at for at in (0, 5)]).astype(np.uint8) * 255,
        "image": picture((60, 48), "uint16", top=4000),
    }
    notes = {}
    for name, pixels in kinds.items():
        tifffile.imwrite(tmp_path / f"{name}.tif", pixels, photometric="minisblack")
        steps = upscale_file_steps(tmp_path / f"{name}.tif", tmp_path / f"{name}2.tif", model)
        notes[name] = finish(steps).note
    advice = (
        "numbers of regions have no mean: with mask or labels in its name it is enlarged by "
        "nearest neighbour, as is a Labels layer in napari"
    )
    assert notes == {
        "numbers": f"looks like a label image: regions of one value each (6 of them); {advice}",
        "stack": f"looks like a mask: two values alone; {advice}",
        "image": "",
    }


def test_a_colour_profile_that_a_zarr_has_no_room_for_is_said(
    tmp_path: Path, model: LutModel
) -> None:
    pytest.importorskip("yaozarrs", reason="the extra zarr is not installed")
    image = ImageFile(picture((9, 8, 3)), "YXS", icc_profile=b"profile" * 40)
    source = write_image(tmp_path / "in.tif", image)
    note = finish(upscale_file_steps(source, tmp_path / "out.zarr", model)).note
    assert note == "not kept: the colour profile"
    assert not finish(upscale_file_steps(source, tmp_path / "out.tif", model)).note


@pytest.mark.parametrize("name", ["out.png", "out.tif", "out.ome.tif"])
def test_a_place_that_no_file_has_room_for_is_said(
    tmp_path: Path, model: LutModel, name: str
) -> None:
    image = ImageFile(picture((9, 8)), "YX", {"Y": 0.5, "X": 0.5}, "µm", origin={"Y": 30.0})
    source = write_image(tmp_path / "in.ome.tif", image)
    note = finish(upscale_file_steps(source, tmp_path / name, model)).note
    assert note == ("not kept: where it lies" if name == "out.png" else "")
    if not note:
        assert read_image(tmp_path / name).origin["Y"] == pytest.approx(29.875)


@pytest.mark.parametrize("kind", ["plain", "strips"])
def test_a_file_on_disk_cannot_be_changed(tmp_path: Path, kind: str) -> None:
    source = written(tmp_path / "in.tif", picture((3, 9, 8)), kind)
    with pytest.raises(ValueError, match="read-only"):
        read_image(source, memmap_above=0).data[0] = 0


@pytest.mark.parametrize("kind", ["plain", "strips"])
def test_a_file_that_is_cut_off(tmp_path: Path, model: LutModel, kind: str) -> None:
    source = written(tmp_path / "in.tif", picture((3, 90, 80)), kind)
    source.write_bytes(source.read_bytes()[:-2000])
    for above in (0, np.inf):
        with pytest.raises(ImageFileError, match=r"in\.tif"):
            read_image(source, memmap_above=above)


@pytest.mark.parametrize("value_range", [None, "data", "dtype", (300, 700)])
def test_value_ranges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: LutModel, value_range: object
) -> None:
    data = picture((2, 30, 40, 3), "float32")
    data[0] /= 300
    source = tmp_path / "in.tif"
    tifffile.imwrite(source, data, photometric="rgb", metadata={"axes": "CYXS"})
    whole, tiled = both(source, model, monkeypatch, UpscaleOptions(value_range))
    np.testing.assert_array_equal(tiled.data, whole.data)


@pytest.mark.usefixtures("everything_is_large")
def test_nan_pixels_stay_and_are_said_once(
    tmp_path: Path, model: LutModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiff_tiles, "MAX_TILE_SIDE", 16)
    data = picture((30, 40), "float32")
    data[2, 3] = data[20, 30] = np.nan
    source = write_image(tmp_path / "in.tif", ImageFile(data, "YX"))
    with pytest.warns(IntensityWarning) as caught:
        result = upscaled(source, tmp_path / "out.tif", model)
    assert len(caught) == 1 and np.isnan(result.data).sum() == 8


@pytest.mark.usefixtures("everything_is_large")
def test_axes_that_pages_cannot_have_stay_in_memory(tmp_path: Path, model: LutModel) -> None:
    source = tmp_path / "in.tif"
    tifffile.imwrite(source, picture((5, 6, 7)), photometric="minisblack", metadata={"axes": "YXZ"})
    assert upscaled(source, tmp_path / "out.tif", model).data.size == 5 * 6 * 7 * 4


@pytest.mark.usefixtures("everything_is_large")
def test_no_file_replaces_itself(tmp_path: Path, model: LutModel) -> None:
    source = write_image(tmp_path / "in.tif", ImageFile(picture((9, 8)), "YX"))
    (tmp_path / "link.tif").hardlink_to(source)
    before = source.read_bytes()
    for out in (source, tmp_path / "link.tif"):
        with pytest.raises(ImageFileError, match="found the name of the source"):
            upscaled(source, out, model, options=FileOptions(overwrite=True))
    assert source.read_bytes() == before


@pytest.mark.usefixtures("everything_is_large")
def test_stopping_leaves_nothing(
    tmp_path: Path, model: LutModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiff_tiles, "MAX_TILE_SIDE", 16)
    source = write_image(tmp_path / "in.tif", ImageFile(picture((30, 30)), "YX"))
    steps = upscale_file_steps(source, tmp_path / "out.tif", model)
    assert [next(steps), next(steps)] == [(1, 16), (2, 16)]
    steps.close()
    assert [path.name for path in tmp_path.iterdir()] == ["in.tif"]


def test_each_channel_of_colours_has_its_own_range(tmp_path: Path, model: LutModel) -> None:
    """In memory the first channel's range held for all."""
    data = picture((2, 30, 40, 3), "float32")
    data[0] /= 300
    both, second = tmp_path / "both.tif", tmp_path / "second.tif"
    tifffile.imwrite(both, data, photometric="rgb", metadata={"axes": "CYXS"})
    tifffile.imwrite(second, data[1], photometric="rgb")
    found = upscaled(both, tmp_path / "a.tif", model).data[1]
    np.testing.assert_array_equal(found, upscaled(second, tmp_path / "b.tif", model).data)


def test_a_result_beyond_the_memory_is_refused_before_its_source_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_image(tmp_path / "a.png", ImageFile(np.zeros((100, 100), np.uint8), "YX"))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=49_999))
    monkeypatch.setattr(OpenImages, "read", None)
    with pytest.raises(ImageFileError, match=r"it and its result need .*; write a \.tif or \.zarr"):
        finish(upscale_file_steps(source, tmp_path / "b.png", small_model("small-x2", 2)))
