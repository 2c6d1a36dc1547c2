"""Files of a few hundred bytes that declare terabytes: a sentence, at once, in little memory."""

from __future__ import annotations

import math
import os
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_autolut.io import ImageFileError, list_series, read_image
from tests.io.png_kinds import png
from tests.pictures import noise, same

Entry = tuple[int, int, int, int]
BYTES, SHORT, LONG, LONG8 = 1, 3, 4, 16

ONE_PLANE = '<TiffData IFD="0" PlaneCount="1"/>'

MAX_MEMORY = 2**24
"""Bytes that a refusal may take."""


def page(entries: list[Entry], *, big: bool = False, after: int = 0) -> bytes:
    """A page's table, whose values are all inline."""
    word = "Q" if big else "I"
    table = struct.pack("<Q" if big else "<H", len(entries))
    for tag, kind, count, value in sorted(entries):
        table += struct.pack(f"<HH{word}{word}", tag, kind, count, value)
    return table + struct.pack(f"<{word}", after)


def tiff(entries: list[Entry], *, big: bool = False, after: int = 0, tail: int = 200) -> bytes:
    head = struct.pack("<HHHQ", 43, 8, 0, 16) if big else struct.pack("<HI", 42, 8)
    return b"II" + head + page(entries, big=big, after=after) + bytes(tail)


def grey(columns: int, rows: int, compression: int = 1) -> list[Entry]:
    return [(256, LONG, 1, columns), (257, LONG, 1, rows), (258, SHORT, 1, 8),
            (259, SHORT, 1, compression), (262, SHORT, 1, 1), (277, SHORT, 1, 1)]  # fmt: skip


def strip(columns: int, rows: int, count: int, compression: int = 1, each: int = 0) -> list[Entry]:
    strips = [(278, LONG, 1, each or rows), (273, LONG, 1, 8), (279, LONG, 1, count)]
    return grey(columns, rows, compression) + strips


def tiles(columns: int, rows: int, side: int, compression: int = 1) -> list[Entry]:
    sides = [(322, LONG, 1, side), (323, LONG, 1, side)]
    return grey(columns, rows, compression) + sides + [(324, LONG, 1, 0), (325, LONG, 1, 0)]


def ome(sizes: str, data: str = ONE_PLANE, *, images: int = 1, behind: str = "") -> bytes:
    image = (
        f'<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" {sizes}>'
        f"{data}</Pixels></Image>"
    )
    namespace = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
    start = f'<?xml version="1.0"?><OME xmlns="{namespace}">'
    return described(f"{start}{image * images}{behind}</OME>")


def described(text: str) -> bytes:
    content = bytearray(tiff([*strip(10, 10, 100), (270, 2, len(text) + 1, 0)], tail=0))
    place = content.index(struct.pack("<HHI", 270, 2, len(text) + 1))
    struct.pack_into("<I", content, place + 8, len(content))
    return bytes(content) + text.encode() + bytes(200)


Z, TEN = 'SizeX="10" SizeY="10" SizeC="1" SizeT="1" SizeZ="{}"', 10**9
MILLION, ALL = 10**6, 2**32 - 1
MODULO = (
    '<StructuredAnnotations><XMLAnnotation ID="a" Namespace="openmicroscopy.org/omero/modulo">'
    f'<Value><Modulo><ModuloAlongZ Type="lifetime" Start="0" Step="1" End="{TEN}"/></Modulo>'
    "</Value></XMLAnnotation></StructuredAnnotations>"
)

