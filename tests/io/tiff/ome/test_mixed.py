"""An OME image whose channels are colours beside greys: each kind is an image of its own."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile

from napari_autolut.io import ImageFileError, list_series, read_image, write_image
from napari_autolut.io.tiff.ome import mixed as ome_mixed

RANDOM = np.random.default_rng(0)
STAIN = RANDOM.integers(0, 255, (2, 24, 30, 3), dtype=np.uint8)
DYES = RANDOM.integers(0, 255, (2, 2, 24, 30), dtype=np.uint8)
"""Slices of a channel of colours, and channels and slices of grey ones."""

ONE_BY_ONE = [(c, z, 2 * c + z) for c in range(3) for z in range(2)]

BLOCKS = {
    "in their order": ("XYZCT", "<TiffData/>"),
    "all at once": ("XYZCT", '<TiffData IFD="0" PlaneCount="6"/>'),
    "one by one": (
        "XYCZT",
        "".join(f'<TiffData IFD="{page}" FirstC="{c}" FirstZ="{z}"/>' for c, z, page in ONE_BY_ONE),
    ),
    "samples counted": (
        "XYCZT",
        "".join(
            f'<TiffData IFD="{page}" FirstC="{(0, 3, 4)[c]}" FirstZ="{z}" PlaneCount="1"/>'
            for c, z, page in ONE_BY_ONE
        ),
    ),
}


def written(path: Path, order: str, blocks: str, samples: tuple[int, ...] = (3, 1, 1)) -> Path:
    channels = "".join(
        f'<Channel ID="Channel:0:{n}" Name="{name}" SamplesPerPixel="{count}"/>'
        for n, (name, count) in enumerate(zip(("H-E", "DAPI", "GFP"), samples, strict=True))
    )
    planes = "".join(
        f'<Plane TheC="{c}" TheZ="{z}" TheT="0" PositionX="{c + 1}" PositionXUnit="nm"/>'
        for c, z, _ in ONE_BY_ONE
    )
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" '
        f'Name="slide"><Pixels ID="Pixels:0" DimensionOrder="{order}" Type="uint8" SizeX="30" '
        'SizeY="24" SizeZ="2" SizeC="5" SizeT="1" PhysicalSizeX="250" PhysicalSizeXUnit="nm" '
        'PhysicalSizeY="250" PhysicalSizeYUnit="nm">'
        f"{channels}{blocks}{planes}</Pixels></Image></OME>"
    )
    with tifffile.TiffWriter(path, ome=False) as writer:
        for page in (*STAIN, *DYES.reshape(4, 24, 30)):
            colours = "rgb" if page.ndim == 3 else "minisblack"
            writer.write(page, photometric=colours, description=xml, metadata=None)
    return path


@pytest.mark.parametrize("kind", BLOCKS)
def test_colours_and_greys_are_images_of_their_own(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / "a.ome.tif", *BLOCKS[kind])
    assert [each.name for each in list_series(path)] == ["slide", "slide H-E"]
    grey, colours = (read_image(path, series=number) for number in range(2))
    np.testing.assert_array_equal(grey.data.transpose([*map(grey.axes.index, "CZYX")]), DYES)
    np.testing.assert_array_equal(colours.data, STAIN)
    assert [each.name for each in grey.channels] == ["DAPI", "GFP"]
    assert [each.name for each in colours.channels] == ["H-E"]
    assert grey.pixel_size == colours.pixel_size == {"X": 250, "Y": 250}
    assert (grey.origin["X"], colours.origin["X"]) == (2, 1)

    out = write_image(tmp_path / "b.ome.tif", [grey, colours])
    for number, image in enumerate((grey, colours)):
        again = read_image(out, series=number)
        np.testing.assert_array_equal(again.data, image.data)
        assert (again.channels, again.pixel_size) == (image.channels, image.pixel_size)


@pytest.mark.parametrize(
    ("blocks", "samples"),
    [
        ('<TiffData FirstC="77"/>', (3, 1, 1)),
        ('<TiffData FirstZ="-3"/>', (3, 1, 1)),
        ('<TiffData IFD="99999"/>', (3, 1, 1)),
        ("<TiffData/>", (2, 1, 1)),
        ("<TiffData/>", (3, 0, 2)),
        ("<TiffData/>", (1, 3, 1)),
    ],
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, blocks: str, samples: tuple[int, ...]
) -> None:
    path = written(tmp_path / "a.ome.tif", "XYZCT", blocks, samples)
    with pytest.raises(ImageFileError):
        read_image(path)


def test_planes_without_end_cost_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.ome.tif", "XYZCT", '<TiffData PlaneCount="1000000000"/>')
    np.testing.assert_array_equal(read_image(path, series=1).data, STAIN)
    content = path.read_bytes().replace(b'SizeT="1"', b'SizeT="9"')
    path.write_bytes(content)
    with pytest.raises(ImageFileError):
        read_image(path)


@pytest.mark.parametrize("kind", ["blocks", "channels"])
def test_elements_without_end_are_refused_at_once(kind: str) -> None:
    count = 300
    many = '<TiffData PlaneCount="100000"/>' * (count if kind == "blocks" else 1)
    colours = count if kind == "channels" else 1
    channels = '<Channel SamplesPerPixel="1"/>' + '<Channel SamplesPerPixel="3"/>' * colours
    root = ElementTree.fromstring(
        f'<OME xmlns="x"><Image><Pixels DimensionOrder="XYCZT" SizeZ="1" SizeT="{10**5}" '
        f'SizeC="{1 + 3 * colours}">{channels}{many}</Pixels></Image></OME>'
    )
    copies = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ome_mixed, "deepcopy", lambda each: copies.append(each) or deepcopy(each))
        assert ome_mixed.split_by_samples(root) is None
    assert len(copies) <= ome_mixed.MAX_ELEMENTS
