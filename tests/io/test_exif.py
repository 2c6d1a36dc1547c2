"""What a camera said of a photograph comes along as far as it stays true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from napari_autolut.batch import upscale_file_steps
from napari_autolut.batch.files.lost import lost_words
from napari_autolut.io import read_image, write_image
from tests.conftest import small_model
from tests.pictures import picture

Base, IFD = ExifTags.Base, ExifTags.IFD


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[Base.Orientation] = orientation
    found[Base.Make], found[Base.Model] = "Nikon", "D5"
    found[Base.Artist] = "Ängström".encode()
    found[Base.Software] = "Camera 1.0"
    found[Base.XResolution] = found[Base.YResolution] = 300.0
    found[Base.ResolutionUnit] = 2
    found[IFD.Exif] = {
        Base.DateTimeOriginal: "2026:05:04 03:02:01",
        Base.ExposureTime: 0.01,
        Base.ExifImageWidth: 30,
        Base.ExifImageHeight: 20,
        Base.MakerNote: b"x" * 100,
    }
    found[IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (52, 3, 7)}
    return found


def enlarged(source: Path, out: Path) -> None:
    for _ in upscale_file_steps(source, out, small_model("small", 2)):
        pass


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize(("kind", "out"), [("jpg", "png"), ("png", "jpg"), ("webp", "jpg")])
def test_what_stays_true_is_kept(tmp_path: Path, kind: str, out: str, orientation: int) -> None:
    source = tmp_path / f"a.{kind}"
    Image.fromarray(picture((20, 30, 3))).save(source, exif=exif(orientation), dpi=(300, 300))
    enlarged(source, tmp_path / f"b.{out}")
    with Image.open(tmp_path / f"b.{out}") as result:
        assert result.size == ((60, 40) if orientation == 1 else (40, 60))
        found = result.getexif()
        assert found[Base.Make] == "Nikon" and found[Base.Model] == "D5"
        assert found[Base.Artist].encode("latin-1").decode() == "Ängström"
        assert found[Base.Orientation] == 1
        assert not {Base.Software, Base.XResolution, Base.ResolutionUnit} & set(found)
        settings = found.get_ifd(IFD.Exif)
        assert settings[Base.DateTimeOriginal] == "2026:05:04 03:02:01"
        assert set(settings) == {Base.DateTimeOriginal, Base.ExposureTime}
        assert found.get_ifd(IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (52.0, 3.0, 7.0)
        expected = 300 if kind == "webp" else 600
        assert kind == "webp" or result.info["dpi"] == pytest.approx((expected, expected), abs=0.1)


def test_16_bit_colours(tmp_path: Path) -> None:
    Image.fromarray(picture((20, 30, 3))).save(tmp_path / "a.png", exif=exif())
    found = read_image(tmp_path / "a.png")
    write_image(tmp_path / "b.png", replace(found, data=found.data.astype(np.uint16) * 257))
    with Image.open(tmp_path / "b.png") as result:
        assert result.getexif()[Base.Make] == "Nikon"
    assert read_image(tmp_path / "b.png").exif == found.exif


def test_tiff(tmp_path: Path) -> None:
    """It has tags for camera, date and author, and the rest is named."""
    Image.fromarray(picture((20, 30, 3))).save(tmp_path / "a.jpg", exif=exif())
    source = read_image(tmp_path / "a.jpg")
    word = "the camera's settings and place (EXIF)"
    assert word in lost_words(tmp_path / "b.tif", [source])
    assert word not in lost_words(tmp_path / "b.jpg", [source])
    assert "what the camera said" in lost_words(tmp_path / "b.zarr", [source])
    enlarged(tmp_path / "a.jpg", tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as tif:
        tags = tif.pages[0].tags
        assert (tags["Make"].value, tags["Artist"].value) == ("Nikon", "Ängström")
    found = read_image(tmp_path / "b.tif")
    write_image(tmp_path / "c.jpg", found)
    with Image.open(tmp_path / "c.jpg") as result:
        assert result.getexif()[Base.Artist].encode("latin-1").decode() == "Ängström"


def test_a_tiff_of_a_camera(tmp_path: Path) -> None:
    Image.fromarray(picture((20, 30, 3))).save(tmp_path / "a.tif", exif=exif().tobytes())
    found = read_image(tmp_path / "a.tif")
    assert found.not_kept == ("the camera's settings and place (EXIF)",)
    assert b"Nikon" in (found.exif or b"")


@pytest.mark.parametrize("content", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"any"])
def test_a_damaged_block_is_no_reason_to_stop(tmp_path: Path, content: bytes) -> None:
    Image.fromarray(picture((20, 30, 3))).save(tmp_path / "a.jpg", exif=content)
    assert read_image(tmp_path / "a.jpg").exif is None


def test_texts_of_others_are_named(tmp_path: Path) -> None:
    texts = PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>")
    Image.fromarray(picture((20, 30, 3))).save(tmp_path / "a.png", pnginfo=texts)
    assert read_image(tmp_path / "a.png").not_kept == ("keywords and ratings (XMP)",)
    Image.fromarray(picture((20, 30, 3))).save(tmp_path / "a.jpg")
    block = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x04\x1c\x02\0\0"
    content = (tmp_path / "a.jpg").read_bytes()
    marker = b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block
    (tmp_path / "a.jpg").write_bytes(content[:2] + marker + content[2:])
    assert read_image(tmp_path / "a.jpg").not_kept == ("captions (IPTC)",)