TIFFS: dict[str, bytes] = {
    "one strip": tiff(strip(MILLION, MILLION, 10)),
    "a strip that says it is large": tiff(strip(MILLION, MILLION, ALL)),
    "one compressed strip": tiff(strip(MILLION, MILLION, 10, compression=5)),
    "one strip of a facsimile": tiff(
        [entry for entry in strip(600, 20_000, 100, compression=3) if entry[0] not in (258, 273)]
        + [(258, SHORT, 1, 1), (273, LONG, 1, 200)]
    ),
    "one strip of many": tiff(strip(1000, ALL, 10, each=1)),
    "one zstd strip of many": tiff(strip(1000, ALL, 10, compression=50000, each=1)),
    "a large tile": tiff(tiles(MILLION, MILLION, 65536)),
    "one tile as large as all": tiff(tiles(MILLION, MILLION, MILLION)),
    "a wide row of tiles": tiff(tiles(ALL, 64, 64)),
    "a high column of tiles": tiff(tiles(64, ALL, 64, compression=8)),
    "tiles of no size": tiff(tiles(1000, 1000, 0)),
    "a column": tiff(strip(1, ALL, 10)),
    "BigTIFF, one strip": tiff(strip(MILLION, MILLION, 10), big=True),
    "BigTIFF, a side beyond all": tiff(
        [(256, LONG8, 1, 2**62), *(entry for entry in strip(9, 9, 10) if entry[0] != 256)], big=True
    ),
    "BigTIFF, many tags": b"II" + struct.pack("<HHHQQ", 43, 8, 0, 16, 2**60),
    "many samples": tiff([*strip(65535, 9, 10), (277, SHORT, 1, 65535)]),
    "deep": tiff([*strip(999, 999, 10), (32997, LONG, 1, ALL)]),
    "pages in a circle": tiff(strip(10, 10, 100), after=8),
    "pages beyond the end": tiff(strip(10, 10, 100), after=2**31),
    "offsets beyond the end": tiff([*grey(10, 10), (273, LONG, 1, 2**31), (279, LONG, 1, 100)]),
    "OME planes": ome(Z.format(TEN)),
    "OME planes of one tag": ome(Z.format(1), f'<TiffData IFD="0" PlaneCount="{TEN}"/>'),
    "OME planes of two axes": ome(Z.format(1000).replace('SizeT="1"', f'SizeT="{TEN}"')),
    "OME columns": ome(Z.format(1).replace('SizeX="10"', f'SizeX="{TEN}"')),
    "OME rows": ome(Z.format(1).replace('SizeY="10"', f'SizeY="{TEN}"')),
    "OME planes, many times": ome(Z.format(1), ONE_PLANE * 5000),
    "OME images": ome(Z.format(1), ONE_PLANE * 100, images=50),
    "OME samples": ome(
        Z.format(1).replace('SizeC="1"', f'SizeC="{TEN}"'),
        f'<Channel ID="Channel:0:0" SamplesPerPixel="{TEN}"/>{ONE_PLANE}',
    ),
    "OME axes in axes": ome(Z.format(1), behind=MODULO),
    "ImageJ images": described(f"ImageJ=1.54f\nimages={TEN}\nslices={TEN}\nhyperstack=true\n"),
    "ImageJ frames": described(f"ImageJ=1.54f\nimages=1\nframes={TEN}\nchannels=1000\n"),
    "shaped": described(f'{{"shape": [{TEN}, 10, 10]}}'),
}
"""What TIFFs declare that cannot be."""


def refused(path: Path) -> str:
    """The sentence, after a refusal that took little memory."""
    with pytest.raises(ImageFileError) as error:
        read_image(path)  # whatever is imported on the way is not counted
    tracemalloc.start()
    try:
        with pytest.raises(ImageFileError):
            read_image(path)
        assert tracemalloc.get_traced_memory()[1] < MAX_MEMORY
    finally:
        tracemalloc.stop()
    sentence = str(error.value)
    assert sentence.startswith(f"{path}: ") and "\n" not in sentence
    return sentence


@pytest.mark.parametrize("kind", TIFFS)
def test_tiffs_that_declare_too_much(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.tif").write_bytes(TIFFS[kind])
    refused(tmp_path / "a.tif")


def test_others_that_declare_too_much(tmp_path: Path) -> None:
    Image.fromarray(noise((16, 16))).save(tmp_path / "small.jpg")
    jpeg = bytearray((tmp_path / "small.jpg").read_bytes())
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 65500, 65500)
    Image.fromarray(noise((16, 16))).save(tmp_path / "small.bmp")
    bmp = bytearray((tmp_path / "small.bmp").read_bytes())
    bmp[18:26] = struct.pack("<ii", 10**6, 10**6)
    row = np.zeros((1, 100000), np.uint8)
    for name, content in [
        ("a.png", png(row, rows=100000)),
        ("b.png", png(row[:, :9], rows=2**31 - 1)),
        ("a.jpg", jpeg),
        ("a.bmp", bmp),
    ]:
        (tmp_path / name).write_bytes(content)
        refused(tmp_path / name)


def test_entities_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("hidden")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "a" * 99}">' for n in range(12))
    for declaration in (
        bomb,
        f'<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;',
    ):
        xml = f'<?xml version="1.0"?><!DOCTYPE OME [{declaration}]><OME>&e11;&x;</OME>'
        (tmp_path / "a.tif").write_bytes(described(xml))
        assert "entities" in refused(tmp_path / "a.tif")


@pytest.mark.parametrize(
    "name",
    ["../secret.tif", "/etc/passwd", "C:\\secret.tif", "..\\secret.tif", "sub/../../secret.tif",
     "sub/link.tif", "sub\\link.tif", "file:///etc/passwd",
     "\\\\host\\share\\a.tif"],
)  # fmt: skip
def test_an_ome_tiff_keeps_to_its_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    tifffile.imwrite(tmp_path / "secret.tif", noise((10, 10)))
    data = (
        f'<TiffData IFD="0" PlaneCount="1"><UUID FileName="{name}">urn:uuid:'
        "11111111-1111-1111-1111-111111111111</UUID></TiffData>"
    )
    path = tmp_path / "in" / "a.ome.tif"
    path.write_bytes(ome(Z.format(1), data))
    sentence = refused(path)
    assert "outside its folder" in sentence and "root:" not in sentence


PLANE_OF = (
    '<TiffData IFD="0" PlaneCount="1"><UUID FileName="b.tif">urn:uuid:'
    "11111111-1111-1111-1111-111111111111</UUID></TiffData>"
)
"""Pixels that lie in another file."""


