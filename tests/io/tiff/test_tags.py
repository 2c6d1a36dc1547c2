"""What tags of a plain TIFF say: names of pages, the ground of a map, words about photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tifffile

from napari_autolut.io import read_image, write_image
from tests.pictures import noise, same, twice


def pages(path: Path, names: list[str], shape: tuple[int, ...] = (8, 9), **options: Any) -> Path:
    with tifffile.TiffWriter(path) as writer:
        for number, name in enumerate(names):
            writer.write(
                noise(shape, "uint16", seed=number),
                extratags=[(285, "s", 0, name, True)],
                metadata=None,
                resolution=(10_000, 10_000),
                resolutionunit="CENTIMETER",
                **options,
            )
    return path


MIBI: dict[str, Any] = {"description": '{"channel.mass": 12, "channel.target": "C"}'}
TAKEN = "its pages are named {} and were taken as channels"
LOST = "the names of its pages ({}), which were taken as slices"


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["CD45_89Y", "CD3_170Er", "DNA_191Ir"], {}),
        (["CD45(Yb172)", "80ArAr(ArAr80)"], {}),
        (["CD3", "CD4", "CD8"], {}),
        (["C", "Na", "Au"], MIBI),
        (["DAPI", "GFP"], {}),
        (["Channel 1", "Channel 2"], {}),
        (["actin", "tubulin"], {}),
    ],
)
def test_pages_with_names_are_channels(
    tmp_path: Path, names: list[str], options: dict[str, Any]
) -> None:
    image = read_image(pages(tmp_path / "a.tif", names, **options))
    assert image.axes == "CYX" and image.pixel_size == {"X": 1.0, "Y": 1.0}
    assert [each.name for each in image.channels] == names
    assert image.remarks == (TAKEN.format(", ".join(names)),)
    again = read_image(write_image(tmp_path / "b.tif", twice(image)))
    assert [each.name for each in again.channels] == names and again.axes == "CYX"


@pytest.mark.parametrize(
    "names",
    [["z001", "z002"], ["a", "a"], ["a", " "], ["z=0", "z=1"], ["Frame 1 of 2", "Frame 2 of 2"]],
)
def test_pages_with_numbers_are_slices(tmp_path: Path, names: list[str]) -> None:
    image = read_image(pages(tmp_path / "a.tif", names))
    assert (image.axes, image.channels, image.remarks, image.not_kept) == ("ZYX", (), (), ())


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["Background", "Layer 1", "Layer 1 copy"], {}),
        (["Hintergrund", "Ebene 1"], {}),
        (["cells", "outlines"], {"software": "GIMP 2.10.34"}),
        (["cells", "outlines"], {"software": "Adobe Photoshop 25.0 (Windows)"}),
        (["z=-1.5 um", "z=0 um"], {}),
        (["500 ms", "1 s"], {}),
        (["c:1/2 z:1/2", "c:2/2 z:1/2", "c:1/2 z:2/2"], {}),
    ],
)
def test_layers_and_slices_with_names_are_no_channels(
    tmp_path: Path, names: list[str], options: dict[str, Any]
) -> None:
    image = read_image(pages(tmp_path / "a.tif", names, **options))
    assert (image.axes, image.channels) == ("ZYX", ())
    assert image.not_kept == (LOST.format(", ".join(names)),)


def test_coloured_pages_are_no_channels(tmp_path: Path) -> None:
    names = ["cells", "outlines"]
    image = read_image(pages(tmp_path / "a.tif", names, (8, 9, 3), photometric="rgb"))
    assert image.axes == "ZYXS" and image.not_kept == (LOST.format("cells, outlines"),)


def keys(*entries: int) -> tuple[int, ...]:
    return 1, 1, 0, len(entries) // 4, *entries


MAP = "the place on the map (GeoTIFF)"
SCALE = (33550, "d", 3, (30.0, 20.0, 0.0), True)


@pytest.mark.parametrize(
    ("entries", "size"),
    [
        ((1024, 0, 1, 1, 3072, 0, 1, 32611), {"X": 30.0, "Y": 20.0}),
        ((1024, 0, 1, 1, 3076, 0, 1, 9002), {}),  # feet
        ((1024, 0, 1, 2), {}),  # degrees
        ((1024,), {}),
    ],
)
def test_pixels_of_a_map_have_a_size_on_the_ground(
    tmp_path: Path, entries: tuple[int, ...], size: dict[str, float]
) -> None:
    found = keys(*entries)
    tags: list[Any] = [SCALE, (34735, "H", len(found), found, True)]
    tifffile.imwrite(tmp_path / "a.tif", noise((8, 9)), extratags=tags, metadata=None)
    image = read_image(tmp_path / "a.tif")
    assert same(image, noise((8, 9)), "YX")
    assert (image.pixel_size, image.unit) == (size, "m" if size else None)
    assert image.not_kept == (MAP,)


@pytest.mark.parametrize(
    ("tag", "words"), [(700, "keywords and ratings (XMP)"), (33723, "captions (IPTC)")]
)
def test_words_about_a_photograph_are_named(tmp_path: Path, tag: int, words: str) -> None:
    tags = [(tag, "B", 9, b"<x:xmp/> ", True)]
    tifffile.imwrite(tmp_path / "a.tif", noise((8, 9, 3)), extratags=tags, metadata=None)
    assert read_image(tmp_path / "a.tif").not_kept == (words,)
