"""Files of microscopes that declare planes without number, of which their readers make lists."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import numpy as np
import pytest

from napari_autolut.io import ImageFileError, read_image
from napari_autolut.io.foreign import declared_planes, reading
from tests.io.foreign import nikon
from tests.io.foreign.leica import write_lif
from tests.io.foreign.microscope_files import write_czi, write_dv

DATA = np.arange(2 * 3 * 2 * 32 * 32, dtype=np.uint16).reshape(2, 3, 2, 32, 32)
HEAD = 13


def lif(path: Path, axis: int, count: int) -> Path:
    """A file of two frames, three slices and two channels, with another number along an axis."""
    write_lif(path, {"a": DATA})
    content = path.read_bytes()
    (letters,) = struct.unpack_from("<i", content, HEAD - 4)
    text, blocks = content[HEAD : HEAD + 2 * letters], content[HEAD + 2 * letters :]
    pattern = rf'(DimID="{axis}" NumberOfElements=")\d+'
    xml = re.sub(pattern, rf"\g<1>{count}", text.decode("utf-16-le")).encode("utf-16-le")
    head = struct.pack("<ii", 0x70, 5 + len(xml)) + b"\x2a" + struct.pack("<i", len(xml) // 2)
    path.write_bytes(head + xml + blocks)
    return path


@pytest.mark.parametrize("axis", [3, 4, 10])
def test_a_lif_file_with_room_for_its_planes(tmp_path: Path, axis: int) -> None:
    declared_planes.check_planes(lif(tmp_path / "a.lif", axis, 3))


@pytest.mark.parametrize("axis", [3, 4])
def test_a_lif_file_of_planes_without_number(tmp_path: Path, axis: int) -> None:
    path = lif(tmp_path / "a.lif", axis, 10**9)
    with pytest.raises(ImageFileError, match=r"declares an image of .*000 planes, for which"):
        declared_planes.check_planes(path)


@pytest.mark.parametrize("length", [0, 5, HEAD, 40])
def test_a_lif_file_that_breaks_off_is_the_readers_business(tmp_path: Path, length: int) -> None:
    path = lif(tmp_path / "a.lif", 3, 3)
    path.write_bytes(path.read_bytes()[:length])
    declared_planes.check_planes(path)


def test_an_nd2_file_of_frames_without_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("nd2", reason="nd2 is not installed")
    loops = nikon._loops
    monkeypatch.setattr(nikon, "_loops", lambda stage, _, slices: loops(stage, 10**9, slices))
    nikon.write_nd2(tmp_path / "a.nd2", DATA[None], ["a", "b"])
    with pytest.raises(ImageFileError, match=r"declares an image of .*000 planes, for which"):
        declared_planes.check_planes(tmp_path / "a.nd2")


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_deltavision_file_of_planes_without_number_or_pixels(tmp_path: Path, order: str) -> None:
    """Of no pixels all are there, as far as its reader can tell; it lists a plane for each."""
    path = tmp_path / "a.dv"
    write_dv(path, DATA, "CTZ", order)
    declared_planes.check_planes(path)
    content = bytearray(path.read_bytes())
    struct.pack_into(f"{order}3i", content, 0, 0, 32, 10**9)
    path.write_bytes(content)
    with pytest.raises(ImageFileError, match=r"declares an image of 1,000,000,000 planes, for"):
        declared_planes.check_planes(path)


@pytest.mark.parametrize(
    ("where", "words"),
    [({"plane": {"Z": 10**9}}, r"1,000,000,001 planes, for which"),
     ({"location": (2**25, 0)}, r"33,554,4\d\d x 10 pixels")],
)  # fmt: skip
def test_a_czi_file_of_sides_without_number(
    tmp_path: Path, where: dict[str, object], words: str
) -> None:
    """bioio-czi lists a coordinate for each: 12 s and 11 GB for one damaged byte."""
    czi = pytest.importorskip("pylibCZIrw.czi", reason="pylibCZIrw is not installed")
    pixels = DATA[0, 0, 0, :10, :12, None]
    with czi.create_czi(str(tmp_path / "a.czi")) as file:
        file.write(pixels, plane={"Z": 0})
        file.write(pixels, **where)
    with pytest.raises(ImageFileError, match=words):
        declared_planes.check_planes(tmp_path / "a.czi")


@pytest.mark.parametrize("field", [4, 8], ids=["position", "count"])
@pytest.mark.parametrize("axis", "MZCTS")
def test_a_czi_file_of_a_tile_with_positions_without_number(
    tmp_path: Path, axis: str, field: int
) -> None:
    """Of scenes bioio-czi counts them one by one, without end."""
    pytest.importorskip("pylibCZIrw.czi", reason="pylibCZIrw is not installed")
    path = tmp_path / "a.czi"
    write_czi(path, DATA[:, :2, :, :12, :14, None])
    declared_planes.check_planes(path)
    content = bytearray(path.read_bytes())
    listed = content.index(b"ZISRAWDIRECTORY")
    at = content.index(axis.encode() + bytes(3), listed + 160)
    struct.pack_into("<i", content, at + field, 2**31 - 1)
    path.write_bytes(content)
    with pytest.raises(ImageFileError, match=r"an image of 2,147,483,64\d planes, for which"):
        declared_planes.check_planes(path)


def test_a_reader_that_finds_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(_: Path) -> list[object]:
        raise MemoryError("Unable to allocate 14.9 GiB")

    monkeypatch.setattr(reading, "READERS", (greedy,))
    (tmp_path / "a.czi").write_bytes(b"x")
    with pytest.raises(ImageFileError, match="not enough memory to read it"):
        read_image(tmp_path / "a.czi")
