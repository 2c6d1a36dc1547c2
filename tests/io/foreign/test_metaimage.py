"""MetaImage files as ITK, elastix and others write them."""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from napari_autolut.io import ImageFileError, list_series, read_image
from tests.pictures import picture

NAMES = {"u1": "UCHAR", "i1": "CHAR", "u2": "USHORT", "i2": "SHORT", "u4": "UINT", "i4": "INT",
         "u8": "ULONG_LONG", "i8": "LONG_LONG", "f4": "FLOAT", "f8": "DOUBLE"}  # fmt: skip
STACK = picture((3, 20, 30), "uint8", top=100)


def header(data: np.ndarray, **more: object) -> str:
    """The lines that ITK writes; ``more`` replaces some, and None leaves one out."""
    count = data.ndim
    fields = {
        "ObjectType": "Image",
        "NDims": count,
        "BinaryData": True,
        "BinaryDataByteOrderMSB": data.dtype.byteorder == ">",
        "CompressedData": False,
        "TransformMatrix": " ".join(f"{n:g}" for n in np.eye(count).flat),
        "Offset": "-3 4 10 7"[: (5, 8, 10)[count - 2]],
        "CenterOfRotation": " ".join("0" * count),
        "AnatomicalOrientation": "RAI",
        "ElementSpacing": "0.5 0.25 2 9"[: (8, 10, 12)[count - 2]],
        "DimSize": " ".join(map(str, data.shape[::-1])),
        "ElementType": f"MET_{NAMES[data.dtype.str[1:]]}",
        **more,
    }
    fields["ElementDataFile"] = fields.pop("ElementDataFile", "LOCAL")
    return "".join(f"{key} = {value}\n" for key, value in fields.items() if value is not None)


def written(path: Path, data: np.ndarray, **more: object) -> Path:
    pixels = data.tobytes()
    if more.get("CompressedData"):
        pixels = zlib.compress(pixels)
    path.write_bytes(header(data, **more).encode() + pixels)
    return path


@pytest.mark.parametrize("memmap_above", [0, np.inf])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", [*NAMES, ">i2", ">f4"])
def test_pixels_sizes_and_places(
    tmp_path: Path, dtype: str, packed: bool, memmap_above: float
) -> None:
    data = STACK.astype(dtype)
    path = written(tmp_path / "a.mha", data, CompressedData=packed)
    found = read_image(path, memmap_above=memmap_above)
    assert (found.axes, found.unit, found.not_kept) == ("ZYX", None, ())
    assert found.pixel_size == pytest.approx({"Z": 2.0, "Y": 0.25, "X": 0.5})
    assert found.origin == pytest.approx({"Z": 10.0, "Y": 4.0, "X": -3.0})
    np.testing.assert_array_equal(np.asarray(found.data), data)
    assert list_series(path)[0].lengths == {"Z": 3, "Y": 20, "X": 30}


@pytest.mark.parametrize(
    ("shape", "axes"), [((20, 30), "YX"), ((1, 20, 30), "YX"), ((2, 3, 20, 30), "TZYX")]
)
def test_axes(tmp_path: Path, shape: tuple[int, ...], axes: str) -> None:
    found = read_image(written(tmp_path / "a.mha", picture(shape)))
    assert found.axes == axes and {*found.pixel_size} <= {*"ZYX"}
    np.testing.assert_array_equal(np.asarray(found.data), picture(shape).reshape(found.data.shape))


@pytest.mark.parametrize(
    ("count", "dtype", "axes"), [(3, "u1", "YXS"), (4, "u1", "YXS"), (2, "u1", "YXC"),
                                 (3, "f4", "YXC")],
)  # fmt: skip
def test_channels(tmp_path: Path, count: int, dtype: str, axes: str) -> None:
    data = picture((20, 30, count)).astype(dtype)
    lines = header(data[..., 0], ElementNumberOfChannels=count)
    (tmp_path / "a.mha").write_bytes(lines.encode() + data.tobytes())
    found = read_image(tmp_path / "a.mha")
    assert found.axes == axes
    np.testing.assert_array_equal(np.asarray(found.data), data)


