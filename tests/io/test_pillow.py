"""PNG, JPEG, WebP and BMP."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_autolut.io import ImageFile, read_image, write_image
from napari_autolut.io.pillow import loses_pixel_size
from tests.io.png_kinds import chunk
from tests.pictures import UPRIGHT, noise, same

PNG_CASES = [
    ("uint8", (5, 7), "YX"),
    ("uint8", (5, 7, 3), "YXS"),
    ("uint8", (5, 7, 4), "YXS"),
    ("uint16", (5, 7), "YX"),
    ("uint16", (5, 7, 3), "YXS"),
    ("uint16", (5, 7, 4), "YXS"),
    ("uint16", (1, 1, 3), "YXS"),
]


@pytest.mark.parametrize(("dtype", "shape", "axes"), PNG_CASES)
def test_png_keeps_every_bit(tmp_path: Path, dtype: str, shape: tuple[int, ...], axes: str) -> None:
    data = noise(shape, dtype)
    path = write_image(tmp_path / "a.png", ImageFile(data, axes))
    assert same(read_image(path), data, axes)


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 3), (6, 5, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_png_is_one_that_others_read(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    data = noise(shape, dtype)
    path = write_image(tmp_path / "a.png", ImageFile(data, "YXS"[: len(shape)]))
    with Image.open(path) as picture:
        picture.load()  # checks every checksum
        eight_bit = data if dtype == "uint8" or len(shape) == 2 else data >> 8
        assert (np.asarray(picture) == eight_bit).all()


def filtered_png(data: np.ndarray, filters: tuple[int, ...]) -> bytes:
    """16-bit PNG with the given scanline filters in turn, from the PNG specification."""

    rows, columns, colours = data.shape
    raw = data.astype(">u2").view(np.uint8).reshape(rows, -1).astype(int)
    step = 2 * colours
    lines, above = b"", np.zeros(raw.shape[1], int)
    for number, row in enumerate(raw):
        left, corner = (np.concatenate([np.zeros(step, int), x[:-step]]) for x in (row, above))
        guess = left + above - corner
        distances = np.abs(np.stack([guess - left, guess - above, guess - corner]))
        paeth = np.choose(distances.argmin(0), [left, above, corner])
        kind = filters[number % len(filters)]
        predicted = [0 * row, left, above, (left + above) // 2, paeth][kind]
        lines += bytes([kind]) + ((row - predicted) % 256).astype(np.uint8).tobytes()
        above = row
    colour_type = {2: 4, 3: 2, 4: 6}[colours]
    header = struct.pack(">IIBBBBB", columns, rows, 16, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*parts) for parts in chunks)


@pytest.mark.parametrize("colours", [3, 4])
def test_16_bit_colour_png_of_others_is_read_in_full(tmp_path: Path, colours: int) -> None:
    data = noise((11, 7, colours), "uint16")
    path = tmp_path / "a.png"
    path.write_bytes(filtered_png(data, (0, 1, 2, 3, 4)))
    assert same(read_image(path), data, "YXS")


def test_16_bit_grey_with_alpha_becomes_rgba(tmp_path: Path) -> None:
    data = noise((9, 6, 2), "uint16")
    path = tmp_path / "a.png"
    path.write_bytes(filtered_png(data, (4, 3, 2, 1, 0)))
    assert same(read_image(path), data[..., [0, 0, 0, 1]], "YXS")


def test_palette_one_bit_and_grey_alpha_pictures(tmp_path: Path) -> None:
    colours = np.array([[200, 10, 30], [0, 255, 7]], np.uint8)
    indices = noise((6, 9), seed=2) % 2
    palette = Image.fromarray(indices, "L").convert("P")
    palette.putpalette(colours.tobytes())
    palette.save(tmp_path / "palette.png")
    palette.save(tmp_path / "clear.png", transparency=1)
    Image.fromarray(indices * 255).convert("1").save(tmp_path / "bits.png")
    Image.fromarray(indices * 255).convert("LA").save(tmp_path / "grey_alpha.png")

    assert same(read_image(tmp_path / "palette.png"), colours[indices], "YXS")
    clear = read_image(tmp_path / "clear.png")
    assert (clear.data[..., 3] == np.where(indices == 1, 0, 255)).all()
    assert same(read_image(tmp_path / "bits.png"), indices * np.uint8(255), "YX")
    grey_alpha = read_image(tmp_path / "grey_alpha.png")
    assert grey_alpha.data.shape == (6, 9, 4) and (grey_alpha.data[..., 3] == 255).all()


@pytest.mark.parametrize("suffix", [".webp", ".bmp"])
def test_lossless_webp_and_bmp(tmp_path: Path, suffix: str) -> None:
    data = noise((8, 6, 3))
    Image.fromarray(data).save(tmp_path / f"a{suffix}", lossless=True)
    assert same(read_image(tmp_path / f"a{suffix}"), data, "YXS")


def test_jpeg_is_near_and_cmyk_becomes_rgb(tmp_path: Path) -> None:
    smooth = np.add.outer(np.arange(32), np.arange(40)).astype(np.uint8)
    colours = np.stack([smooth, smooth[::-1], smooth], -1)
    path = write_image(tmp_path / "a.jpg", ImageFile(colours, "YXS"))
    assert np.abs(read_image(path).data.astype(int) - colours).max() <= 6
    grey = write_image(tmp_path / "g.jpeg", ImageFile(smooth, "YX"))
    assert read_image(grey).axes == "YX"
    Image.fromarray(colours).convert("CMYK").save(tmp_path / "cmyk.jpg")
    assert read_image(tmp_path / "cmyk.jpg").data.shape == (32, 40, 3)


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    picture = Image.fromarray(np.kron(noise((3, 2, 3)), np.ones((16, 16, 1), np.uint8)))
    picture.save(tmp_path / "plain.jpg", dpi=(100, 200))
    exif = Image.Exif()
    exif[274] = orientation
    picture.save(tmp_path / "turned.jpg", exif=exif, dpi=(100, 200))
    plain, turned = read_image(tmp_path / "plain.jpg"), read_image(tmp_path / "turned.jpg")
    assert (turned.data == UPRIGHT[orientation](plain.data)).all()
    swapped = orientation >= 5
    assert turned.pixel_size["X"] == plain.pixel_size["Y" if swapped else "X"]


def test_resolution_and_colour_profile_survive(tmp_path: Path) -> None:
    for dtype in ("uint8", "uint16"):
        image = ImageFile(
            noise((4, 4, 3), dtype), "YXS", {"Y": 2.0, "X": 0.5}, "µm", icc_profile=b"profile" * 30
        )
        again = read_image(write_image(tmp_path / f"{dtype}.png", image.enlarged(image.data, 4)))
        assert again.pixel_size == pytest.approx({"Y": 0.5, "X": 0.125}, rel=1e-3)
        assert again.unit == "µm" and again.icc_profile == image.icc_profile


def test_a_resolution_that_exif_does_not_name_is_not_made_up(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    Image.new("L", (5, 4)).save(tmp_path / "a.jpg", exif=exif)
    assert not read_image(tmp_path / "a.jpg").pixel_size
    exif[282], exif[283], exif[296] = 72.0, 72.0, 2
    Image.new("L", (5, 4)).save(tmp_path / "b.jpg", exif=exif)
    found = read_image(tmp_path / "b.jpg").pixel_size
    assert found == pytest.approx({"X": 25400 / 72, "Y": 25400 / 72})


def without_jfif(path: Path) -> None:
    """A JPEG as cameras write it, whose EXIF alone names a resolution."""
    content = path.read_bytes()
    (length,) = struct.unpack_from(">H", content, 4)
    assert content[2:4] == b"\xff\xe0"
    path.write_bytes(content[:2] + content[4 + length :])


@pytest.mark.parametrize(
    ("across", "down", "wanted"),
    [(300, 150, {"X": 254 / 3, "Y": 508 / 3}), (300, 0, {"X": 254 / 3, "Y": 254 / 3}), (0, 9, {})],
)
def test_a_resolution_of_exif_differs_across_and_down(
    tmp_path: Path, across: float, down: float, wanted: dict[str, float]
) -> None:
    for orientation in (1, 6):
        exif = Image.Exif()
        exif.update({274: orientation, 282: float(across), 283: float(down), 296: 2})
        Image.new("L", (5, 4)).save(tmp_path / "a.jpg", exif=exif)
        without_jfif(tmp_path / "a.jpg")
        swapped = {"X": wanted["Y"], "Y": wanted["X"]} if orientation == 6 and wanted else wanted
        assert read_image(tmp_path / "a.jpg").pixel_size == pytest.approx(swapped)


@pytest.mark.parametrize("suffix", [".webp", ".png"])
@pytest.mark.parametrize(("unit", "length"), [(2, 25400), (3, 10000), (1, 0)])
def test_a_resolution_that_exif_alone_names(
    tmp_path: Path, suffix: str, unit: int, length: float
) -> None:
    exif = Image.Exif()
    exif.update({282: 2000.0, 283: 1000.0, 296: unit})
    path = tmp_path / f"a{suffix}"
    Image.new("L", (5, 4)).save(path, exif=exif)
    expected = {"X": length / 2000, "Y": length / 1000} if length else {}
    assert read_image(path).pixel_size == pytest.approx(expected)


def test_other_images_in_a_jpeg_are_said(tmp_path: Path) -> None:
    one, other = Image.new("L", (5, 4)), Image.new("L", (3, 2))
    one.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[other])
    found = read_image(tmp_path / "a.jpg")
    assert found.data.shape == (4, 5) and found.not_kept == ("the other images in the JPEG",)


@pytest.mark.parametrize(
    ("sizes", "unit", "lost"),
    [
        ({"X": 0.5, "Y": 0.5}, "µm", False),
        ({"X": 1e-6, "Y": 1e-6}, "µm", True),
        ({"Z": 0.2}, "µm", False),
        ({"X": 0.5, "Y": 0.5}, None, False),
    ],
)
def test_only_a_pixel_size_that_is_known_can_be_lost(sizes, unit, lost):
    image = ImageFile(np.zeros((4, 4), np.uint8), "YX", pixel_size=sizes, unit=unit)
    assert loses_pixel_size(Path("a.jpg"), image) == lost


@pytest.mark.parametrize("comment", [b"second dish", b""])
def test_a_comment_of_a_jpeg_is_said(tmp_path: Path, comment: bytes) -> None:
    Image.new("L", (5, 4)).save(tmp_path / "a.jpg", comment=comment)
    words = ("the JPEG's comment",) if comment else ()
    assert read_image(tmp_path / "a.jpg").not_kept == words