@pytest.mark.skipif(os.name == "nt", reason="links ask for rights there")
def test_a_link_beside_an_ome_tiff_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    pixels = noise((10, 10))
    tifffile.imwrite(tmp_path / "secret.tif", pixels)
    path = tmp_path / "in" / "a.ome.tif"
    path.write_bytes(ome(Z.format(1), PLANE_OF))
    (tmp_path / "in" / "b.tif").symlink_to(tmp_path / "secret.tif")
    assert "outside its folder" in refused(path)
    (tmp_path / "in" / "b.tif").unlink()
    (tmp_path / "in" / "c.tif").write_bytes((tmp_path / "secret.tif").read_bytes())
    (tmp_path / "in" / "b.tif").symlink_to("c.tif")
    assert same(read_image(path), pixels, "YX")


@pytest.mark.parametrize("memmap_above", [0, math.inf])
def test_a_page_whose_only_strip_is_left_out_is_zeros(tmp_path: Path, memmap_above: float) -> None:
    """Of a large file the header's bytes are not taken for its pixels."""
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.full((6, 5), 9, np.uint8))
    with tifffile.TiffFile(path, mode="r+") as tif:
        for tag in (273, 279):
            tif.pages[0].tags[tag].overwrite(0)
    np.testing.assert_array_equal(read_image(path, memmap_above=memmap_above).data, 0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_an_ome_tiff_waits_for_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "a.ome.tif").write_bytes(ome(Z.format(1), PLANE_OF))
    os.mkfifo(tmp_path / "b.tif")
    assert "pipe" in refused(tmp_path / "a.ome.tif")


@pytest.mark.parametrize(
    "content",
    [tiff(tiles(10**6, 10**6, 65536)), tiff(strip(10**6, 10**6, 10)), tiff(grey(9, 9), after=8),
     b"", b"root:x:0:0"],
)  # fmt: skip
def test_files_of_a_set_are_checked_as_its_first_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.ome.tif").write_bytes(ome(Z.format(1), PLANE_OF))
    (tmp_path / "b.tif").write_bytes(content)
    sentence = refused(tmp_path / "a.ome.tif")
    assert "names b.tif" in sentence and "root:x" not in sentence


def test_a_file_may_have_another_name_than_it_calls_itself(tmp_path: Path) -> None:
    own = "urn:uuid:11111111-1111-1111-1111-111111111111"
    for name in ("before.ome.tif", "D:\\measured\\before.ome.tif"):
        content = ome(Z.format(1), PLANE_OF.replace("b.tif", name))
        named = content.replace(b"<OME ", f'<OME UUID="{own}" '.encode())
        xml_start, xml_end = named.index(b"<?xml"), named.index(b"</OME>") + 6
        (tmp_path / "a.ome.tif").write_bytes(described(named[xml_start:xml_end].decode()))
        assert read_image(tmp_path / "a.ome.tif").axes == "YX"


def test_a_file_that_was_renamed_may_not_know_itself(tmp_path: Path) -> None:
    """Programs that give it no identifier name it alone."""
    path = tmp_path / "renamed.ome.tif"
    path.write_bytes(ome(Z.format(1), PLANE_OF.replace("b.tif", "before.ome.tif")))
    assert (read_image(path).axes, len(list_series(path))) == ("YX", 1)
    path.write_bytes(ome(Z.format(2), PLANE_OF.replace("b.tif", "before.ome.tif")))
    with pytest.raises(ImageFileError, match="declares 2 planes, expected at most 1"):
        read_image(path)


def test_sparse_tiles_are_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(tiff(tiles(50, 60, 64)))
    assert same(read_image(path), np.zeros((60, 50), np.uint8), "YX")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
@pytest.mark.parametrize("look", [read_image, list_series])
def test_a_pipe_is_no_image(tmp_path: Path, look: Callable[[Path], object]) -> None:
    for name in ("a.png", "a.tif"):
        os.mkfifo(tmp_path / name)
        with pytest.raises(ImageFileError, match="pipe or device"):
            look(tmp_path / name)


@pytest.mark.parametrize("compression", [None, "deflate", "jpeg"])
@pytest.mark.parametrize("kind", [(3, 0), (3, 3), (4, 0), (2, ord("1"))])
def test_samples_that_lie_in_no_known_way(
    tmp_path: Path, compression: str | None, kind: tuple[int, int]
) -> None:
    """What no block gives would be whatever memory held: other pixels at each reading."""
    path, data = tmp_path / "a.tif", noise((24, 16, 3))
    options = {"photometric": "rgb", "metadata": None, "planarconfig": "contig"}
    tifffile.imwrite(path, data, compression=compression, rowsperstrip=8, **options)
    content = path.read_bytes()
    contiguous = struct.pack("<HHII", 284, SHORT, 1, 1)
    assert content.count(contiguous) == 1
    path.write_bytes(content.replace(contiguous, struct.pack("<HHII", 284, kind[0], 1, kind[1])))
    for memmap_above in (math.inf, 0):
        with pytest.raises(ImageFileError, match="planar configuration"):
            read_image(path, memmap_above=memmap_above)