def test_a_unit_only_where_one_is_named(tmp_path: Path) -> None:
    assert read_image(written(tmp_path / "a.mha", STACK, DistanceUnits="um")).unit == "µm"
    assert read_image(written(tmp_path / "b.mha", STACK, DistanceUnits="?")).unit is None
    said = {"ElementSpacing": None, "ElementSize": "0.5 0.25 2"}
    assert read_image(written(tmp_path / "c.mha", STACK, **said)).pixel_size["Y"] == 0.25
    said["ElementSize"] = None  # type: ignore[assignment]
    assert not read_image(written(tmp_path / "d.mha", STACK, **said)).pixel_size


def test_a_turned_volume_has_sizes_and_no_place(tmp_path: Path) -> None:
    found = read_image(written(tmp_path / "a.mha", STACK, Rotation="0 1 0 1 0 0 0 0 1"))
    assert not found.origin and len(found.not_kept) == 1
    assert found.pixel_size == pytest.approx({"Z": 2.0, "Y": 0.25, "X": 0.5})


@pytest.mark.parametrize("skipped", [0, 5, -1])
def test_pixels_beside_the_header(tmp_path: Path, skipped: int) -> None:
    lines = header(STACK, ElementDataFile="a.raw", HeaderSize=skipped)
    (tmp_path / "a.mhd").write_bytes(lines.replace("\n", "\r\n").encode())
    (tmp_path / "a.raw").write_bytes(b"x" * (skipped if skipped > 0 else 0) + STACK.tobytes())
    np.testing.assert_array_equal(np.asarray(read_image(tmp_path / "a.mhd").data), STACK)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_no_link_is_followed_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path, secret = tmp_path / "in" / "a.mhd", tmp_path / "secret"
    path.write_text(header(STACK, ElementDataFile="a.raw"))
    secret.write_bytes(STACK.tobytes())
    (path.parent / "a.raw").symlink_to(secret)
    with pytest.raises(ImageFileError, match=r"found no file 'a\.raw' beside it"):
        read_image(path)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"ElementDataFile": "no.raw"}, "found no file 'no.raw' beside it"),
        ({"ElementDataFile": "../a.raw"}, "found no file '../a.raw' beside it"),
        ({"ElementDataFile": "LIST"}, "slices in files of their own"),
        ({"ElementDataFile": "s%03d.raw 1 3 1"}, "slices in files of their own"),
        ({"ElementType": "MET_LONG"}, "of the type MET_LONG"),
        ({"BinaryData": False}, "pixels as text"),
        ({"DimSize": "30 20 4"}, "ends before its pixels do"),
        ({"DimSize": "30 20 900000000"}, "ends before its pixels do"),
        ({"DimSize": "30 20 x"}, "expected numbers"),
        ({"DimSize": "30 0 3"}, "expected two to four axes"),
        ({"DimSize": "600"}, "expected two to four axes"),
        ({"DimSize": None}, "found no header of MetaImage"),
        ({"ElementSpacing": "1 1"}, "not of 3 axes"),
        ({"TransformMatrix": "1 0 0 1"}, "not of 3 axes"),
        ({"ElementNumberOfChannels": "x"}, "its reader could not read it"),
        ({"CompressedData": True, "DimSize": "30 20 4"}, "ends before its pixels do"),
    ],
)
def test_what_is_damaged_or_elsewhere(
    tmp_path: Path, more: dict[str, object], problem: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.raw").write_bytes(STACK.tobytes())
    path = written(tmp_path / "in" / "a.mha", STACK, **more)
    with pytest.raises(ImageFileError, match=problem) as error:
        read_image(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_names_and_units_beyond_ascii(tmp_path: Path, encoding: str) -> None:
    name = "\N{LATIN CAPITAL LETTER U WITH DIAERESIS}bung.raw"
    lines = header(STACK, ElementDataFile=name, DistanceUnits="\N{MICRO SIGN}m")
    (tmp_path / "a.mhd").write_bytes(lines.encode(encoding))
    (tmp_path / name).write_bytes(STACK.tobytes())
    image = read_image(tmp_path / "a.mhd")
    assert (np.asarray(image.data) == STACK).all() and image.unit == "\N{MICRO SIGN}m"


def test_what_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "a.mha").write_bytes(b"\0" * 100_000)
    with pytest.raises(ImageFileError, match="found no header of MetaImage"):
        read_image(tmp_path / "a.mha")
