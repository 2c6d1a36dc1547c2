"""Descriptions that are bare, damaged, or do not fit their pages."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_autolut.io import (
    Channel,
    ImageFile,
    ImageFileError,
    ProcessingStep,
    list_series,
    read_image,
    write_image,
)
from napari_autolut.io.tiff.ome.writing import ome_xml
from tests.io.tiff.ome.microscope import MICROSCOPE, NS, noise, ome_types, source
from tests.io.tiff.ome_schema import check_valid


@pytest.mark.parametrize("declared", ["<!DOCTYPE OME>", '<!DOCTYPE OME [<!ENTITY a "aa">]>'])
def test_no_entities(tmp_path: Path, declared: str) -> None:
    xml = MICROSCOPE.replace('encoding="UTF-8"?>', f'encoding="UTF-8"?>{declared}')
    with pytest.raises(ImageFileError, match=r"document type|entities|entity|DTD"):
        read_image(source(tmp_path / "in.ome.tif", xml))


@pytest.mark.parametrize("images", [1, 2])
def test_regions_that_no_image_refers_to_are_on_all(tmp_path: Path, images: int) -> None:
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as writer:
        for _ in range(images):
            writer.write(noise((8, 9)), photometric="minisblack")
    xml = tifffile.tiffcomment(tmp_path / "a.ome.tif")
    region = '<ROI ID="ROI:0"><Union><Point ID="Shape:0" X="1" Y="1"/></Union></ROI></OME>'
    tifffile.tiffcomment(tmp_path / "a.ome.tif", xml.replace("</OME>", region).encode())
    for number in range(images):
        image = read_image(tmp_path / "a.ome.tif", series=number)
        assert image.not_kept == ("regions of interest",)


PIXELS = (
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
    '<Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="9" SizeY="8" SizeZ="3" '
    'SizeC="2" SizeT="1" PhysicalSizeX="0.5"/></Image></OME>'
)


def _with_description(path: Path, text: str) -> Path:
    pages = np.arange(6, dtype=np.uint8)[:, None, None] + np.zeros((8, 9), np.uint8)
    tifffile.imwrite(path, pages, description=text, metadata=None, photometric="minisblack")
    return path


def test_pages_that_nothing_places_are_in_their_order(tmp_path: Path) -> None:
    image = read_image(_with_description(tmp_path / "a.ome.tif", PIXELS))
    assert (image.axes, image.data.shape) == ("ZCYX", (3, 2, 8, 9))
    assert image.data[:, :, 0, 0].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert image.pixel_size["X"] == 0.5


@pytest.mark.parametrize(("count", "kept"), [(1, ["one", None]), (3, ["one", "two"])])
@pytest.mark.parametrize("flavour", ["ome", "plain"])
def test_fewer_or_more_channels_than_there_are(
    tmp_path: Path, count: int, kept: list[str | None], flavour: str
) -> None:
    """Not all names are lost where one is."""
    names = ["one", "two", "three"][:count]
    data = np.zeros((2, 6, 8), np.uint8)
    image = ImageFile(data, "CYX", channels=tuple(map(Channel, names)), flavour=flavour)
    if flavour == "ome":
        said = "".join(
            f'<Channel ID="Channel:0:{n}" Name="{name}"/>' for n, name in enumerate(names)
        )
        text = f"""<OME xmlns="{NS}"><Image ID="Image:0"><Pixels ID="Pixels:0" Type="uint8"
            DimensionOrder="XYCZT" SizeX="8" SizeY="6" SizeZ="1" SizeC="2" SizeT="1">{said}
            <TiffData/></Pixels></Image></OME>"""
        tifffile.imwrite(tmp_path / "a.ome.tif", data, ome=False, photometric="minisblack",
                         metadata=None, description=text)  # fmt: skip
        image = read_image(tmp_path / "a.ome.tif")
    out = write_image(tmp_path / "b.ome.tif", image)
    check_valid(tifffile.tiffcomment(out))
    assert [each.name for each in ome_types.from_tiff(out).images[0].pixels.channels] == kept


def test_a_comma_in_a_size(tmp_path: Path) -> None:
    """As systems write numbers where people do; the result's are the schema's."""
    text = PIXELS.replace('PhysicalSizeX="0.5"', 'PhysicalSizeX="0,5"')
    assert text != PIXELS
    image = read_image(_with_description(tmp_path / "a.ome.tif", text))
    assert image.pixel_size["X"] == 0.5
    with tifffile.TiffFile(write_image(tmp_path / "b.ome.tif", image)) as tif:
        check_valid(tif.ome_metadata)
        assert 'PhysicalSizeX="0.5"' in tif.ome_metadata


@pytest.mark.parametrize("axis", "XY")
def test_pixels_of_one_known_side_are_square(tmp_path: Path, axis: str) -> None:
    text = PIXELS.replace("PhysicalSizeX", f"PhysicalSize{axis}")
    image = read_image(_with_description(tmp_path / "a.ome.tif", text))
    assert image.pixel_size == {"X": 0.5, "Y": 0.5}
    assert any("square" in words for words in image.remarks)


def test_significant_bits_are_those_of_the_result(tmp_path: Path) -> None:
    text = PIXELS.replace('"0.5"', '"0.5" SignificantBits="3"')
    image = read_image(_with_description(tmp_path / "a.ome.tif", text))
    step = ProcessingStep("upscale", "small-x2", scale=1)
    for change, history, bits in ((0, (), 3), (0, (step,), 3), (100, (step,), 7)):
        out = write_image(
            tmp_path / "b.ome.tif",
            replace(image, data=image.data + np.uint8(change), history=history),
            overwrite=True,
        )
        assert ome_types.from_tiff(out).images[0].pixels.significant_bits == bits
    unknown = replace(image, data=np.broadcast_to(np.uint8(0), image.data.shape), history=(step,))
    assert b"SignificantBits" not in ome_xml([unknown])


def test_a_damaged_description_is_said(tmp_path: Path) -> None:
    image = read_image(_with_description(tmp_path / "a.ome.tif", PIXELS[:-9]))
    assert image.not_kept == ("the OME-XML, which is damaged",)


@pytest.mark.parametrize("name", ["DimensionOrder", "SizeX"])
def test_what_a_description_leaves_out_is_named(tmp_path: Path, name: str) -> None:
    text = re.sub(rf' {name}="[^"]*"', "", PIXELS)
    with pytest.raises(ImageFileError, match=f"does not say {name}; open"):
        read_image(_with_description(tmp_path / "a.ome.tif", text))


def test_sentences_have_no_words_of_python(tmp_path: Path) -> None:
    """A page beyond the last one is an index for tifffile, with an exception in its log."""
    text = PIXELS.replace("/></Image>", '><TiffData IFD="6" PlaneCount="1"/></Pixels></Image>')
    with pytest.raises(ImageFileError) as caught:
        read_image(_with_description(tmp_path / "a.ome.tif", text))
    said = "is incomplete or damaged (OME series contains index out of range); copy it again"
    assert said in str(caught.value)


def test_colours_beside_greys_that_do_not_add_up_are_said(tmp_path: Path) -> None:
    channels = "".join(
        f'<Channel ID="Channel:0:{n}" SamplesPerPixel="{3 - 2 * n}"/>' for n in (0, 1)
    )
    xml = (
        f'<OME xmlns="{NS}"><Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" '
        f'Type="uint8" SizeX="5" SizeY="4" SizeC="7" SizeZ="1" SizeT="1">{channels}'
        '<TiffData IFD="0" FirstC="0"/><TiffData IFD="1" FirstC="3"/></Pixels></Image></OME>'
    )
    with tifffile.TiffWriter(tmp_path / "a.ome.tif") as writer:
        writer.write(
            np.zeros((4, 5, 3), "uint8"), photometric="rgb", description=xml, metadata=None
        )
        writer.write(np.zeros((4, 5), "uint8"), photometric="minisblack", metadata=None)
    with pytest.raises(ImageFileError, match="beside grey ones, which are not read together"):
        list_series(tmp_path / "a.ome.tif")


def test_planes_without_a_page_are_named(tmp_path: Path) -> None:
    """Black without a word, a sparse or broken recording would look complete."""
    path = tmp_path / "a.ome.tif"
    planes = noise((6, 8, 9))
    tifffile.imwrite(path, planes, photometric="minisblack", metadata={"axes": "TYX"}, ome=True)
    xml = tifffile.tiffcomment(path)
    data = "".join(f'<TiffData FirstT="{t}" IFD="{t}" PlaneCount="1"/>' for t in range(6) if t != 3)
    tifffile.tiffcomment(
        path, re.sub(r"<TiffData.*</TiffData>|<TiffData[^>]*/>", data, xml).encode()
    )
    for memmap_above in (0, 10**9):
        image = read_image(path, memmap_above=memmap_above)
        expected = planes.copy()
        expected[3] = 0
        np.testing.assert_array_equal(image.data, expected)
        assert image.remarks == ("1 of its 6 planes are not in the file and were read as 0",)
