"""Files of FluoView, LSM, NDPI, Olympus SIS and Volocity, laid out by hand."""

from __future__ import annotations

import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.io import READ_AS_TIFF, list_series, read_image
from napari_autolut.io.tiff.light_microscopes import _lsm
from tests.io.tiff.microscope_pages import PLANES, known_by_others, written


def fluoview(*axes: tuple[str, int, float, str]) -> list[tuple[Any, ...]]:
    """Tags: ten axes of name, length, step and unit, those that are not used with a length of 0."""
    unused = (("", 0, 0.0, ""),) * (11 - len(axes))
    listed = [
        struct.pack("<16sidd64s", name.encode(), length, 0, step, unit.encode())
        for name, length, step, unit in (*axes, *unused)
    ]
    header = struct.pack("<hB257sIiIIiI", 0, 2, b"a", *(0,) * 6) + b"".join(listed[:10])
    header += struct.pack("<IhddddIdd", *(0,) * 9) + listed[10] + struct.pack("<IiI", 0, 0, 0)
    return [(34361, 7, len(header), header, True), (34362, 12, 8, (0.0,) * 8, True)]


SQUARE = (("X", 9, 0.2, "um"), ("Y", 8, 300, "nm"))


@pytest.mark.parametrize(
    ("more", "axes", "known"),
    [((), "YX", (0.2, 0.3, None, None)),
     ((("Z", 3, -0.7, "um"), ("Ch", 2, 1, "")), "CZYX", (0.2, 0.3, 0.7, None)),
     ((("Z", 3, 0.7, "um"), ("T", 2, 500, "ms")), "TZYX", (0.2, 0.3, 0.7, 0.5))],
)  # fmt: skip
def test_fluoview(tmp_path: Path, more: Any, axes: str, known: Any) -> None:
    pages = PLANES[: 6 if more else 1]
    image = read_image(written(tmp_path / "a.tif", pages, tags=fluoview(*SQUARE, *more)))
    assert image.axes == axes
    np.testing.assert_array_equal(image.data, pages.reshape(image.data.shape))
    assert known_by_others(tmp_path / "out.ome.tif", image) == pytest.approx(known)


def test_fluoview_that_was_stopped_says_so(tmp_path: Path) -> None:
    tags = fluoview(*SQUARE, ("Z", 3, 0.7, "um"), ("T", 2, 1, "s"))
    with pytest.raises(ValueError, match="describes 6 pages and holds 5"):
        read_image(written(tmp_path / "a.tif", PLANES[:5], tags=tags))


def lsm(channels: int, slices: int, frames: int) -> list[tuple[Any, ...]]:
    """The header of Zeiss: lengths, voxels in metres, seconds between frames."""
    record = np.zeros((), [(name, kind) for name, kind in tifffile.TIFF.CZ_LSMINFO])
    said = {"MagicNumber": 67127628, "StructureSize": record.nbytes, "DimensionX": 9,
            "DimensionY": 8, "DimensionZ": slices, "DimensionChannels": channels,
            "DimensionTime": frames, "DataType": 2, "VoxelSizeX": 1e-7, "VoxelSizeY": 2e-7,
            "VoxelSizeZ": 5e-7, "ScanType": 6 if frames > 1 else 0,
            "TimeIntervall": 2.5}  # fmt: skip
    for name, value in said.items():
        record[name] = value
    return [(34412, 7, record.nbytes, record.tobytes(), True)]


@pytest.mark.parametrize("name", ["a.lsm", "a.tif"])
def test_lsm(tmp_path: Path, name: str) -> None:
    pages = PLANES.reshape(4, 3, 8, 9)  # of two frames of two slices, three channels each
    thumbnail = np.zeros((4, 3, 3), "uint8")
    with tifffile.TiffWriter(tmp_path / name) as file:
        for number, page in enumerate(pages):
            tags = lsm(3, 2, 2) if number == 0 else []
            file.write(page, planarconfig="separate", photometric="minisblack", extratags=tags,
                       metadata=None, contiguous=False)  # fmt: skip
            file.write(thumbnail, photometric="rgb", subfiletype=1, metadata=None)
    image = read_image(tmp_path / name)
    assert image.axes == "TZCYX"
    np.testing.assert_array_equal(image.data, pages.reshape(2, 2, 3, 8, 9))
    known = known_by_others(tmp_path / "out.ome.tif", image)
    assert known == pytest.approx((0.1, 0.2, 0.5, 2.5))


