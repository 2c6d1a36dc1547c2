"""Slides as scanners write them: what they say of pixels and channels in texts of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.io import Channel, list_series, read_image, write_image
from tests.io.tiff.ome_schema import check_valid

SLIDE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), "uint8")

PHILIPS = (
    '<?xml version="1.0"?><DataObject ObjectType="DPUfsImport"><Attribute '
    'Name="DICOM_PIXEL_SPACING" Group="0x0028" Element="0x0030" PMSVR="IDoubleArray">'
    '"0.000226907" "0.0002268"</Attribute></DataObject>'
)
VENTANA = b'<?xml version="1.0"?><Metadata><iScan Magnification="40" ScanRes="0.2325"/></Metadata>'

PERKIN_ELMER = (
    "<PerkinElmer-QPI-ImageDescription><ImageType>FullResolution</ImageType><Name>{}</Name>"
    "<Color>{}</Color></PerkinElmer-QPI-ImageDescription>"
)
SOFTWARE = "PerkinElmer-QPI"


def written(path: Path, *pages: dict[str, Any]) -> Path:
    with tifffile.TiffWriter(path, bigtiff=True) as file:
        for page in pages:
            defaults = {"photometric": "rgb", "tile": (32, 32), "metadata": None}
            file.write(**(defaults | page))
    return path


def test_philips(tmp_path: Path) -> None:
    page = {"data": SLIDE, "description": PHILIPS, "software": "Philips DP v1.0"}
    image = read_image(written(tmp_path / "a.tiff", page))
    assert image.pixel_size == pytest.approx({"Y": 0.226907, "X": 0.2268})
    assert image.unit == "µm"
    np.testing.assert_array_equal(image.data, SLIDE)


def test_aperio(tmp_path: Path) -> None:
    """The thumbnail repeats what the slide's pixels are, whose own are four times as large."""
    words = "Aperio Image Library v12.0.15\r\n64x64 {}|AppMag = 20|MPP = 0.4990"
    pages = [
        {"data": SLIDE, "description": words.format("[0,0 64x64] (32x32) JPEG/RGB Q=70")},
        {"data": SLIDE[::4, ::4].copy(), "description": words.format("-> 16x16 - "), "tile": None},
        {"data": SLIDE[:20, :40].copy(), "description": words.split("|")[0], "subfiletype": 9},
    ]
    path = written(tmp_path / "a.svs", *pages)
    sizes = {each.role: dict(read_image(path, series=each.index).pixel_size)
             for each in list_series(path)}  # fmt: skip
    assert sizes["image"] == pytest.approx({"Y": 0.499, "X": 0.499})
    assert sizes["thumbnail"] == pytest.approx({"Y": 1.996, "X": 1.996})


@pytest.mark.parametrize("description", ["Label_Image", "level=0 mag=40 quality=95"])
def test_ventana(tmp_path: Path, description: str) -> None:
    """What the first page says is the slide's, which may be the second."""
    xmp = [(700, 1, len(VENTANA), VENTANA, True)]
    first = {"data": SLIDE[:32], "description": description, "extratags": xmp}
    path = tmp_path / "a.bif"
    if "level" in description:
        written(path, first)
    else:
        written(path, first, {"data": SLIDE, "description": "level=0 mag=40 quality=95"})
    roles = {each.role: each.index for each in list_series(path)}
    assert read_image(path, series=roles["image"]).pixel_size == {"X": 0.2325, "Y": 0.2325}
    if "label" in roles:
        assert not read_image(path, series=roles["label"]).pixel_size


def test_channels_of_perkin_elmer(tmp_path: Path) -> None:
    said = {"Opal 520 &amp; AF": "0,255,0", "DAPI": "0, 0, 255", "none": f"{'1' * 5000},2,3"}
    pages: list[dict[str, Any]] = [
        {
            "data": SLIDE[..., n],
            "description": PERKIN_ELMER.format(*each),
            "software": SOFTWARE,
            "photometric": "minisblack",
            "resolution": (20000, 20000),
            "resolutionunit": "CENTIMETER",
        }
        for n, each in enumerate(said.items())
    ]
    image = read_image(written(tmp_path / "a.qptiff", *pages))
    assert image.axes == "CYX"
    assert image.channels == (
        Channel("Opal 520 & AF", "00FF00"),
        Channel("DAPI", "0000FF"),
        Channel("none"),
    )
    assert (image.pixel_size, image.unit) == ({"Y": 0.5, "X": 0.5}, "µm")
    with tifffile.TiffFile(write_image(tmp_path / "b.ome.tif", image)) as tif:
        check_valid(tif.ome_metadata)
        assert 'Name="DAPI"' in tif.ome_metadata
    colours = {"data": SLIDE, "description": PERKIN_ELMER.format("", ""), "software": SOFTWARE}
    assert not read_image(written(tmp_path / "c.qptiff", colours)).channels
