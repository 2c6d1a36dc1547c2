"""Files with several images, one of which is damaged."""

from __future__ import annotations

from pathlib import Path

import tifffile

from tests.pictures import picture


def partly_damaged(path: Path) -> Path:
    """Three images, of which the compressed pixels of the second are not what they were."""
    with tifffile.TiffWriter(path) as writer:
        for number in range(3):
            data = picture((20, 30 + number), "uint16", number)
            writer.write(data, compression="zlib", metadata={"axes": "YX", "Name": f"P{number}"})
    with tifffile.TiffFile(path) as tiff:
        place = tiff.series[1].pages[0].dataoffsets[0]
    content = bytearray(path.read_bytes())
    content[place : place + 20] = b"\xff" * 20
    path.write_bytes(content)
    return path