def test_channels_of_lsm_have_names_and_colours() -> None:
    """By what tifffile reads of such a file, as it writes none."""
    table = {"ColorNames": ["dye", "none"], "Colors": [[255, 128, 0, 0], [0, 0, 0, 0]]}
    found = {"VoxelSizeX": 1e-7, "DimensionChannels": 2, "ChannelColors": table}
    file: Any = SimpleNamespace(is_lsm=True, lsm_metadata=found)
    page: Any = None
    channels = _lsm(file, page, page).channels
    assert [(each.name, each.colour) for each in channels] == [("dye", "FF8000"), ("none", None)]


@pytest.mark.parametrize("suffix", sorted({*READ_AS_TIFF} - {".ndpi"}))
def test_names_of_tiffs(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix.upper()}"
    tifffile.imwrite(path, PLANES[0], bigtiff=suffix in (".btf", ".tf8"))
    assert [str(each) for each in list_series(path)] == ["0 (9 x 8)"]
    np.testing.assert_array_equal(read_image(path).data, PLANES[0])


def test_ndpi_has_longer_offsets(tmp_path: Path) -> None:
    tags = [(256, 4, 1, 9), (257, 4, 1, 8), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1),
            (271, 2, 4, 0x004D4148), (273, 4, 1, 12), (277, 3, 1, 1), (278, 4, 1, 8),
            (279, 4, 1, 144), (65420, 4, 1, 1)]  # fmt: skip
    table = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    content = b"II*\0" + struct.pack("<Q", 156) + PLANES[0].tobytes() + table
    (tmp_path / "a.ndpi").write_bytes(content + struct.pack("<Q", 0) + bytes(4 * len(tags)))
    np.testing.assert_array_equal(read_image(tmp_path / "a.ndpi").data, PLANES[0])


def test_sizes_of_olympus_sis(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, PLANES[0], metadata=None, extratags=[(33560, 4, 1, 8, False)])
    content = bytearray(path.read_bytes())
    entry = content.index(struct.pack("<HHI", 33560, 4, 1))
    content[entry + 8 : entry + 12] = struct.pack("<I", len(content))
    content += struct.pack("<4s6x5h6x32sH", b"SIS0", 1, 2, 3, 4, 120, b"name", 1)
    content += struct.pack("<2hI", 1, 1, len(content) + 8)
    content += struct.pack("<10xhdd8xd2x34s32s", -6, 0.32, 0.33, 20.0, b"camera", b"grey")
    path.write_bytes(content)
    image = read_image(path)
    assert image.pixel_size == pytest.approx({"X": 0.32, "Y": 0.33})
    assert known_by_others(tmp_path / "b.ome.tif", image)[:2] == pytest.approx((0.32, 0.33))


def test_pages_of_volocity_lie_where_they_say(tmp_path: Path) -> None:
    """Channels change fastest in the file, and names stand at each page."""
    places = [(z, c) for z in range(1, 4) for c in (1, 2)]
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for number, (z, c) in enumerate(places):
            text = (
                "Improvision Data\nTimeStampMicroSeconds=7\nTotalZPlanes=3\nTotalChannels=2\n"
                f"TotalTimepoints=1\nXCalibrationMicrons=0.25\nYCalibrationMicrons=0.3\n"
                f"ZCalibrationMicrons=2\nChannelName=dye {c}\nChannelNo={c}\nZPlane={z}\n"
                f"TimepointName=1\nWhiteColour={255 * (c - 1)},255,0\n"
            )
            options = {"photometric": "minisblack", "metadata": None, "contiguous": False}
            file.write(PLANES[number], description=text, **options)
    image = read_image(tmp_path / "a.tif")
    assert image.axes == "ZCYX"
    np.testing.assert_array_equal(image.data, PLANES[:6].reshape(3, 2, 8, 9))
    assert image.pixel_size == {"X": 0.25, "Y": 0.3, "Z": 2.0}
    names = [(each.name, each.colour) for each in image.channels]
    assert names == [("dye 1", "00FF00"), ("dye 2", "FFFF00")]
