"""Small LIF files, as Leica's programs lay them out: XML, then a block of memory for each image.

Belongs here: what bioio-lif needs to read one. No package writes such files.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np


def write_lif(path: Path, images: dict[str, np.ndarray], unit: str = "m") -> None:
    """Write each (T, Z, C, Y, X) as an image of its name; 0.2 µm, 0.5 µm, 3 s.

    One of (Z, Y, X, 3) with the name colours is red, green and blue. One of (M, Y, X) with the name
    tiles is a mosaic of two columns.
    """
    kinds = {"colours": _colours, "tiles": _tiles}
    elements = "".join(
        kinds[name](n, data) if name in kinds else _element(n, name, data, unit)
        for n, (name, data) in enumerate(images.items())
    )
    xml = (
        '<LMSDataContainerHeader Version="2"><Element Name="all"><Data><Experiment/></Data>'
        f'<Memory Size="0" MemoryBlockID="MemBlock_root"/><Children>{elements}</Children>'
        "</Element></LMSDataContainerHeader>"
    )
    text = xml.encode("utf-16-le")
    head = struct.pack("<ii", 0x70, 5 + len(text)) + b"\x2a" + struct.pack("<i", len(xml)) + text
    blocks = [_block(f"MemBlock_{n}", data.tobytes()) for n, data in enumerate(images.values())]
    path.write_bytes(head + _block("MemBlock_root", b"") + b"".join(blocks))


def _block(name: str, data: bytes) -> bytes:
    text = name.encode("utf-16-le")
    head = struct.pack("<ii", 0x70, 14 + len(text)) + b"\x2a" + struct.pack("<q", len(data))
    return head + b"\x2a" + struct.pack("<i", len(name)) + text + data


def _element(number: int, name: str, data: np.ndarray, length: str) -> str:
    frames, slices, count, rows, columns = data.shape
    plane = rows * columns * data.itemsize
    metre = 1 if length == "m" else 1 / 0.0254
    sizes = {
        1: (columns, data.itemsize, 0.2e-6 * metre, length),
        2: (rows, columns * data.itemsize, 0.2e-6 * metre, length),
        3: (slices, plane * count, 0.5e-6 * metre, length),
        4: (frames, plane * count * slices, 3.0, "s"),
    }
    channels = {name: (0, c * plane) for c, name in enumerate(("Green", "Red", "Blue")[:count])}
    return _described(number, name, data, sizes, channels)


def _colours(number: int, data: np.ndarray) -> str:
    slices, rows, columns, _ = data.shape
    pixel = 3 * data.itemsize
    sizes = {
        1: (columns, pixel, 0.2e-6, "m"),
        2: (rows, columns * pixel, 0.2e-6, "m"),
        3: (slices, rows * columns * pixel, 0.5e-6, "m"),
    }
    tags = {"Red": 1, "Green": 2, "Blue": 3}
    channels = {name: (tag, n * data.itemsize) for n, (name, tag) in enumerate(tags.items())}
    return _described(number, "colours", data, sizes, channels)


def _tiles(number: int, data: np.ndarray) -> str:
    count, rows, columns = data.shape
    plane = rows * columns * data.itemsize
    sizes = {
        1: (columns, data.itemsize, 0.2e-6, "m"),
        2: (rows, columns * data.itemsize, 0.2e-6, "m"),
        10: (count, plane, 0.0, ""),
    }
    places = "".join(
        f'<Tile FieldX="{n % 2}" FieldY="{n // 2}" PosX="{n % 2 * 1e-5}" PosY="{n // 2 * 1e-5}" '
        'PosZ="0"/>'
        for n in range(count)
    )
    scan = f'<Attachment Name="TileScanInfo" FlipX="0" FlipY="0" SwapXY="0">{places}</Attachment>'
    return _described(number, "tiles", data, sizes, {"Green": (0, 0)}, scan)


def _described(
    number: int,
    name: str,
    data: np.ndarray,
    sizes: dict[int, tuple[int, int, float, str]],
    channels: dict[str, tuple[int, int]],
    attachment: str = "",
) -> str:
    """XML from lengths, strides and steps of dimensions, and tags and offsets of channels."""
    dimensions = "".join(
        f'<DimensionDescription DimID="{axis}" NumberOfElements="{n}" Origin="0" '
        f'Length="{step * (n - 1):.9e}" Unit="{unit}" BitInc="0" BytesInc="{inc}"/>'
        for axis, (n, inc, step, unit) in sizes.items()
        if n > 1
    )
    described = "".join(
        f'<ChannelDescription DataType="0" ChannelTag="{tag}" Resolution="{8 * data.itemsize}" '
        'NameOfMeasuredQuantity="" Min="0" Max="1" Unit="" IsLUTInverted="0" '
        f'LUTName="{lut}" BytesInc="{offset}" BitInc="0"/>'
        for lut, (tag, offset) in channels.items()
    )
    return (
        f'<Element Name="{name}"><Data><Image><ImageDescription><Channels>{described}</Channels>'
        f"<Dimensions>{dimensions}</Dimensions></ImageDescription>{attachment}</Image></Data>"
        f'<Memory Size="{data.nbytes}" MemoryBlockID="MemBlock_{number}"/><Children/></Element>'
    )
