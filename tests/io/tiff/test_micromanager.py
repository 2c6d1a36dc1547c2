"""Stacks of Micro-Manager as it lays them out, by hand."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.io import list_series, read_image
from napari_autolut.io.tiff import ndtiff_index
from napari_autolut.io.tiff.light_microscopes import UNSORTED
from tests.io.tiff.microscope_pages import PLANES, known_by_others, written


def ndtiff(path: Path, said: list[dict[str, Any]], summary: dict[str, Any]) -> Path:
    """Pages that say something in a tag, behind a header and the summary of the recording."""

    def tag(number: int) -> list[tuple[Any, ...]]:
        text = json.dumps({**said[number], "PixelSizeUm": 0.13}).encode() + b"\0"
        return [(51123, 2, len(text), text, True)]

    written(path, PLANES[: len(said)], each=tag)
    content, text = path.read_bytes(), json.dumps(summary).encode()
    header = struct.pack("<5I", 483729, 3, 0, 2355492, len(text)) + text
    header += bytes(-len(header) % 16)
    with tifffile.TiffFile(path) as tif:  # everything moves behind the header
        offsets = [tag.valueoffset for page in tif.pages for tag in page.tags.values()
                   if tag.code == 273 or tag.valueoffset > tag.offset + 8]  # fmt: skip
        outside = [tag.offset + 8 for page in tif.pages for tag in page.tags.values()
                   if tag.valueoffset > tag.offset + 8]  # fmt: skip
        strips = [page.tags[273].valueoffset for page in tif.pages]
        links = [4, *(page.offset + 2 + 12 * len(page.tags) for page in tif.pages)]
    assert offsets
    moved = bytearray(content)
    for at in (*outside, *strips, *links):
        (value,) = struct.unpack_from("<I", moved, at)
        if value:
            struct.pack_into("<I", moved, at, value + len(header))
    path.write_bytes(moved[:8] + header + moved[8:])
    return path


def with_axes(places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"Axes": place} for place in places]


SUMMARY = {"z-step_um": 0.5, "Interval_ms": 2000}


def test_pages_of_ndtiff_lie_where_they_say(tmp_path: Path) -> None:
    places = [{"time": t, "z": z, "channel": name}
              for name in ("GFP", "DAPI") for t in range(2) for z in (-1, 0, 1)]  # fmt: skip
    path = ndtiff(tmp_path / "NDTiffStack.tif", with_axes(places), SUMMARY)
    image = read_image(path)
    assert (image.axes, [each.name for each in image.channels]) == ("TZCYX", ["GFP", "DAPI"])
    by_channel = PLANES.reshape(2, 2, 3, 8, 9)
    np.testing.assert_array_equal(image.data, by_channel.transpose(1, 2, 0, 3, 4))
    np.testing.assert_array_equal(read_image(path, memmap_above=0).data, image.data)
    known = known_by_others(tmp_path / "out.ome.tif", image)
    assert known == pytest.approx((0.13, 0.13, 0.5, 2.0))


@pytest.mark.parametrize(
    "places",
    [[{"z": 0, "time": 0}, {"z": 1, "time": 0}, {"z": 0, "time": 1}],
     [{"z": 0}, {"z": 0}], [{"z": 0}, {"time": 0}], [{"row": 0}, {"row": 1}],
     [{"z": [0]}, {"z": [1]}], [{}, {}]],
)  # fmt: skip
def test_pages_without_a_place_of_their_own_stay_in_order(
    tmp_path: Path, places: list[dict[str, Any]]
) -> None:
    image = read_image(ndtiff(tmp_path / "a.tif", with_axes(places), SUMMARY))
    assert (image.axes, dict(image.pixel_size)) == ("ZYX", {"X": 0.13, "Y": 0.13})
    assert image.remarks == (UNSORTED,)
    np.testing.assert_array_equal(image.data, PLANES[: len(places)])


PLACES = [{"channel": name, "time": t, "z": z} for t in range(2) for name in ("GFP", "DAPI")
          for z in range(3)]  # fmt: skip
"""Of all pages, in the order in which a microscope takes them."""


def check_in_order(path: Path) -> None:
    image = read_image(path)
    assert (image.axes, [each.name for each in image.channels]) == ("TZCYX", ["GFP", "DAPI"])
    planes = PLANES.reshape(2, 2, 3, 8, 9).transpose(0, 2, 1, 3, 4)
    np.testing.assert_array_equal(image.data, planes)
    assert image.pixel_size == pytest.approx({"X": 0.13, "Y": 0.13, "Z": 0.5, "T": 2.0})


def write_index(path: Path, places: list[dict[str, Any]]) -> Path:
    """The index of a recording, with the pages of this file and one of another file."""
    with tifffile.TiffFile(path) as tif:
        offsets = [page.dataoffsets[0] for page in tif.pages]
    entries = [(path.name, *each) for each in zip(offsets, places, strict=True)]
    content = b""
    for name, offset, place in [("other.tif", 400, {"z": 99}), *entries]:
        for text in (json.dumps(place).encode(), name.encode()):
            content += struct.pack("<I", len(text)) + text
        content += struct.pack("<8I", offset, 9, 8, 1, 0, 0, 0, 0)
    index = path.with_name("NDTiff.index")
    index.write_bytes(content + bytes(4))
    return index


def test_the_index_beside_an_ndtiff_places_pages_that_say_nothing(tmp_path: Path) -> None:
    path = ndtiff(tmp_path / "a_NDTiffStack.tif", [{} for _ in PLACES], SUMMARY)
    write_index(path, PLACES)
    check_in_order(path)


def test_an_index_is_read_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have 64 MB, and each image of a file asks for it, twice."""
    path = ndtiff(tmp_path / "a_NDTiffStack.tif", [{} for _ in PLACES], SUMMARY)
    index, read = write_index(path, PLACES), []
    entries = ndtiff_index._entries
    monkeypatch.setattr(
        ndtiff_index, "_entries", lambda *args: [read.append(args), *entries(*args)][1:]
    )
    check_in_order(path)
    check_in_order(path)
    assert len(read) == 1
    index.write_bytes(b"")
    os.utime(index, ns=(0, 0))
    assert read_image(path).remarks == (UNSORTED,)
    assert len(read) == 2


