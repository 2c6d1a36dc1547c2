"""OME-TIFF of the schemas of 2003 to 2009: sizes, channels and times that lay elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_autolut.io import read_image
from tests.io.tiff.ome.microscope import source, written
from tests.pictures import twice

PIXELS = (
    'ID="Pixels:0" DimensionOrder="XYZCT" PixelType="uint16" SizeX="20" SizeY="15" SizeZ="2" '
    'SizeC="3" SizeT="2" BigEndian="false"'
)
SIZES = 'PixelSizeX="0.2" PixelSizeY="0.3" PixelSizeZ="1.5"'
PLANE = '<Plane TheZ="0" TheC="0" TheT="0"><PlaneTiming DeltaT="0.5" ExposureTime="0.02"/></Plane>'


def xml(namespace: str, image: str, pixels: str, before: str = "", channel: str = "") -> str:
    channels = "".join(
        f'<{channel} ID="{n}" Name="dye {n}" EmWave="{500 + n}" ExWave="{400 + n}"/>'
        for n in range(3 if channel else 0)
    )
    return (
        f'<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/{namespace}">'
        f'<Image ID="Image:0" Name="old" {image}>{before}{channels}'
        f"<Pixels {PIXELS} {pixels}><TiffData/>{PLANE}</Pixels></Image></OME>"
    )


OLD = {
    "2003": xml("XMLschemas/OME/FC/ome.xsd", f'{SIZES} TimeIncrement="2"', "", "", "ChannelInfo"),
    "2003 with dimensions": xml(
        "XMLschemas/OME/FC/ome.xsd", "", "",
        f'<CA:CustomAttributes xmlns:CA="http://www.openmicroscopy.org/XMLschemas/CA/RC1/CA.xsd">'
        f'<CA:Dimensions {SIZES} PixelSizeT="2"/></CA:CustomAttributes>', "ChannelInfo",
    ),
    "2007": xml("Schemas/OME/2007-06", "",
                'PhysicalSizeX="0.2" PhysicalSizeY="0.3" PhysicalSizeZ="1.5" TimeIncrement="2"',
                "", "LogicalChannel"),
    "2008": xml("Schemas/OME/2008-09", "", f'{SIZES} TimeIncrement="2"', "", "LogicalChannel"),
}  # fmt: skip


@pytest.mark.parametrize("year", OLD)
def test_sizes_and_channels_of_old_schemas(tmp_path: Path, year: str) -> None:
    image = read_image(source(tmp_path / "in.ome.tif", OLD[year]))
    assert (image.axes, image.unit) == ("TCZYX", "µm")
    assert image.pixel_size == pytest.approx({"X": 0.2, "Y": 0.3, "Z": 1.5, "T": 2.0})
    assert [each.name for each in image.channels] == ["dye 0", "dye 1", "dye 2"]
    assert [(each.emission, each.excitation) for each in image.channels] == [
        (500, 400),
        (501, 401),
        (502, 402),
    ]
    ome, _ = written(tmp_path / "out.ome.tif", twice(image))
    pixels = ome.images[0].pixels
    assert (pixels.physical_size_x, pixels.time_increment) == (0.1, 2)
    assert pixels.channels[1].emission_wavelength == 501
    assert pixels.planes[0].exposure_time == 0.02
