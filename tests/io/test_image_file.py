"""What every kind of image file has in common: bad input, damage, output checks."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from napari_autolut.io import (
    ImageFile,
    ImageFileError,
    check_holds,
    check_output_path,
    read_image,
    write_image,
)
from tests.pictures import noise, same


def test_missing_folder_and_unknown_suffix(tmp_path: Path) -> None:
    (tmp_path / "dir.png").mkdir()
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    (tmp_path / "bare").write_bytes(b"GIF89a")
    for name, words in [("no.png", "no such file"), ("no.gif", "no such file"),
                        ("dir.png", "folder"), ("a.gif", ".gif"),
                        ("bare", "no suffix")]:  # fmt: skip
        with pytest.raises(ImageFileError, match=words) as error:
            read_image(tmp_path / name)
        assert str(tmp_path / name) in str(error.value)


@pytest.mark.parametrize("name", ["a.tif.gz", "a.zip", "a.ozx"])
def test_packed_files_are_to_be_unpacked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(ImageFileError, match="unpack it first"):
        read_image(tmp_path / name)


def test_a_jpeg_has_no_longer_sides_than_its_format(tmp_path: Path) -> None:
    """Known before anything is computed: at 4 times, not at twice."""
    image = ImageFile(np.broadcast_to(np.uint8(0), (9, 20_000)), "YX")
    check_holds(tmp_path / "a.jpg", image, factor=2)
    with pytest.raises(ImageFileError, match=r"65500 pixels a side, not 80000; write a PNG"):
        check_holds(tmp_path / "a.jpg", image, factor=4)


@pytest.mark.parametrize(
    ("shape", "axes", "found"),
    [((4, 5), "YXS", "'YXS', expected 2 letters"), ((4, 5, 2), "YXS", "colours: found 2"),
     ((3, 4, 5), "SYX", "S only as the last"), ((3, 4), "ZX", "expected Y and X")],
)  # fmt: skip
def test_axes_that_do_not_fit_an_array_are_named(
    shape: tuple[int, ...], axes: str, found: str
) -> None:
    with pytest.raises(ValueError, match=found):
        ImageFile(np.zeros(shape), axes)


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


def test_threads_read_whole_and_cut_files_side_by_side(tmp_path: Path) -> None:
    whole = make("a.ome.tif", tmp_path)
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole.read_bytes()[:-200])  # tifffile reads one page, and logs the loss
    picture = make("colour16.png", tmp_path)
    expected = {path: read_image(path).data for path in (whole, picture)}
    filters = list(warnings.filters)

    def read(path: Path) -> bool:
        if path != cut:
            return bool((read_image(path).data == expected[path]).all())
        with pytest.raises(ImageFileError):
            read_image(path)
        return True

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(read, [whole, cut, picture] * 40))
    assert list(warnings.filters) == filters


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


def test_an_enlarged_image_lies_where_it_was() -> None:
    """Both outer borders, which lie half a pixel outside the first and the last centre."""
    image = ImageFile(noise((3, 4)), "YX", {"Y": 0.5, "X": 2.0}, "µm", origin={"Y": 7.0})
    larger = image.enlarged(noise((9, 12)), 3)
    for axis in "YX":
        for end in (0, 1):
            borders = [
                each.origin.get(axis, 0) + each.pixel_size[axis] * (end * each.lengths[axis] - 0.5)
                for each in (image, larger)
            ]
            assert borders[0] == pytest.approx(borders[1])