@pytest.mark.parametrize("length", [0, 3, 200, 500])
def test_an_index_that_breaks_off_places_nothing(tmp_path: Path, length: int) -> None:
    path = ndtiff(tmp_path / "a.tif", [{} for _ in PLACES], SUMMARY)
    index = write_index(path, PLACES)
    index.write_bytes(index.read_bytes()[:length])
    image = read_image(path)
    assert (image.axes, image.remarks, "Z" in image.pixel_size) == ("ZYX", (UNSORTED,), False)


def test_older_stacks_number_frames_slices_and_channels(tmp_path: Path) -> None:
    said = [
        {"FrameIndex": place["time"], "SliceIndex": place["z"], "PositionIndex": 0,
         "ChannelIndex": ["GFP", "DAPI"].index(place["channel"]), "Channel": place["channel"]}
        for place in PLACES
    ]  # fmt: skip
    check_in_order(ndtiff(tmp_path / "a.tif", said, SUMMARY))


def test_each_position_of_the_stage_is_an_image(tmp_path: Path) -> None:
    places = [{"position": p, "z": z} for z in range(4) for p in (2, 0, 1)]
    path = ndtiff(tmp_path / "a.tif", with_axes(places), SUMMARY)
    names = [each.name for each in list_series(path)]
    assert names == ["Position 2", "Position 0", "Position 1"]
    for number in range(3):
        image = read_image(path, series=number)
        assert (image.axes, image.pixel_size["Z"]) == ("ZYX", 0.5)
        np.testing.assert_array_equal(image.data, PLANES[number::3])


def test_positions_of_one_page_are_images(tmp_path: Path) -> None:
    path = ndtiff(tmp_path / "a.tif", with_axes([{"position": p} for p in "ji"]), SUMMARY)
    assert [each.name for each in list_series(path)] == ["Position j", "Position i"]
    np.testing.assert_array_equal(read_image(path, series=1).data, PLANES[1])


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (SUMMARY, {"Z": 0.5, "T": 2.0}),
        ({"z-step_um": 0, "Interval_ms": 0}, {"Z": 0.7, "T": 1.5}),
        ({}, {"Z": 0.7, "T": 1.5}),
    ],
)
def test_what_was_not_planned_is_as_it_was(
    tmp_path: Path, summary: dict[str, Any], expected: dict[str, float]
) -> None:
    """As fast as can be is an interval of 0: each page says when and where it was taken."""
    said = [
        {"Axes": {"time": t, "z": z, "channel": c}, "ElapsedTime-ms": 100 + 1500 * t + 20 * z + c,
         "ZPositionUm": 30 - 0.7 * z}
        for t in range(2) for z in range(3) for c in range(2)
    ]  # fmt: skip
    image = read_image(ndtiff(tmp_path / "a.tif", said, summary))
    assert image.axes == "TZCYX"
    sizes = {axis: image.pixel_size.get(axis) for axis in "ZT"}
    assert sizes == pytest.approx(expected)


