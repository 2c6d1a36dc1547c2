"""Small ND2 files of version 3, as Nikon's programs lay them out: chunks and a map of them.

Belongs here: what bioio-nd2 needs to read one. No package writes such files.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = 0x0ABECEDA
HEADER = 4096 - 24  # of a chunk's name, so that pixels begin where readers look for them
TIME_LOOP, POSITION_LOOP, Z_LOOP = 1, 2, 4


def write_nd2(path: Path, data: np.ndarray, names: list[str]) -> None:
    """Write (P, T, Z, C, Y, X) as positions, frames, slices and channels; 0.325 µm, 2 µm, 0.5 s."""
    positions, frames, slices = data.shape[:3]
    chunks = {
        "ImageAttributesLV!": _lite("SLxImageAttributes", _attributes(data)),
        "ImageMetadataSeqLV|0!": _lite("SLxPictureMetadata", _metadata(names)),
    }
    loops = _loops(positions, frames, slices)
    if loops:
        chunks["ImageMetadataLV!"] = _lite("SLxExperiment", loops)
    order = [(p, t, z) for t in range(frames) for p in range(positions) for z in range(slices)]
    for number, at in enumerate(order):
        pixels = np.ascontiguousarray(np.moveaxis(data[at], 0, -1))
        chunks[f"ImageDataSeq|{number}!"] = struct.pack("d", 0.0) + pixels.tobytes()
    chunks["CustomData|AcqTimesCache!"] = np.arange(len(order), dtype="f8").tobytes()
    path.write_bytes(_file(chunks))


def _attributes(data: np.ndarray) -> dict[str, Any]:
    positions, frames, slices, count, rows, columns = data.shape
    bits = data.itemsize * 8
    return {
        "uiWidth": columns, "uiWidthBytes": columns * count * data.itemsize, "uiHeight": rows,
        "uiComp": count, "uiBpcInMemory": bits, "uiBpcSignificant": bits, "eCompression": 2,
        "uiSequenceCount": positions * frames * slices, "uiVirtualComponents": count,
    }  # fmt: skip


def _metadata(names: list[str]) -> dict[str, Any]:
    planes = {
        f"a{number}": {
            "uiCompCount": 1, "sDescription": name, "uiColor": (0xFF, 0xFF00, 0xFF0000)[number % 3],
            "pFluorescentProbe": {
                "m_ExcitationSpectrum": _line(488.0 + number),
                "m_EmissionSpectrum": _line(520.0 + number),
            },
        }
        for number, name in enumerate(names)
    }  # fmt: skip
    return {
        "dCalibration": 0.325, "bCalibrated": True, "dZoom": 1.0, "dXPos": 0.0, "dYPos": 0.0,
        "dZPos": 0.0, "dTimeMSec": 0.0,
        "sPicturePlanes": {"uiCount": len(names), "uiCompCount": len(names), "sPlaneNew": planes},
    }  # fmt: skip


def _line(wavelength: float) -> dict[str, Any]:
    point = {"eType": 4, "dWavelength": wavelength, "dTValue": 1.0}
    return {"uiCount": 1, "pPoint": {"Point0": point}}


def _loops(positions: int, frames: int, slices: int) -> dict[str, Any]:
    points = {
        f"i{n:010}": {"dPosX": 10.0 * n, "dPosY": 0.0, "dPosZ": 0.0, "dPosName": f"well {n}"}
        for n in range(positions)
    }
    depth = {"uiCount": slices, "dZLow": 0.0, "dZHigh": 2.0 * (slices - 1), "dZStep": 2.0}
    times = {"uiCount": frames, "dStart": 0.0, "dPeriod": 500.0, "dDuration": 500.0 * frames}
    inner: dict[str, Any] = {}
    for kind, settings, count in (
        (Z_LOOP, depth, slices),
        (POSITION_LOOP, {"uiCount": positions, "Points": points}, positions),
        (TIME_LOOP, times, frames),
    ):
        if count > 1:
            below = {"ppNextLevelEx": {"i0000000000": inner}} if inner else {}
            inner = {"eType": kind, "uLoopPars": settings, **below}
    return inner


def _lite(name: str, value: Any) -> bytes:
    """A value with its name, as Nikon's "lite variant" has it."""
    text = name.encode("utf-16-le") + bytes(2)

    def head(kind: int) -> bytes:
        return struct.pack("BB", kind, len(name) + 1) + text

    if isinstance(value, dict):
        body = b"".join(_lite(*item) for item in value.items())
        size = len(head(11)) + 12 + len(body)
        return head(11) + struct.pack("<IQ", len(value), size) + body + bytes(8 * len(value))
    if isinstance(value, bool):
        return head(1) + struct.pack("B", value)
    if isinstance(value, int):
        return head(3) + struct.pack("I", value)
    if isinstance(value, float):
        return head(6) + struct.pack("d", value)
    return head(8) + value.encode("utf-16-le") + bytes(2)


def _file(chunks: dict[str, bytes]) -> bytes:
    content = struct.pack("IIQ", MAGIC, 32, 64) + b"ND2 FILE SIGNATURE CHUNK NAME01!"
    content = (content + b"Ver3.0").ljust(4096, b"\0")
    places = b""
    for name, data in chunks.items():
        places += name.encode() + struct.pack("QQ", len(content), len(data))
        content += struct.pack("IIQ", MAGIC, HEADER, len(data)) + name.encode().ljust(HEADER, b"\0")
        content += data
    end = b"ND2 CHUNK MAP SIGNATURE 0000001!" + struct.pack("Q", len(content))
    head = struct.pack("IIQ", MAGIC, 32, len(places + end)) + b"ND2 FILEMAP SIGNATURE NAME 0001!"
    return content + head + places + end
