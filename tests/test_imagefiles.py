from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from napari_autolut.imagefiles import (
    ImageFile,
    ImageFileError,
    check_output_path,
    read_image,
    write_image,
)


def noise(shape: tuple[int, ...], dtype: str = "uint8", seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype.startswith("float"):
        return rng.normal(size=shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


def same(image: ImageFile, data: np.ndarray, axes: str) -> bool:
    return (
        image.axes == axes
        and image.data.dtype == data.dtype
        and image.data.shape == data.shape
        and bool((image.data == data).all())
    )


# --- PNG, JPEG, WebP, BMP --------------------------------------------------------------------

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

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

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


ORIENTED = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}


@pytest.mark.parametrize("orientation", ORIENTED)
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    picture = Image.fromarray(np.kron(noise((3, 2, 3)), np.ones((16, 16, 1), np.uint8)))
    picture.save(tmp_path / "plain.jpg", dpi=(100, 200))
    exif = Image.Exif()
    exif[274] = orientation
    picture.save(tmp_path / "turned.jpg", exif=exif, dpi=(100, 200))
    plain, turned = read_image(tmp_path / "plain.jpg"), read_image(tmp_path / "turned.jpg")
    assert (turned.data == ORIENTED[orientation](plain.data)).all()
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


# --- TIFF ------------------------------------------------------------------------------------

STACKS = [
    ("uint16", "ZCYX", (3, 2, 6, 5)),
    ("uint16", "TCZYX", (2, 2, 3, 6, 5)),
    ("uint8", "CYX", (4, 6, 5)),
    ("float32", "ZYX", (3, 6, 5)),
    ("uint8", "TYXS", (2, 6, 5, 3)),
    ("uint16", "ZYXS", (2, 6, 5, 3)),
    ("uint8", "YXS", (6, 5, 4)),
    ("float32", "YX", (6, 5)),
    ("float64", "TYX", (2, 6, 5)),
    ("int16", "YX", (6, 5)),
    ("uint32", "ZYX", (2, 6, 5)),
]


@pytest.mark.parametrize(("dtype", "axes", "shape"), STACKS)
@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif", "a.ome.tiff"])
def test_tiff_keeps_pixels_axes_and_sizes(
    tmp_path: Path, name: str, dtype: str, axes: str, shape: tuple[int, ...]
) -> None:
    data = noise(shape, dtype)
    sizes = {"Y": 0.25, "X": 0.125} | ({"Z": 1.5} if "Z" in axes else {})
    sizes |= {"T": 30.0} if "T" in axes else {}
    path = write_image(tmp_path / name, ImageFile(data, axes, sizes, "µm"))
    again = read_image(path)
    if again.flavour == "imagej":  # ImageJ knows one order
        order = [axes.index(axis) for axis in again.axes]
        data, axes = data.transpose(order), again.axes
    assert same(again, data, axes)
    assert again.pixel_size == pytest.approx(sizes, rel=1e-4) and again.unit == "µm"
    with tifffile.TiffFile(path) as tif:
        assert tif.is_ome == (name != "a.tif" or again.flavour == "ome")


def test_ome_tiff_is_enlarged_with_names_and_physical_size(tmp_path: Path) -> None:
    source = tmp_path / "in.ome.tif"
    metadata = {
        "axes": "TCZYX",
        "PhysicalSizeX": 130.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 130.0,
        "PhysicalSizeYUnit": "nm",
        "PhysicalSizeZ": 0.5,
        "TimeIncrement": 2.0,
        "TimeIncrementUnit": "min",
        "Channel": {"Name": ["DAPI", "GFP"]},
    }
    data = noise((2, 2, 3, 5, 4), "uint16")
    tifffile.imwrite(source, data, metadata=metadata, ome=True, photometric="minisblack")
    image = read_image(source)
    assert image.pixel_size == pytest.approx({"Y": 130, "X": 130, "Z": 500, "T": 120})
    assert image.unit == "nm"

    larger = image.data.repeat(2, -1).repeat(2, -2)
    path = write_image(tmp_path / "out.tif", image.enlarged(larger, 2))
    with tifffile.TiffFile(path) as tif:
        assert tif.series[0].axes == "TCZYX" and tif.series[0].shape == (2, 2, 3, 10, 8)
        pixels = tifffile.xml2dict(tif.ome_metadata)["OME"]["Image"]["Pixels"]
    assert (pixels["PhysicalSizeX"], pixels["PhysicalSizeXUnit"]) == (65, "nm")
    assert (pixels["PhysicalSizeZ"], pixels["PhysicalSizeZUnit"]) == (500, "nm")
    assert [channel["Name"] for channel in pixels["Channel"]] == ["DAPI", "GFP"]


def test_imagej_tiff_is_enlarged_with_its_display(tmp_path: Path) -> None:
    source = tmp_path / "in.tif"
    tables = [np.tile(np.arange(256, dtype=np.uint8), (3, 1)) for _ in range(2)]
    metadata = {
        "axes": "ZCYX",
        "spacing": 0.3,
        "unit": "um",
        "mode": "composite",
        "Ranges": (10.0, 900.0, 0.0, 4000.0),
        "LUTs": tables,
    }
    tifffile.imwrite(
        source,
        noise((3, 2, 5, 4), "uint16"),
        imagej=True,
        metadata=metadata,
        resolution=(8, 4),
    )
    image = read_image(source)
    assert image.pixel_size == pytest.approx({"Y": 0.25, "X": 0.125, "Z": 0.3})

    larger = image.data.repeat(4, -1).repeat(4, -2)
    with tifffile.TiffFile(write_image(tmp_path / "out.tif", image.enlarged(larger, 4))) as tif:
        assert tif.is_imagej and tif.series[0].axes == "ZCYX"
        across, one = tif.pages[0].tags["XResolution"].value
        down, other = tif.pages[0].tags["YResolution"].value
        assert (across / one, down / other) == (32, 16)
        assert tif.imagej_metadata["spacing"] == 0.3 and tif.imagej_metadata["unit"] == "micron"
        assert tif.imagej_metadata["mode"] == "composite"
        assert tuple(tif.imagej_metadata["Ranges"]) == metadata["Ranges"]


@pytest.mark.parametrize(("unit", "size"), [("INCH", 254.0), ("CENTIMETER", 100.0)])
def test_plain_resolution_is_a_pixel_size(tmp_path: Path, unit: str, size: float) -> None:
    data = noise((6, 5))
    tifffile.imwrite(tmp_path / "a.tif", data, resolution=(100, 50), resolutionunit=unit)
    image = read_image(tmp_path / "a.tif")
    assert image.pixel_size == {"X": size, "Y": 2 * size} and image.unit == "µm"
    with tifffile.TiffFile(write_image(tmp_path / "b.tif", image.enlarged(data, 2))) as tif:
        across, one = tif.pages[0].tags["XResolution"].value
        assert 10000 * one / across == pytest.approx(size / 2) and not tif.is_imagej


def test_uncalibrated_files_have_no_pixel_size(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "plain.tif", noise((6, 5)))
    tifffile.imwrite(tmp_path / "imagej.tif", noise((2, 6, 5)), imagej=True)
    for name in ("plain.tif", "imagej.tif"):
        image = read_image(tmp_path / name)
        assert not image.pixel_size and image.unit is None


def test_pages_without_names_are_z(tmp_path: Path) -> None:
    data = noise((4, 6, 5), "uint16")
    tifffile.imwrite(tmp_path / "shaped.tif", data, photometric="minisblack")
    with tifffile.TiffWriter(tmp_path / "pages.tif") as writer:
        for page in data:
            writer.write(page, metadata=None, contiguous=False)
    assert same(read_image(tmp_path / "shaped.tif"), data, "ZYX")
    assert same(read_image(tmp_path / "pages.tif"), data, "ZYX")


def test_colours_in_planes_and_many_samples(tmp_path: Path) -> None:
    planes = noise((3, 6, 5))
    tifffile.imwrite(tmp_path / "p.tif", planes, photometric="rgb", planarconfig="separate")
    assert same(read_image(tmp_path / "p.tif"), np.moveaxis(planes, 0, -1), "YXS")
    many = noise((6, 5, 7), "uint16")
    tifffile.imwrite(tmp_path / "m.tif", many, photometric="minisblack", planarconfig="contig")
    assert same(read_image(tmp_path / "m.tif"), np.moveaxis(many, -1, 0), "CYX")
    pair = noise((6, 5, 2))
    tifffile.imwrite(
        tmp_path / "ga.tif",
        pair,
        photometric="minisblack",
        planarconfig="contig",
        extrasamples=["unassalpha"],
    )
    assert same(read_image(tmp_path / "ga.tif"), pair[..., [0, 0, 0, 1]], "YXS")


def test_palette_bilevel_and_inverted_tiffs(tmp_path: Path) -> None:
    indices = noise((6, 5))
    colormap = noise((3, 256), "uint16")
    tifffile.imwrite(tmp_path / "p.tif", indices, photometric="palette", colormap=colormap)
    expected = (colormap >> 8).astype(np.uint8).T[indices]
    assert same(read_image(tmp_path / "p.tif"), expected, "YXS")
    bits = indices > 99
    tifffile.imwrite(tmp_path / "b.tif", bits, photometric="minisblack")
    assert same(read_image(tmp_path / "b.tif"), bits.astype(np.uint8) * np.uint8(255), "YX")
    tifffile.imwrite(tmp_path / "w.tif", indices, photometric="miniswhite")
    assert same(read_image(tmp_path / "w.tif"), 255 - indices, "YX")


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize(("shape", "dtype"), [((6, 5), "uint16"), ((6, 5, 3), "uint8")])
def test_compressed_tiffs_of_others(
    tmp_path: Path, compression: str, shape: tuple[int, ...], dtype: str
) -> None:
    data = noise(shape, dtype)
    pages = [Image.fromarray(data), Image.fromarray(data[::-1].copy())]
    pages[0].save(
        tmp_path / "a.tif", compression=compression, save_all=True, append_images=pages[1:]
    )
    expected = np.stack([data, data[::-1]])
    assert same(read_image(tmp_path / "a.tif"), expected, "ZYXS"[: expected.ndim])


def test_cmyk_tiff_becomes_rgb(tmp_path: Path) -> None:
    Image.fromarray(noise((6, 5, 3))).convert("CMYK").save(tmp_path / "a.tif")
    assert read_image(tmp_path / "a.tif").data.shape == (6, 5, 3)


# --- bad input -------------------------------------------------------------------------------


def test_missing_folder_and_unknown_suffix(tmp_path: Path) -> None:
    (tmp_path / "dir.png").mkdir()
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    for name, words in [("no.png", "no such file"), ("dir.png", "folder"), ("a.gif", ".gif"),
                        ("bare", "no suffix")]:  # fmt: skip
        with pytest.raises(ImageFileError, match=words) as error:
            read_image(tmp_path / name)
        assert str(tmp_path / name) in str(error.value)


def test_animations_and_other_colour_spaces_are_refused(tmp_path: Path) -> None:
    frames = [Image.fromarray(noise((4, 4, 3), seed=seed)) for seed in range(3)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:])
    with pytest.raises(ImageFileError, match="animation of 3"):
        read_image(tmp_path / "a.webp")
    Image.fromarray(noise((4, 4, 3))).convert("LAB").save(tmp_path / "lab.tif")
    with pytest.raises(ImageFileError, match="CIELAB"):
        read_image(tmp_path / "lab.tif")


