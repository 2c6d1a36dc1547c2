"""Pixel sizes as makers of electron microscopes write them, and as OME in the result."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.io import read_image, write_image
from tests.io.tiff.ome_schema import check_valid

DATA = np.random.default_rng(0).integers(0, 200, (12, 16)).astype("uint8")

FEI = "[Scan]\r\nInternalScan=true\r\nPixelWidth=2.5e-008\r\nPixelHeight=3e-008\r\n"
ZEISS = "\r\n".join(
    ["0", "0", "0", "2.5e-08", *["0"] * 16, "DP_TYPE", "Type = SEM", "AP_IMAGE_PIXEL_SIZE",
     "Image Pixel Size =  25.0 nm", ""]
)  # fmt: skip
TESCAN = "[MAIN]\r\nDevice=TS\r\nPixelSizeX=2.5e-008\r\nPixelSizeY=3.0e-008\r\n"
HITACHI = "[SemImageFile]\r\nImageName=a.tif\r\nDataSize=16x12\r\nPixelSize=25.0\r\n"
PHENOM = (
    '<?xml version="1.0"?><FeiImage><databarHeight>64</databarHeight>'
    '<pixelWidth unit="nm">25</pixelWidth><pixelHeight unit="um">0.03</pixelHeight></FeiImage>'
)
THERMO = (
    "<Metadata><BinaryResult><ImageSize><X>16</X><Y>12</Y></ImageSize>\n<PixelSize>\n"
    '<X unit="m" unitPrefixPower="1">2.5E-08</X>\n<Y unit="m" unitPrefixPower="1">3E-08</Y>'
    "</PixelSize></BinaryResult></Metadata>"
)
FIBICS = (
    '<Fibics version="1.0"><Image><Width>16</Width><Height>12</Height></Image>'
    '<Scan><FOV_X units="um">0.4</FOV_X><FOV_Y units="nm">360</FOV_Y></Scan></Fibics>'
)
JEOL = "$CM_FORMAT JEOL-SEM\n$CM_VERSION 1.0\n$$SM_MICRON_BAR 40\n$$SM_MICRON_MARKER 1um\n"


def tagged(path: Path, tag: int, text: str) -> None:
    content = text.encode("latin-1")
    dtype = 2 if tag != 50431 else 7
    # Screens' dots an inch, as these programs write them
    tifffile.imwrite(
        path, DATA, metadata=None, resolution=(96, 96), resolutionunit="INCH",
        extratags=[(tag, dtype, len(content) + (dtype == 2), content, True)],
    )  # fmt: skip


def beside(path: Path, text: str, encoding: str = "latin-1", suffix: str = ".txt") -> None:
    tifffile.imwrite(path, DATA, metadata=None, resolution=(96, 96), resolutionunit="INCH")
    path.with_name(path.stem + suffix).write_bytes(text.encode(encoding))


@pytest.mark.parametrize(
    ("kind", "down"),
    [("fei", 30), ("fei-helios", 30), ("phenom", 30), ("thermo", 30), ("fibics", 30),
     ("zeiss", 25), ("tescan", 30), ("tescan beside", 30), ("hitachi", 25),
     ("hitachi utf-16", 25), ("jeol", 25), ("digital micrograph", 30)],
)  # fmt: skip
def test_sizes_are_read_and_written_as_ome(tmp_path: Path, kind: str, down: float) -> None:
    path = tmp_path / "a.tif"
    match kind:
        case "fei":
            tagged(path, 34680, FEI)
        case "fei-helios":
            tagged(path, 34682, FEI)
        case "phenom":
            tagged(path, 34683, PHENOM)
        case "thermo":
            tagged(path, 34683, THERMO)
        case "fibics":
            tagged(path, 51023, FIBICS)
        case "zeiss":
            tagged(path, 34118, ZEISS)
        case "tescan":
            tagged(path, 50431, "\xff\xd8thumbnail\xff\xd9" + TESCAN)
        case "tescan beside":
            beside(path, TESCAN, suffix="-tif.hdr")
        case "hitachi":
            beside(path, HITACHI)
        case "hitachi utf-16":
            beside(path, HITACHI, "utf-16")
        case "digital micrograph":
            tags = [(65003, 2, 3, "nm\0", True), (65004, 2, 3, "nm\0", True)]
            tags += [(65009, 12, 1, 25.0, True), (65010, 12, 1, 30.0, True)]
            tifffile.imwrite(path, DATA, metadata=None, extratags=tags)
        case _:
            beside(path, JEOL)
    image = read_image(path)
    assert image.unit == "µm"
    assert image.pixel_size == pytest.approx({"X": 0.025, "Y": down / 1000})
    with tifffile.TiffFile(write_image(tmp_path / "out.tif", image)) as tif:
        check_valid(tif.ome_metadata)
    assert read_image(tmp_path / "out.tif").pixel_size == pytest.approx(image.pixel_size)


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        (50431, "PixelSizeX=1,5e-008\nPixelSizeY=2,5e-008\n", {"X": 0.015, "Y": 0.025}),
        (51023, FIBICS, {"X": 0.025, "Y": 0.03}),
        (34118, ZEISS, {"X": 0.025, "Y": 0.025}),
        (34680, FEI, {"X": 0.025, "Y": 0.03}),
        (0, "PixelSize=9,92\n", {"X": 0.00992, "Y": 0.00992}),
        (0, "$$SM_MICRON_BAR 100\n$$SM_MICRON_MARKER 0,5um\n", {"X": 0.005, "Y": 0.005}),
        (0, "PixelSize=1,234.5\n", None),
    ],
)
def test_a_comma_in_a_size(
    tmp_path: Path, tag: int, text: str, expected: dict[str, float] | None
) -> None:
    """Not what stands before it: metres for 15 nm, or 9 nm for 9.92."""
    path = tmp_path / "a.tif"
    if tag:
        tagged(path, tag, re.sub(r"(\d)\.(\d)", r"\1,\2", text))
    else:
        beside(path, text)
    sizes = read_image(path).pixel_size
    assert sizes == pytest.approx(expected or dict.fromkeys("XY", 25400 / 96))


@pytest.mark.parametrize(
    "text",
    ["", "notes of a day", "PixelSize=0", "PixelSize=many", "DataSize=99x99\nPixelSize=25",
     "$$SM_MICRON_BAR 0\n$$SM_MICRON_MARKER 1um", "$$SM_MICRON_BAR 40\n$$SM_MICRON_MARKER 1 cat"],
)  # fmt: skip
def test_a_text_that_says_nothing_of_sizes(tmp_path: Path, text: str) -> None:
    beside(tmp_path / "a.tif", text)
    image = read_image(tmp_path / "a.tif")
    assert image.pixel_size["X"] == pytest.approx(25400 / 96)
    assert image.flavour == "plain"


def test_a_magnification_alone_is_said(tmp_path: Path) -> None:
    beside(tmp_path / "a.tif", "[SemImageFile]\nMagnification=5000\nDataSize=9x8\n")
    found = read_image(tmp_path / "a.tif")
    assert found.pixel_size == {}  # and not that of a screen
    assert found.remarks[0].startswith("its text file names a magnification of 5000 and no pixel")
    (tmp_path / "a.txt").write_text("Magnification=5000\nDataSize=9x8\nPixelSize=25\n")
    assert read_image(tmp_path / "a.tif").remarks == ()
