"""Stacks as programs of light microscopes lay them out, by hand."""

from __future__ import annotations

import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.io import READ_AS_TIFF, ImageFile, list_series, read_image, write_image
from napari_autolut.io.tiff.light_microscopes import _lsm
from tests.io.tiff.ome_schema import check_valid
from tests.pictures import picture

PLANES = picture((12, 8, 9), "uint16", top=4000)


def written(path: Path, pages: np.ndarray, **options: Any) -> Path:
    """One page after another, none of them said to belong to others."""
    header = options.get("header", b"")
    with tifffile.TiffWriter(path, bigtiff=bool(header)) as file:
        file._fh.write(header)
        for number, page in enumerate(pages):
            tags = options.get("each", lambda _: [])(number)
            tags += options.get("tags", []) if number == 0 else []
            file.write(
                page, photometric="minisblack", metadata=None, contiguous=False, extratags=tags,
                planarconfig="separate" if page.ndim == 3 else None,
                **{key: options[key] for key in ("description", "software") if key in options},
            )  # fmt: skip
    return path


def known_by_others(path: Path, image: ImageFile) -> tuple[float | None, ...]:
    """Sizes of what is written, as ome-types reads them: X, Y, Z and seconds a frame."""
    ome_types = pytest.importorskip("ome_types")
    with tifffile.TiffFile(write_image(path, image)) as tif:
        check_valid(tif.ome_metadata)
        pixels = ome_types.from_xml(tif.ome_metadata).images[0].pixels
    return (
        pixels.physical_size_x, pixels.physical_size_y, pixels.physical_size_z,
        pixels.time_increment,
    )  # fmt: skip


# --- MetaMorph -------------------------------------------------------------------------------


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


# --- FluoView, ScanImage ---------------------------------------------------------------------


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


def test_scanimage(tmp_path: Path) -> None:
    said = ("SI.hChannels.channelSave = 1\nSI.hStackManager.stackZStepSize = -2.5\n"
            "SI.hRoiManager.imagingFovUm = [-90 -40;90 -40;90 40;-90 40]\n")  # fmt: skip
    image = read_image(written(tmp_path / "a.tif", PLANES[:3].astype("int16"), software=said))
    assert image.data.dtype == np.int16
    assert image.pixel_size == pytest.approx({"X": 20, "Y": 10, "Z": 2.5})


@pytest.mark.parametrize(
    ("channels", "slices", "frames", "shape", "axes", "seconds"),
    [("[1;2]", 3, "1", (2, 3, 2), "TZCYX", 0.5), ("1", 6, "1", (2, 6), "TZYX", 0.5),
     ("[1;3]", 1, "Inf", (6, 2), "TCYX", 0.1), ("1", 1, "1", (12,), "TYX", 0.1),
     ("[1;2]", 6, "1", (6, 2), "ZCYX", None), ("1", 12, "1", (12,), "ZYX", None),
     ("1", 5, "1", (12,), "ZYX", None)],
)  # fmt: skip
def test_volumes_of_scanimage(
    tmp_path: Path, channels: str, slices: int, frames: str, shape: Any, axes: str, seconds: Any
) -> None:
    """Channels and volumes lay among the slices."""
    said = (f"SI.hChannels.channelSave = {channels}\nSI.hStackManager.numSlices = {slices}\n"
            f"SI.hStackManager.framesPerSlice = {frames}\nSI.hRoiManager.scanVolumeRate = 2\n"
            "SI.hRoiManager.scanFrameRate = 10\n")  # fmt: skip
    image = read_image(written(tmp_path / "a.tif", PLANES, software=said))
    assert image.axes == axes and image.pixel_size.get("T") == seconds
    np.testing.assert_array_equal(image.data, PLANES.reshape(*shape, 8, 9))


def scanimage_header(said: str) -> bytes:
    """What ScanImage writes before the first page of a BigTIFF: its settings again."""
    return struct.pack("<4I", 0x07030301, 3, len(said) + 1, 1) + f"{said}\0\0".encode()


@pytest.mark.parametrize(
    ("channels", "slices", "frames", "shape", "axes", "seconds"),
    [("[1;2]", 3, ("10", 10), (2, 3, 2), "TZCYX", 0.5),
     ("[1;2]", 3, ("4", 2), (3, 2, 2), "ZTCYX", 0.2),
     ("1", 1, ("Inf", 5), (12,), "TYX", 0.5), ("[1;2]", 1, ("6", 1), (6, 2), "TCYX", 0.1),
     ("1", 3, ("4", 1), (3, 4), "ZTYX", 0.1), ("1", 3, ("4", 4), (4, 3), "TZYX", 0.5),
     ("1", 3, ("4", 2), (2, 3, 2), "AZTYX", 0.2), ("1", 5, ("4", 2), (12,), "ZYX", None),
     ("[1;2]", 5, ("4", 2), (6, 2), "ZCYX", None)],
)  # fmt: skip
@pytest.mark.parametrize("big", [False, True])
def test_frames_of_scanimage(
    tmp_path: Path,
    channels: str,
    slices: int,
    frames: tuple[str, int],
    shape: Any,
    axes: str,
    seconds: Any,
    big: bool,
) -> None:
    """Averaged frames are saved as one: pages were lost, and times were those between all."""
    said = (f"SI.hChannels.channelSave = {channels}\nSI.hStackManager.numSlices = {slices}\n"
            f"SI.hStackManager.framesPerSlice = {frames[0]}\nSI.hRoiManager.scanVolumeRate = 2\n"
            f"SI.hScan2D.logAverageFactor = {frames[1]}\n"
            "SI.hRoiManager.scanFrameRate = 10\n")  # fmt: skip
    path = tmp_path / "a.tif"
    written(path, PLANES, software=said, header=scanimage_header(said) if big else b"")
    with tifffile.TiffFile(path) as tif:
        assert bool(tif.scanimage_metadata.get("FrameData")) == big
    image = read_image(path)
    assert image.axes == axes and image.pixel_size.get("T") == seconds
    np.testing.assert_array_equal(image.data, PLANES.reshape(*shape, 8, 9))


# --- LSM -------------------------------------------------------------------------------------


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


# --- names -----------------------------------------------------------------------------------


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


# --- Olympus SIS, Volocity -------------------------------------------------------------------


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
