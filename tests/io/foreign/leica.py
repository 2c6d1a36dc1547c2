"""Small LIF files, as Leica's programs lay them out: XML, then a block of memory for each image.

Belongs here: what bioio-lif needs to read one. No package writes such files.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np


def write_lif(path: Path, images: dict[str, np.ndarray], unit: str = "m") -> None:
    """Write each (T, Z, C, Y, X) as an image of its name; 0.2 µm, 0.5 µm, 3 s."""
    elements = "".join(_element(n, *item, unit) for n, item in enumerate(images.items()))
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
    dimensions = "".join(
        f'<DimensionDescription DimID="{axis}" NumberOfElements="{n}" Origin="0" '
        f'Length="{step * (n - 1):.9e}" Unit="{unit}" BitInc="0" BytesInc="{inc}"/>'
        for axis, (n, inc, step, unit) in sizes.items()
        if n > 1
    )
    channels = "".join(
        f'<ChannelDescription DataType="0" ChannelTag="0" Resolution="{8 * data.itemsize}" '
        'NameOfMeasuredQuantity="" Min="0" Max="1" Unit="" IsLUTInverted="0" '
        f'LUTName="{("Green", "Red", "Blue")[c]}" BytesInc="{c * plane}" BitInc="0"/>'
        for c in range(count)
    )
    return (
        f'<Element Name="{name}"><Data><Image><ImageDescription><Channels>{channels}</Channels>'
        f"<Dimensions>{dimensions}</Dimensions></ImageDescription></Image></Data>"
        f'<Memory Size="{data.nbytes}" MemoryBlockID="MemBlock_{number}"/><Children/></Element>'
    )