def test_what_a_file_cannot_hold(tmp_path: Path) -> None:
    cases = [
        ("a.jpg", ImageFile(noise((4, 4, 4)), "YXS"), "transparency"),
        ("a.jpg", ImageFile(noise((4, 4), "uint16"), "YX"), "uint16"),
        ("a.png", ImageFile(noise((4, 4), "float32"), "YX"), "float32"),
        ("a.png", ImageFile(noise((4, 4), "int16"), "YX"), "int16"),
        ("a.png", ImageFile(noise((2, 4, 4)), "ZYX"), "ZYX"),
        ("a.webp", ImageFile(noise((4, 4)), "YX"), ".webp"),
    ]
    for name, image, words in cases:
        with pytest.raises(ImageFileError, match=words):
            write_image(tmp_path / name, image)
    assert not list(tmp_path.iterdir())


def test_output_paths_are_checked(tmp_path: Path) -> None:
    taken = tmp_path / "taken.png"
    taken.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="taken"):
        check_output_path(taken)
    with pytest.raises(FileExistsError, match="taken"):
        write_image(taken, ImageFile(noise((4, 4)), "YX"))
    assert taken.read_bytes() == b"mine"
    check_output_path(taken, overwrite=True)
    for path, words in [(tmp_path / "no" / "a.png", "no folder"), (tmp_path / "a.xyz", ".xyz")]:
        with pytest.raises(ImageFileError, match=words):
            check_output_path(path)
    write_image(taken, ImageFile(noise((4, 4)), "YX"), overwrite=True)
    assert same(read_image(taken), noise((4, 4)), "YX")


