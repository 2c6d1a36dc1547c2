"""OME-XML beside the images of an OME-Zarr, as bioformats2raw lays it there."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile
import yaozarrs

from napari_autolut.arrays import finish
from napari_autolut.batch import upscale_file_steps
from napari_autolut.io import Channel, ImageFile, read_image, write_image
from napari_autolut.io.zarr.writing import write_zarr
from tests.conftest import small_model
from tests.io.tiff.ome_schema import check_valid
from tests.pictures import noise

MODEL = small_model("small-x2", 2)
BESIDE = Path("OME", "METADATA.ome.xml")
OME = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
PLANE = (
    '<Plane TheZ="0" TheC="{c}" TheT="0" DeltaT="2" PositionX="100" PositionXUnit="µm" '
    'PositionY="7" PositionYUnit="µm"/>'
)
IMAGE = (
    '<Image ID="Image:{n}" Name="place {n}"><AcquisitionDate>2021-03-04T05:06:07</AcquisitionDate>'
    '<InstrumentRef ID="Instrument:0"/><Pixels ID="Pixels:{n}" DimensionOrder="XYZCT" Type="uint16"'
    ' SizeX="12" SizeY="10" SizeZ="1" SizeC="2" SizeT="1" PhysicalSizeX="0.2" PhysicalSizeY="0.2" '
    'TimeIncrement="1.5"><Channel ID="Channel:{n}:0" SamplesPerPixel="1" Name="DAPI" Color="65535"'
    ' EmissionWavelength="460"/><Channel ID="Channel:{n}:1" SamplesPerPixel="1" Name="GFP" '
    'EmissionWavelength="510" ExcitationWavelength="488"/><MetadataOnly/>'
    + PLANE.format(c=0)
    + PLANE.format(c=1)
    + "</Pixels></Image>"
)
INSTRUMENT = '<Instrument ID="Instrument:0"><Microscope Model="LSM 880"/></Instrument>'


def described(count: int, instrument: str = INSTRUMENT) -> str:
    images = "".join(IMAGE.replace("{n}", str(number)) for number in range(count))
    return f'<?xml version="1.0" encoding="UTF-8"?><OME xmlns="{OME}">{instrument}{images}</OME>'


def image(**fields: object) -> ImageFile:
    said = {"channels": (Channel("nuclei", "00FFFF"), Channel())} | fields
    return ImageFile(noise((2, 10, 12), "uint16"), "CYX", **said)


def with_xml(path: Path, count: int, xml: str | bytes, **fields: object) -> Path:
    write_image(path, [image(**fields)] * count)
    (path / "OME").mkdir(exist_ok=True)
    (path / BESIDE).write_bytes(xml if isinstance(xml, bytes) else xml.encode())
    return path


@pytest.mark.parametrize("count", [1, 2])
def test_what_the_zarr_does_not_say_is_read(tmp_path: Path, count: int) -> None:
    source = with_xml(tmp_path / "a.zarr", count, described(count))
    found = read_image(source, series=count - 1)
    check_read(found)
    if count > 1:  # as viewers are given one image of several
        check_read(read_image(source / "1"))


def check_read(found: ImageFile) -> None:
    nuclei, other = found.channels
    assert (nuclei.name, nuclei.colour, nuclei.emission) == ("nuclei", "00FFFF", 460)
    assert (other.name, other.emission, other.excitation) == ("GFP", 510, 488)
    assert (found.pixel_size, found.unit) == ({"X": 0.2, "Y": 0.2, "T": 1.5}, "µm")
    assert found.not_kept == () and not found.origin  # where it lies is for the Zarr to say


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("suffix", [".zarr", ".ome.tif"])
def test_results_have_it_too(tmp_path: Path, suffix: str, count: int) -> None:
    source = with_xml(tmp_path / "a.zarr", count, described(count))
    out = tmp_path / f"b{suffix}"
    done = finish(upscale_file_steps(source, out, MODEL))
    assert "instrument" not in done.note and "wavelengths" not in done.note
    if suffix == ".zarr":
        xml = (out / BESIDE).read_bytes()
        assert b"TiffData" not in xml and b"MetadataOnly" in xml
    else:
        with tifffile.TiffFile(out) as tiff:
            xml = tiff.ome_metadata.encode()
    check_valid(xml)
    root = ElementTree.fromstring(xml)
    space = {"o": OME}
    assert root.find("o:Instrument/o:Microscope", space).get("Model") == "LSM 880"
    for each in root.findall("o:Image", space):
        assert each.find("o:AcquisitionDate", space).text == "2021-03-04T05:06:07"
        pixels = each.find("o:Pixels", space)
        assert (pixels.get("SizeX"), pixels.get("PhysicalSizeX")) == ("24", "0.1")
        assert [c.get("Name") for c in pixels.findall("o:Channel", space)] == ["nuclei", "GFP"]
        plane = pixels.find("o:Plane", space)
        assert float(plane.get("PositionX")) == pytest.approx(99.95)
    assert len(root.findall("o:Image", space)) == count
    again = read_image(out)
    assert [each.emission for each in again.channels] == [460, 510]


@pytest.mark.parametrize(
    ("sizes", "unit", "expected"),
    [
        ({"X": 0.5, "Y": 0.5}, "µm", {"X": 0.5, "Y": 0.5, "T": 1.5}),
        ({"X": 0.2, "Y": 0.2}, None, {"X": 0.2, "Y": 0.2, "T": 1.5}),
        ({"X": 0.5, "Y": 0.5}, None, {"X": 0.5, "Y": 0.5, "T": 1.5}),
    ],
)
def test_sizes_of_the_zarr_hold(
    tmp_path: Path, sizes: dict[str, float], unit: str | None, expected: dict[str, float]
) -> None:
    source = with_xml(tmp_path / "a.zarr", 1, described(1), pixel_size=sizes, unit=unit)
    found = read_image(source)
    assert found.pixel_size == pytest.approx(expected)
    assert found.unit == (None if unit is None and sizes["X"] == 0.5 else "µm")


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        (f'<!DOCTYPE O [<!ENTITY a "b">]>{described(1)}', "document type"),
        (described(1)[:200], "damaged"),
        (b"\xff\xfe\x00", "decode"),
        (described(1).replace('SizeX="12"', 'SizeX="13"'), "does not fit"),
        (described(0), "does not fit"),
        (described(1).replace("2016-06", "2010-06"), "schema of 2010"),
        (described(1, "<a>" * 10_000 + "</a>" * 10_000), "without end"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, xml: str | bytes, words: str) -> None:
    found = read_image(with_xml(tmp_path / "a.zarr", 1, xml))
    (said,) = found.not_kept
    assert said.startswith("what OME/METADATA.ome.xml says") and words in said
    assert found.channels[0].name == "nuclei" and found.channels[0].emission is None
    assert not found.metadata


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    source = with_xml(tmp_path / "a.zarr", 1, "")
    (source / BESIDE).unlink()
    os.mkfifo(source / BESIDE)
    (said,) = read_image(source).not_kept
    assert "pipe" in said


def test_no_link_is_followed_out_of_the_folder(tmp_path: Path) -> None:
    source = with_xml(tmp_path / "a.zarr", 1, "")
    (tmp_path / "secret.xml").write_text(described(1))
    (source / BESIDE).unlink()
    (source / BESIDE).symlink_to(tmp_path / "secret.xml")
    assert "leads out" in read_image(source).not_kept[0]


@pytest.mark.parametrize("version", ["0.5", "0.4"])
def test_wavelengths_of_any_source_lie_beside(tmp_path: Path, version: str) -> None:
    written = image(channels=(Channel("a", emission=500.0), Channel("b")))
    write_zarr(tmp_path / "a.zarr", written, version=version)
    yaozarrs.validate_zarr_store(str(tmp_path / "a.zarr"))
    found = read_image(tmp_path / "a.zarr")
    assert found.channels[0].emission == 500
    np.testing.assert_array_equal(found.data, written.data)
