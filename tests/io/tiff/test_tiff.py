"""TIFF in its dialects."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from napari_autolut.batch.files.lost import lost_words
from napari_autolut.io import (
    Channel,
    ImageFile,
    ImageFileError,
    ProcessingStep,
    read_image,
    write_image,
)
from tests.pictures import noise, picture, same

STACKS = [
    ("uint16", "ZCYX", (3, 2, 6, 5)),
    ("uint16", "TCZYX", (2, 2, 3, 6, 5)),
    ("uint8", "CYX", (4, 6, 5)),
    ("float32", "ZYX", (3, 6, 5)),
    ("uint8", "TYXS", (2, 6, 5, 3)),
    ("uint16", "ZYXS", (2, 6, 5, 3)),
    ("uint8", "YXS", (6, 5, 4)),
    ("float32", "YX", (6, 5)),
    ("float64", "TYX", (2, 6, 5)),
    ("int16", "YX", (6, 5)),
    ("uint32", "ZYX", (2, 6, 5)),
]


@pytest.mark.parametrize(("dtype", "axes", "shape"), STACKS)
@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif", "a.ome.tiff"])
def test_tiff_keeps_pixels_axes_and_sizes(
    tmp_path: Path, name: str, dtype: str, axes: str, shape: tuple[int, ...]
) -> None:
    data = noise(shape, dtype)
    sizes = {"Y": 0.25, "X": 0.125} | ({"Z": 1.5} if "Z" in axes else {})
    sizes |= {"T": 30.0} if "T" in axes else {}
    path = write_image(tmp_path / name, ImageFile(data, axes, sizes, "µm"))
    again = read_image(path)
    if again.flavour == "imagej":  # ImageJ knows one order
        order = [axes.index(axis) for axis in again.axes]
        data, axes = data.transpose(order), again.axes
    assert same(again, data, axes)
    assert again.pixel_size == pytest.approx(sizes, rel=1e-4) and again.unit == "µm"
    with tifffile.TiffFile(path) as tif:
        assert tif.is_ome == (name != "a.tif" or again.flavour == "ome")


def test_ome_tiff_is_enlarged_with_names_and_physical_size(tmp_path: Path) -> None:
    source = tmp_path / "in.ome.tif"
    metadata = {
        "axes": "TCZYX",
        "PhysicalSizeX": 130.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 130.0,
        "PhysicalSizeYUnit": "nm",
        "PhysicalSizeZ": 0.5,
        "TimeIncrement": 2.0,
        "TimeIncrementUnit": "min",
        "Channel": {"Name": ["DAPI", "GFP"]},
    }
    data = noise((2, 2, 3, 5, 4), "uint16")
    tifffile.imwrite(source, data, metadata=metadata, ome=True, photometric="minisblack")
    image = read_image(source)
    assert image.pixel_size == pytest.approx({"Y": 130, "X": 130, "Z": 500, "T": 120})
    assert image.unit == "nm"

    larger = image.data.repeat(2, -1).repeat(2, -2)
    path = write_image(tmp_path / "out.tif", image.enlarged(larger, 2))
    with tifffile.TiffFile(path) as tif:
        assert tif.series[0].axes == "TCZYX" and tif.series[0].shape == (2, 2, 3, 10, 8)
        pixels = tifffile.xml2dict(tif.ome_metadata)["OME"]["Image"]["Pixels"]
    assert (pixels["PhysicalSizeX"], pixels["PhysicalSizeXUnit"]) == (65, "nm")
    assert (pixels["PhysicalSizeZ"], pixels["PhysicalSizeZUnit"]) == (500, "nm")
    assert [channel["Name"] for channel in pixels["Channel"]] == ["DAPI", "GFP"]


@pytest.mark.parametrize(
    ("unit", "size"),
    [("INCH", 254.0), ("CENTIMETER", 100.0), ("MILLIMETER", 10.0), ("MICROMETER", 0.01)],
)
def test_plain_resolution_is_a_pixel_size(tmp_path: Path, unit: str, size: float) -> None:
    data = noise((6, 5))
    tifffile.imwrite(tmp_path / "a.tif", data, resolution=(100, 50), resolutionunit=unit)
    image = read_image(tmp_path / "a.tif")
    assert image.pixel_size == {"X": size, "Y": 2 * size} and image.unit == "µm"
    with tifffile.TiffFile(write_image(tmp_path / "b.tif", image.enlarged(data, 2))) as tif:
        across, one = tif.pages[0].tags["XResolution"].value
        assert 10000 * one / across == pytest.approx(size / 2) and not tif.is_imagej


@pytest.mark.parametrize("imagej", [False, True])
def test_a_resolution_without_unit_stays_without(tmp_path: Path, imagej: bool) -> None:
    data = noise((6, 5), "uint16")
    options = {"resolution": (4, 2), "resolutionunit": "NONE"}
    tifffile.imwrite(tmp_path / "a.tif", data, imagej=imagej, **options)
    image = read_image(tmp_path / "a.tif")
    assert image.pixel_size == {"X": 0.25, "Y": 0.5} and image.unit is None
    with tifffile.TiffFile(write_image(tmp_path / "b.tif", image.enlarged(data, 2))) as tif:
        tags = tif.pages[0].tags
        assert tags["XResolution"].value == (8, 1) and tags["YResolution"].value == (4, 1)
        assert tags["ResolutionUnit"].value == 1


def test_uncalibrated_files_have_no_pixel_size(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "plain.tif", noise((6, 5)))
    tifffile.imwrite(tmp_path / "imagej.tif", noise((2, 6, 5)), imagej=True)
    for name in ("plain.tif", "imagej.tif"):
        image = read_image(tmp_path / name)
        assert not image.pixel_size and image.unit is None


def test_pages_without_names_are_z(tmp_path: Path) -> None:
    data = noise((4, 6, 5), "uint16")
    tifffile.imwrite(tmp_path / "shaped.tif", data, photometric="minisblack")
    with tifffile.TiffWriter(tmp_path / "pages.tif") as writer:
        for page in data:
            writer.write(page, metadata=None, contiguous=False)
    assert same(read_image(tmp_path / "shaped.tif"), data, "ZYX")
    assert same(read_image(tmp_path / "pages.tif"), data, "ZYX")


@pytest.mark.parametrize(("room", "big"), [(1599, True), (1700, True), (10**5, False)])
def test_what_is_too_large_for_32_bits_is_a_bigtiff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, big: bool
) -> None:
    """Of many small pages, tags take room as well as pixels; 4 GB are written as 1,600 bytes."""
    monkeypatch.setattr("napari_autolut.io.tiff.writing.MAX_CLASSIC_BYTES", room)
    data = picture((100, 4, 4))
    image = ImageFile(data, "ZYX", {"Z": 2.0, "Y": 0.5, "X": 0.5}, "µm", flavour="ome")
    with tifffile.TiffFile(write_image(tmp_path / "a.ome.tif", image)) as file:
        assert file.is_bigtiff == big
    found = read_image(tmp_path / "a.ome.tif")
    np.testing.assert_array_equal(found.data, data)
    assert found.pixel_size == image.pixel_size


def test_colours_in_planes_and_many_samples(tmp_path: Path) -> None:
    planes = noise((3, 6, 5))
    tifffile.imwrite(tmp_path / "p.tif", planes, photometric="rgb", planarconfig="separate")
    assert same(read_image(tmp_path / "p.tif"), np.moveaxis(planes, 0, -1), "YXS")
    many = noise((6, 5, 7), "uint16")
    tifffile.imwrite(tmp_path / "m.tif", many, photometric="minisblack", planarconfig="contig")
    assert same(read_image(tmp_path / "m.tif"), np.moveaxis(many, -1, 0), "CYX")
    pair = noise((6, 5, 2))
    tifffile.imwrite(
        tmp_path / "ga.tif",
        pair,
        photometric="minisblack",
        planarconfig="contig",
        extrasamples=["unassalpha"],
    )
    assert same(read_image(tmp_path / "ga.tif"), pair[..., [0, 0, 0, 1]], "YXS")


def test_palette_bilevel_and_inverted_tiffs(tmp_path: Path) -> None:
    indices = noise((6, 5))
    colormap = noise((3, 256), "uint16")
    tifffile.imwrite(tmp_path / "p.tif", indices, photometric="palette", colormap=colormap)
    assert same(read_image(tmp_path / "p.tif"), colormap.T[indices], "YXS")
    bits = indices > 99
    tifffile.imwrite(tmp_path / "b.tif", bits, photometric="minisblack")
    assert same(read_image(tmp_path / "b.tif"), bits.astype(np.uint8) * np.uint8(255), "YX")
    tifffile.imwrite(tmp_path / "w.tif", indices, photometric="miniswhite")
    assert same(read_image(tmp_path / "w.tif"), 255 - indices, "YX")


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize(("shape", "dtype"), [((6, 5), "uint16"), ((6, 5, 3), "uint8")])
def test_compressed_tiffs_of_others(
    tmp_path: Path, compression: str, shape: tuple[int, ...], dtype: str
) -> None:
    data = noise(shape, dtype)
    pages = [Image.fromarray(data), Image.fromarray(data[::-1].copy())]
    pages[0].save(
        tmp_path / "a.tif", compression=compression, save_all=True, append_images=pages[1:]
    )
    expected = np.stack([data, data[::-1]])
    assert same(read_image(tmp_path / "a.tif"), expected, "ZYXS"[: expected.ndim])


def test_cmyk_tiff_becomes_rgb(tmp_path: Path) -> None:
    Image.fromarray(noise((6, 5, 3))).convert("CMYK").save(tmp_path / "a.tif")
    assert read_image(tmp_path / "a.tif").data.shape == (6, 5, 3)


@given(
    lengths=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    order=st.permutations("TZC"),
    dtype=st.sampled_from(["uint8", "uint16", "float32"]),
    ome=st.booleans(),
)
def test_any_stack_comes_back_by_axis_name(
    tmp_path_factory: pytest.TempPathFactory,
    lengths: list[int],
    order: list[str],
    dtype: str,
    ome: bool,
) -> None:
    axes = "".join(order[: len(lengths) - 2]) + "YX"
    data = noise(tuple(lengths), dtype)
    path = tmp_path_factory.mktemp("stack") / ("a.ome.tif" if ome else "a.tif")
    again = read_image(write_image(path, ImageFile(data, axes)))
    # Files drop axes of length 1; the others keep their names and values.
    for axis, length in zip(axes, data.shape, strict=True):
        assert axis in again.axes or (length == 1 and axis not in "YX")
    kept = "".join(axis for axis in axes if axis in again.axes)
    lost = tuple(i for i, axis in enumerate(axes) if axis not in again.axes)
    expected = data.squeeze(lost).transpose([kept.index(axis) for axis in again.axes])
    assert (again.data == expected).all()


@pytest.mark.parametrize("axes", ["YX", "ZYX", "CYX"])
def test_a_place_and_names_are_not_lost_in_a_dialect_without_words_for_them(
    tmp_path: Path, axes: str
) -> None:
    """What a Zarr says of an image is kept in a TIFF, whatever its name."""
    data = noise((2, 6, 5)[-len(axes) :], "uint16")
    sizes = {"Y": 0.5, "X": 0.25}
    nowhere = ImageFile(data, axes, sizes, "µm")
    large = data.repeat(2, -1).repeat(2, -2)
    step = ProcessingStep("upscale", "natural-x2", scale=2)
    assert not nowhere.place_is_known
    assert not replace(nowhere, history=(step,)).enlarged(large, 2).place_is_known
    image = ImageFile(data, axes, sizes, "µm", origin={"Y": -5.0, "X": 11.0})
    assert image.place_is_known
    again = read_image(write_image(tmp_path / "a.tif", image))
    assert again.origin == image.origin and again.pixel_size == sizes
    if "C" in axes:
        channels = (Channel("DAPI", "0000FF"), Channel("GFP", "00FF00"))
        image = ImageFile(data, axes, sizes, "µm", channels=channels)
        assert read_image(write_image(tmp_path / "b.tif", image)).channels == channels


@pytest.mark.parametrize(
    ("axes", "shape", "dtype"),
    [("ZYX", (3, 8, 9), "int64"), ("ZYX", (3, 8, 9), "longlong"), ("TZYX", (2, 3, 8, 9), "float16"),
     ("ZYX", (3, 8, 9), "uint64"), ("RITCZYX", (2, 1, 2, 1, 3, 8, 9), "uint16")],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif", "a.zarr"])
def test_what_ome_has_no_word_for_is_written_all_the_same(
    tmp_path: Path, axes: str, shape: tuple[int, ...], dtype: str, name: str
) -> None:
    if name == "a.zarr" and len(axes) > 5:
        pytest.skip("OME-Zarr has at most 5 axes")
    sizes = {"Z": 2.0, "Y": 0.5, "X": 0.25} | ({"T": 1.5} if "T" in axes else {})
    channels = (Channel("DAPI"), Channel("GFP"))[: shape[axes.index("C")]] if "C" in axes else ()
    image = ImageFile(picture(shape, dtype), axes, sizes, "µm", channels=channels)
    assert not lost_words(tmp_path / name, [image])
    if name == "a.tif":
        assert "distances of slices" in lost_words(tmp_path / name, [replace(image, unit=None)])
    write_image(tmp_path / name, image)
    found = read_image(tmp_path / name)
    assert len(found.axes) == len(axes)
    assert (found.pixel_size, found.unit, found.channels) == (sizes, "µm", channels)
    np.testing.assert_array_equal(found.data, image.data)
    assert found.data.dtype == image.data.dtype


def test_an_unknown_codec_has_its_name_alone(tmp_path: Path) -> None:
    """Not as Python shows it."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((8, 8), "uint8"), metadata=None)
    content = path.read_bytes()
    entry = struct.pack("<HHI", 259, 3, 1)
    assert content.count(entry + b"\1\0") == 1
    path.write_bytes(content.replace(entry + b"\1\0", entry + struct.pack("<H", 32771)))
    with pytest.raises(ImageFileError, match=r"\(CCIRLEW not supported\)"):
        read_image(path)