def make(kind: str, folder: Path) -> Path:
    path = folder / kind
    stack = noise((3, 2, 9, 8), "uint16")
    match kind:
        case "plain.png" | "grey.jpg":
            write_image(path, ImageFile(noise((20, 30)), "YX"))
        case "colour16.png":
            write_image(path, ImageFile(noise((20, 30, 3), "uint16"), "YXS"))
        case "a.webp" | "a.bmp":
            Image.fromarray(noise((20, 30, 3))).save(path)
        case "lzw.tif":
            Image.fromarray(noise((20, 30, 3))).save(path, compression="tiff_lzw")
        case "a.ome.tif" | "imagej.tif":
            write_image(path, ImageFile(stack, "ZCYX", {"X": 1.0, "Y": 1.0}, "µm"))
        case "shaped.tif":
            tifffile.imwrite(path, stack, compression="zlib")
        case "pages.tif":
            with tifffile.TiffWriter(path) as writer:
                for page in stack[:, 0]:
                    writer.write(page, metadata=None, contiguous=False)
    return path


KINDS = ["plain.png", "grey.jpg", "colour16.png", "a.webp", "a.bmp", "lzw.tif", "a.ome.tif",
         "imagej.tif", "shaped.tif", "pages.tif"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_off_anywhere_is_an_error_or_whole(tmp_path: Path, kind: str) -> None:
    path = make(kind, tmp_path)
    whole, content = read_image(path), path.read_bytes()
    cut = tmp_path / f"cut{path.suffix}"
    failures = 0
    for length in range(0, len(content), max(1, len(content) // 150)):
        cut.write_bytes(content[:length])
        try:
            image = read_image(cut)
        except ImageFileError as error:
            failures += 1
            assert str(cut) in str(error)
        else:
            assert same(image, whole.data, whole.axes), length
    assert failures > 100


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_damaged_bytes_never_crash(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    path = make(kind, tmp_path_factory.mktemp("damage"))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        image = read_image(path)
    except ImageFileError as error:
        assert str(path) in str(error)
    else:
        assert image.data.ndim == len(image.axes)


@settings(max_examples=40, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    order=st.permutations("TZC"),
    dtype=st.sampled_from(["uint8", "uint16", "float32"]),
    ome=st.booleans(),
)
def test_any_stack_comes_back_by_axis_name(
    tmp_path_factory: pytest.TempPathFactory,
    lengths: list[int],
    order: list[str],
    dtype: str,
    ome: bool,
) -> None:
    axes = "".join(order[: len(lengths) - 2]) + "YX"
    data = noise(tuple(lengths), dtype)
    path = tmp_path_factory.mktemp("stack") / ("a.ome.tif" if ome else "a.tif")
    again = read_image(write_image(path, ImageFile(data, axes)))
    # Files drop axes of length 1; the others keep their names and values.
    for axis, length in zip(axes, data.shape, strict=True):
        assert axis in again.axes or (length == 1 and axis not in "YX")
    kept = "".join(axis for axis in axes if axis in again.axes)
    lost = tuple(i for i, axis in enumerate(axes) if axis not in again.axes)
    expected = data.squeeze(lost).transpose([kept.index(axis) for axis in again.axes])
    assert (again.data == expected).all()
