"""Several images in one file: which there are, which are meant, and that none gets lost."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_autolut.io import (
    ImageFile,
    ImageFileError,
    chosen_series,
    left_out,
    list_series,
    open_images,
    read_image,
    write_image,
)
from napari_autolut.io.tiff import reading
from napari_autolut.io.tiff.ome.files import files_of_set, members_of_sets
from napari_autolut.io.tiff.page_series import page_series
from tests.pictures import noise, picture, same

PAGE = {"photometric": "minisblack", "metadata": None, "contiguous": False}


def lengths(path: Path) -> list[dict[str, int]]:
    return [dict(each.lengths) for each in list_series(path)]


def test_tifffile_from_2026_5_on_drops_no_axes_of_length_1(tmp_path: Path) -> None:
    """It is installed from Python 3.12 on; the same is asked of the ones before."""
    tifffile.imwrite(tmp_path / "a.tif", picture((3, 6, 5)), **PAGE)
    with tifffile.TiffFile(tmp_path / "a.tif") as tif:
        pages = [page.aspage() for page in tif.pages]
        made = page_series(pages, (3, 1, 6, 5), np.dtype("u1"), "TCYX", kind="scanimage")
        assert vars(made)["_shape"] == made.shape == (3, 6, 5) and made.axes == "TYX"
        np.testing.assert_array_equal(made.asarray(), picture((3, 6, 5)))


def test_positions_of_an_ome_tiff(tmp_path: Path) -> None:
    path = tmp_path / "pos.ome.tif"
    stacks = [noise((2, 6, 5), "uint16", seed) for seed in range(3)]
    with tifffile.TiffWriter(path) as writer:
        for number, data in enumerate(stacks):
            metadata = {"axes": "ZYX", "Name": f"pos {number}", "PhysicalSizeX": 1.0 + number}
            writer.write(data, photometric="minisblack", metadata=metadata)
    assert [each.name for each in list_series(path)] == ["pos 0", "pos 1", "pos 2"]
    for number, data in enumerate(stacks):
        image = read_image(path, series=number)
        assert same(image, data, "ZYX") and image.pixel_size["X"] == 1.0 + number
    assert same(read_image(path), stacks[0], "ZYX")


def test_an_image_in_several_files_stays_on_disk_as_well_as_in_memory(tmp_path: Path) -> None:
    """tifffile closes the other files of a set; pages of a large one are read one by one."""
    names, planes = ["a.ome.tif", "b.ome.tif"], [noise((6, 5), "uint8", n) for n in range(2)]
    places = "".join(
        f'<TiffData IFD="0" FirstC="{n}"><UUID FileName="{name}">urn:uuid:{n}</UUID></TiffData>'
        for n, name in enumerate(names)
    )
    text = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="5" SizeY="6" SizeZ="1" '
        f'SizeC="2" SizeT="1"><Channel ID="C:0"/><Channel ID="C:1"/>{places}</Pixels></Image></OME>'
    )
    for name, data in zip(names, planes, strict=True):
        tifffile.imwrite(tmp_path / name, data, description=text, metadata=None)
    for above in (None, 0):
        options = {} if above is None else {"memmap_above": above}
        assert same(read_image(tmp_path / names[0], **options), np.stack(planes), "CYX")


def test_a_position_lies_in_another_file(tmp_path: Path) -> None:
    """Of one plane without compression, tifffile itself reads the place in the wrong file."""
    names = ["a.ome.tif", "b.ome.tif"]
    planes = [noise((6, 5), "uint8", 0), noise((6, 5), "uint16", 1)]
    images = "".join(
        f'<Image ID="Image:{n}"><Pixels ID="Pixels:{n}" DimensionOrder="XYZCT" SizeX="5" SizeY="6" '
        f'Type="{data.dtype.name}" SizeZ="1" SizeC="1" SizeT="1"><TiffData IFD="0" PlaneCount="1">'
        f'<UUID FileName="{name}">urn:uuid:{n}</UUID></TiffData></Pixels></Image>'
        for n, (name, data) in enumerate(zip(names, planes, strict=True))
    )
    for n, (name, data) in enumerate(zip(names, planes, strict=True)):
        text = (
            '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
            f'UUID="urn:uuid:{n}">{images}</OME>'
        )
        order = "<>"[n]
        tifffile.imwrite(tmp_path / name, data, description=text, metadata=None, byteorder=order)
    for name in names:
        for number, data in enumerate(planes):
            for options in ({}, {"memmap_above": 0}):
                image = read_image(tmp_path / name, series=number, **options)
                assert image.axes == "YX" and np.array_equal(image.data, data)


def test_pages_of_other_sizes_stay_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "sizes.tif"
    # The second is half as large as the first, and still no level of a pyramid.
    pages = [noise(shape) for shape in ((8, 6), (4, 3), (8, 6), (8, 6))]
    with tifffile.TiffWriter(path) as writer:
        for page in pages:
            writer.write(page, **PAGE)
    assert lengths(path) == [{"Y": 8, "X": 6}, {"Y": 4, "X": 3}, {"I": 2, "Y": 8, "X": 6}]
    assert same(read_image(path, series=1), pages[1], "YX")
    assert same(read_image(path, series=2), np.stack(pages[2:]), "ZYX")


def test_thumbnails_and_masks_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "thumb.tif"
    image = noise((40, 50))
    with tifffile.TiffWriter(path) as writer:
        writer.write(noise((8, 9)), subfiletype=1, **PAGE)
        writer.write(image, **PAGE)
        writer.write(noise((40, 50)) > 9, subfiletype=4, **PAGE)
    found = list_series(path)
    assert [each.role for each in found] == ["thumbnail", "image", "mask"]
    chosen = chosen_series(path, found)
    assert [each.index for each in chosen] == [1]
    words = left_out(found, chosen)
    assert words == (
        "left out: series 0 (thumbnail, 9 x 8), 2 (mask, 50 x 40); --series chooses one"
    )
    assert same(read_image(path), image, "YX")
    assert read_image(path, series=0).data.shape == (8, 9)


def test_a_pyramid_is_one_image(tmp_path: Path) -> None:
    levels = [noise((64, 48)), noise((32, 24)), noise((16, 12))]
    for name, options in (("sub.tif", {"subifds": 2}), ("flat.tif", {})):
        with tifffile.TiffWriter(tmp_path / name) as writer:
            writer.write(levels[0], **PAGE, **options)
            for level in levels[1:]:
                writer.write(level, subfiletype=1, **PAGE)
        assert lengths(tmp_path / name) == [{"Y": 64, "X": 48}]
        assert same(read_image(tmp_path / name), levels[0], "YX")


def test_label_and_overview_of_a_slide(tmp_path: Path) -> None:
    path = tmp_path / "slide.ome.tif"
    with tifffile.TiffWriter(path) as writer:
        for name, side in (("label image", 8), ("macro image", 12), ("tissue", 32)):
            writer.write(noise((side, side)), metadata={"Name": name}, photometric="minisblack")
    found = list_series(path)
    assert [each.role for each in found] == ["label", "overview", "image"]
    assert read_image(path).data.shape == (32, 32)


def test_a_number_that_is_not_there(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise((6, 5)))
    Image.fromarray(noise((6, 5))).save(tmp_path / "a.png")
    for name in ("a.tif", "a.png"):
        assert lengths(tmp_path / name) == [{"Y": 6, "X": 5}]
        with pytest.raises(ImageFileError, match=r"no series 3, expected one of 0 \(5 x 6\)"):
            read_image(tmp_path / name, series=3)


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
def test_several_images_are_written_as_series(tmp_path: Path, name: str) -> None:
    images = [
        ImageFile(noise((3, 6, 5), "uint16"), "ZYX", {"Y": 2.0, "X": 2.0}, "µm"),
        ImageFile(noise((9, 8, 3)), "YXS", {"Y": 0.5, "X": 0.5}, "µm"),
        ImageFile(noise((7, 4), "float32"), "YX"),
    ]
    path = write_image(tmp_path / name, images)
    for number, image in enumerate(images):
        again = read_image(path, series=number)
        assert same(again, image.data, image.axes)
        assert again.pixel_size == pytest.approx(image.pixel_size)
    with pytest.raises(ImageFileError, match="a PNG holds one image, not 2"):
        write_image(tmp_path / "a.png", [images[1], images[1]])


OME = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:{}">{}</OME>'


@pytest.mark.parametrize("where", ["set.companion.ome", "0.ome.tif"])
def test_a_set_is_described_in_one_of_its_files(tmp_path: Path, where: str) -> None:
    """The others say where (OME's BinaryOnly); each of them is the whole image."""
    planes = [noise((6, 5), "uint8", n) for n in range(3)]
    paths = [tmp_path / f"{n}.ome.tif" for n in range(3)]
    places = "".join(
        f'<TiffData IFD="0" FirstZ="{n}"><UUID FileName="{n}.ome.tif">urn:uuid:{n}</UUID>'
        "</TiffData>"
        for n in range(3)
    )
    whole = (
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="5" '
        'SizeY="6" SizeZ="3" SizeC="1" SizeT="1" PhysicalSizeX="0.5" PhysicalSizeY="0.5">'
        f'<Channel ID="C:0" Name="DAPI"/>{places}</Pixels></Image>'
    )
    companion = where.endswith("companion.ome")
    if companion:
        (tmp_path / where).write_text(OME.format(9, whole), "utf-8")
    for n, (path, data) in enumerate(zip(paths, planes, strict=True)):
        elsewhere = f'<BinaryOnly MetadataFile="{where}" UUID="urn:uuid:{9 if companion else 0}"/>'
        text = OME.format(n, whole if path.name == where else elsewhere)
        tifffile.imwrite(path, data, description=text, metadata=None)
    assert members_of_sets(paths) == dict.fromkeys(paths[1:], paths[0])
    for path in paths:
        image = read_image(path)
        assert same(image, np.stack(planes), "ZYX")
        assert image.pixel_size == {"X": 0.5, "Y": 0.5} and image.channels[0].name == "DAPI"
        assert image.not_kept == ()
    (tmp_path / where).unlink()
    assert read_image(paths[1]).not_kept == ("the OME-XML, which is in a missing file",)


def test_a_companion_is_not_believed_either(tmp_path: Path) -> None:
    text = OME.format(0, '<BinaryOnly MetadataFile="a.companion.ome" UUID="urn:uuid:9"/>')
    tifffile.imwrite(tmp_path / "a.ome.tif", noise((6, 5)), description=text, metadata=None)
    pixels = (
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="5" '
        'SizeY="6" SizeZ="1" SizeC="1" SizeT="1"><TiffData IFD="0"><UUID FileName="../b.tif">'
        "urn:uuid:1</UUID></TiffData></Pixels></Image>"
    )
    for content, words in [
        ('<!DOCTYPE OME [<!ENTITY a "b">]>' + OME.format(9, pixels), "entities"),
        (OME.format(9, pixels), "outside its folder"),
        (OME.format(9, pixels)[:-9], "damaged"),
        ("", "damaged"),
    ]:
        (tmp_path / "a.companion.ome").write_text(content, "utf-8")
        with pytest.raises(ImageFileError, match=words):
            read_image(tmp_path / "a.ome.tif")


def test_sizes_are_those_of_the_image_that_has_pixels(tmp_path: Path) -> None:
    sizes = 'DimensionOrder="XYZCT" Type="uint8" SizeX="5" SizeY="6" SizeZ="2" SizeC="1" SizeT="1"'
    images = "".join(
        f'<Image ID="Image:{n}"><Pixels ID="Pixels:{n}" {sizes} PhysicalSizeX="{n + 1}" '
        f'PhysicalSizeY="{n + 1}">{data}</Pixels></Image>'
        for n, data in enumerate(["", "<TiffData/>"])
    )
    data = noise((3, 6, 5))
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(
        path, data, description=OME.format(0, images), metadata=None, photometric="minisblack"
    )
    image = read_image(path)
    assert same(image, data[:2], "ZYX") and image.pixel_size == {"X": 2, "Y": 2}
    assert image.not_kept == ("1 page that its description does not name",)


def test_pages_that_imagej_does_not_count(tmp_path: Path) -> None:
    data = noise((3, 6, 5))
    path = tmp_path / "a.tif"
    said = "ImageJ=1.54f\nimages=2\nframes=2\n"
    tifffile.imwrite(path, data, description=said, metadata=None, photometric="minisblack")
    image = read_image(path)
    assert same(image, data[:2], "TYX")
    assert image.not_kept == ("1 page that its description does not name",)


def test_pages_of_another_resolution_are_another_image(tmp_path: Path) -> None:
    """They are no slices of one stack, of the size of the first."""
    path = tmp_path / "a.tif"
    data = picture((4, 8, 9))
    with tifffile.TiffWriter(path) as file:
        for page, dots in zip(data, (10, 10.01, 0, 20), strict=True):
            said = {"resolution": (dots, dots), "resolutionunit": "CENTIMETER"} if dots else {}
            file.write(page, metadata=None, contiguous=False, **said)
    assert [each.lengths for each in list_series(path)] == [
        {"I": 3, "Y": 8, "X": 9}, {"Y": 8, "X": 9}]  # fmt: skip
    first, second = (read_image(path, series=number) for number in (0, 1))
    assert first.pixel_size == {"Y": 1000, "X": 1000}
    assert second.pixel_size == {"Y": 500, "X": 500}
    np.testing.assert_array_equal(second.data, data[3])


def test_a_set_is_known_where_a_disk_spells_letters_in_two(tmp_path: Path) -> None:
    """As macOS does on some disks: names in the files are those that were typed."""
    typed = [f"Zélle {n}.ome.tif" for n in range(3)]
    paths = [tmp_path / unicodedata.normalize("NFD", name) for name in typed]
    places = "".join(
        f'<TiffData IFD="0" FirstZ="{n}"><UUID FileName="{name}">urn:uuid:{n}</UUID></TiffData>'
        for n, name in enumerate(typed)
    )
    whole = (
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="5" '
        f'SizeY="6" SizeZ="3" SizeC="1" SizeT="1">{places}</Pixels></Image>'
    )
    for n, path in enumerate(paths):
        text = OME.format(n, whole).encode()
        tifffile.imwrite(path, noise((6, 5), "uint8", n), description=text, metadata=None)
    assert members_of_sets(paths) == dict.fromkeys(paths[1:], paths[0])
    assert all(len(files_of_set(path)) == 3 for path in paths)


def test_a_tiff_is_gone_through_once_for_all_of_its_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of pages are not listed again for each of hundreds of images."""
    path, gone_through = tmp_path / "a.tif", []
    with tifffile.TiffWriter(path) as writer:
        for number in range(4):
            writer.write(
                picture((6 + number, 5)), compression="zlib" if number % 2 else None, **PAGE
            )
    contents = reading.contents
    monkeypatch.setattr(reading, "contents", lambda tif: gone_through.append(tif) or contents(tif))
    with open_images(path) as opened:
        images = [opened.read(each.index, 0) for each in opened.series]
    assert len(gone_through) == 1
    path.rename(tmp_path / "b.tif")  # nothing holds it, and images on disk can still be read
    for number, image in enumerate(images):
        np.testing.assert_array_equal(image.data, picture((6 + number, 5)))


def test_an_error_of_who_reads_is_none_of_the_file(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", picture((6, 5)))
    with pytest.raises(KeyError, match="mine"), open_images(tmp_path / "a.tif"):
        raise KeyError("mine")
