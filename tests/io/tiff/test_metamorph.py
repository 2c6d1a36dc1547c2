"""Stacks and planes of MetaMorph, laid out by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.io import read_image
from tests.io.tiff.microscope_pages import PLANES, known_by_others, written


def write_stk(
    path: Path, distances: tuple[int, ...], times: tuple[int, ...], *, unit: bytes = b"um",
    calibrated: int = 1, thousand: int = 1000,
) -> Path:  # fmt: skip
    """A stack with one page, whose planes lie behind one another; distances in thousandths."""
    count, (rows, columns) = len(distances), PLANES.shape[1:]
    body = bytearray(b"II*\0" + bytes(4)) + PLANES[:count].tobytes()

    def put(content: bytes) -> int:
        at = len(body)
        body.extend(content + bytes(len(content) % 2))
        return at

    planes = put(b"".join(
        struct.pack("<6I", distance, thousand, 2459000, time, 2459000, time)
        for distance, time in zip(distances, times, strict=True)
    ))  # fmt: skip
    size, other = put(struct.pack("<2I", 645, 10000)), put(struct.pack("<2I", 645, 5000))
    units = put(struct.pack("<I", len(unit) + 1) + unit + b"\0")
    said = put(struct.pack("<8I", 3, calibrated, 4, size, 5, other, 6, units))
    tags = [(256, 4, 1, columns), (257, 4, 1, rows), (258, 3, 1, 16), (259, 3, 1, 1),
            (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, rows),
            (279, 4, 1, 2 * rows * columns), (33628, 4, 4, said),
            (33629, 5, count, planes)]  # fmt: skip
    struct.pack_into("<I", body, 4, len(body))
    body += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    path.write_bytes(body + bytes(4))
    return path


@pytest.mark.parametrize("first", [500, 0])
@pytest.mark.parametrize("name", ["a.tif", "a.STK"])
def test_a_stack_of_metamorph(tmp_path: Path, name: str, first: int) -> None:
    distances = (first or 500, *(500,) * 4)
    path = write_stk(tmp_path / name, distances, (0, 10, 20, 30, 40))
    image = read_image(path)
    assert (image.axes, image.unit, image.flavour) == ("ZYX", "µm", "ome")
    np.testing.assert_array_equal(image.data, PLANES[:5])
    np.testing.assert_array_equal(read_image(path, memmap_above=0).data, PLANES[:5])
    found = known_by_others(tmp_path / "out.ome.tif", image)
    assert found == pytest.approx((0.0645, 0.129, 0.5, None))


def test_a_series_of_metamorph_that_runs_past_midnight(tmp_path: Path) -> None:
    times = (86_396_000, 86_398_000, 0, 2000)
    image = read_image(write_stk(tmp_path / "a.stk", (0,) * 4, times))
    assert image.axes == "TYX"
    assert image.pixel_size == pytest.approx({"X": 0.0645, "Y": 0.129, "T": 2.0})


@pytest.mark.parametrize(("unit", "calibrated"), [(b"pixel", 1), (b"um", 0)])
def test_a_stack_that_was_not_calibrated(tmp_path: Path, unit: bytes, calibrated: int) -> None:
    path = write_stk(tmp_path / "a.stk", (500,) * 3, (0,) * 3, unit=unit, calibrated=calibrated)
    assert read_image(path).pixel_size == pytest.approx({"Z": 0.5})


def test_distances_that_are_no_numbers(tmp_path: Path) -> None:
    image = read_image(write_stk(tmp_path / "a.stk", (500,) * 3, (0,) * 3, thousand=0))
    assert image.axes == "ZYX"
    assert image.pixel_size == pytest.approx({"X": 0.0645, "Y": 0.129})


def metaseries(size: str, unit: str, state: str = "on", at: float = 0) -> str:
    said = {"spatial-calibration-state": state, "spatial-calibration-x": size,
            "spatial-calibration-y": size, "spatial-calibration-units": unit,
            "z-position": str(at)}  # fmt: skip
    plane = "".join(f'<prop id="{key}" type="x" value="{said[key]}"/>' for key in said)
    return f"<MetaData><PlaneInfo>{plane}</PlaneInfo></MetaData>"


@pytest.mark.parametrize(
    ("said", "size"),
    [(("0.3225", "um"), 0.3225), (("322.5", "nm"), 0.3225), (("1", "pixel"), None),
     (("0.3225", "um", "off"), None), (("many", "um"), None)],
)  # fmt: skip
def test_a_plane_of_metamorph(tmp_path: Path, said: tuple[str, ...], size: float | None) -> None:
    path = tmp_path / "a.tif"
    written(path, PLANES[:1], description=metaseries(*said), software="MetaSeries")
    assert read_image(path).pixel_size.get("X") == (size and pytest.approx(size))


@pytest.mark.parametrize("focused", [False, True])
@pytest.mark.parametrize("slices", [1, 3])
def test_channels_of_metamorph(tmp_path: Path, slices: int, focused: bool) -> None:
    """Their names stand at each page; one plane of each may have a focus of its own."""
    places = [(z, c) for c in range(2) for z in range(slices)]
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for number, (z, c) in enumerate(places):
            name = f'<prop id="_IllumSetting_" type="string" value="{("DAPI", "R&amp;D")[c]}"/>'
            at = 10 + 0.5 * z + (c if focused and slices == 1 else 0)
            text = metaseries("0.3", "um", at=at).replace("<PlaneInfo>", f"<PlaneInfo>{name}")
            options = {"photometric": "minisblack", "metadata": None, "contiguous": False}
            file.write(PLANES[number], description=text, software="MetaSeries", **options)
    image = read_image(tmp_path / "a.tif")
    assert [each.name for each in image.channels] == ["DAPI", "R&D"]
    assert image.axes == ("ZCYX" if slices > 1 else "CYX")
    for number, (z, c) in enumerate(places):
        plane = image.data[z, c] if slices > 1 else image.data[c]
        np.testing.assert_array_equal(plane, PLANES[number])
    assert image.pixel_size == pytest.approx(
        {"X": 0.3, "Y": 0.3} | ({"Z": 0.5} if slices > 1 else {})
    )