def test_pages_that_do_not_all_say_when_they_were_taken(tmp_path: Path) -> None:
    said = with_axes([{"time": t} for t in range(3)])
    said[0]["ElapsedTime-ms"], said[2]["ElapsedTime-ms"] = 0, 1000
    assert "T" not in read_image(ndtiff(tmp_path / "a.tif", said, {})).pixel_size


@pytest.mark.parametrize(
    ("said", "name"),
    [({"Axes": {"channel": "DAPI"}}, "DAPI"), ({"Channel": "GFP"}, "GFP"),
     ({"Channel": "Default"}, None), ({}, None)],
)  # fmt: skip
def test_one_channel_keeps_its_name(tmp_path: Path, said: dict[str, Any], name: str | None) -> None:
    image = read_image(ndtiff(tmp_path / "a.tif", [said], SUMMARY))
    assert [each.name for each in image.channels] == ([name] if name else [])


@pytest.mark.parametrize(
    ("transform", "sizes"),
    [("0.0;-0.2;5;0.1;0.0;7", {"X": 0.1, "Y": 0.2}), ("0.1;0;0;0;0.1;0", {"X": 0.1, "Y": 0.1}),
     ("1.0;0.0;0.0;0.0;1.0;0.0", {}), ("Undefined", {}), ("0.1;nan;0;0;0.1;0", {})],
)  # fmt: skip
def test_the_transform_to_the_stage_has_the_pixel_size(
    tmp_path: Path, transform: str, sizes: dict[str, float]
) -> None:
    """Micro-Manager 2 gives it where the size is 0."""
    said = {"PixelSizeAffine": transform, "Axes": {"z": 0}}
    path = ndtiff(tmp_path / "a.tif", [said], SUMMARY)
    path.write_bytes(path.read_bytes().replace(b'"PixelSizeUm": 0.13', b'"PixelSizeUm": 0.00'))
    image = read_image(path)
    assert {axis: image.pixel_size[axis] for axis in "XY" if axis in image.pixel_size} == sizes


@pytest.mark.parametrize(
    ("said", "sizes"),
    [({"PixelSizeUm": 0.13, "Channel": "DAPI"}, {"X": 0.13, "Y": 0.13}),
     ({"Channel": "DAPI", "Summary": {"PixelSize_um": 0.2}}, {"X": 0.2, "Y": 0.2}),
     ({"PixelSizeUm": 0.0}, {}), ({"PixelSizeUm": "none", "Summary": []}, {}), ([], {})],
)  # fmt: skip
def test_planes_of_version_1_have_their_size_in_the_info_of_imagej(
    tmp_path: Path, said: Any, sizes: dict[str, float]
) -> None:
    """One file a plane, of which ImageJ itself knows no size."""
    path = tmp_path / "img_000000000_DAPI_000.tif"
    tifffile.imwrite(path, PLANES[0], imagej=True, metadata={"Info": json.dumps(said, indent=2)})
    image = read_image(path)
    assert (image.pixel_size, image.unit) == (sizes, "µm" if sizes else None)
    tifffile.imwrite(
        path, PLANES[0], imagej=True, resolution=(2, 2),
        metadata={"unit": "micron", "Info": json.dumps(said)},
    )  # fmt: skip
    assert read_image(path).pixel_size == {"X": 0.5, "Y": 0.5}
    if isinstance(said, dict):
        text = json.dumps(said).encode() + b"\0"
        tifffile.imwrite(
            path, PLANES[0], imagej=True, extratags=[(51123, 2, len(text), text, True)]
        )
        assert read_image(path).pixel_size == sizes
