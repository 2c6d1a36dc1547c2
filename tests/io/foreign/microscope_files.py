"""Files as microscopes write them, laid out by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest


def write_czi(path: Path, data: np.ndarray, scenes: int = 1) -> None:
    """Write (T, C, Z, Y, X, S) by Zeiss's own library; scenes have one more than the one before."""
    czi = pytest.importorskip("pylibCZIrw.czi", reason="pylibCZIrw is not installed")
    with czi.create_czi(str(path)) as file:
        for scene in range(scenes):
            for t, c, z in np.ndindex(data.shape[:3]):
                place = {"location": (scene * 500, 0), "scene": scene} if scenes > 1 else {}
                file.write(data[t, c, z] + scene, plane={"T": t, "C": c, "Z": z}, **place)
        names = {n: f"dye {n}" for n in range(data.shape[1])}
        sizes = {"scale_x": 0.2e-6, "scale_y": 0.2e-6, "scale_z": 1e-6}
        file.write_metadata(document_name="made", channel_names=names, **sizes)


def write_dv(path: Path, data: np.ndarray, sequence: str, order: str) -> None:
    """Write (T, C, Z, Y, X), slowest axis first, by DeltaVision's header of 1,024 bytes."""
    frames, channels, slices, rows, columns = data.shape
    header = bytearray(1024)
    for at, kind, values in (
        (0, "4i", (columns, rows, frames * channels * slices, 6)),
        (40, "3f", (0.1, 0.12, 0.5)),
        (96, "h", (-16224,)),
        (180, "2h", (frames, ("CTZ", "TZC", "TCZ").index(sequence))),
        (196, "4h", (channels, 457, 528, 617)),
    ):
        struct.pack_into(order + kind, header, at, *values)
    stored = data.transpose([*("TCZ".index(axis) for axis in sequence), 3, 4])
    path.write_bytes(bytes(header) + stored.astype(data.dtype.newbyteorder(order)).tobytes())


def write_sldy(path: Path, data: np.ndarray, text: str = "") -> None:
    """Write (T, C, Z, Y, X) as SlideBook does: a folder of YAML and arrays beside the file."""
    folder = path.with_suffix(".dir") / "first.imgdir"
    folder.mkdir(parents=True)
    path.write_bytes(b"any")
    exposure = "CExposureRecord70:\n  mXFactor: 1\n  mYFactor: 1\nmInterplaneSpacing: 0.5\n"
    (folder / "ChannelRecord.yaml").write_text(text or exposure)
    names = ("mNumTimepoints", "mNumChannels", "mNumPlanes", "mHeight", "mWidth")
    record = "".join(f"  {name}: {n}\n" for name, n in zip(names, data.shape, strict=True))
    optics = "CLensDef70:\n  mMicronPerPixel: 6.5\nCOptovarDef70:\n  mMagnification: 20\n"
    (folder / "ImageRecord.yaml").write_text(f"{optics}CImageRecord70:\n{record}")
    for t, c in np.ndindex(data.shape[:2]):
        np.save(folder / f"ImageData_Ch{c}_TP{t:07d}.npy", data[t, c])
