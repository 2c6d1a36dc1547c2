"""Stacks and frames of ScanImage, laid out by hand."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.io import read_image
from tests.io.tiff.microscope_pages import PLANES, written


def test_scanimage(tmp_path: Path) -> None:
    said = ("SI.hChannels.channelSave = 1\nSI.hStackManager.stackZStepSize = -2.5\n"
            "SI.hRoiManager.imagingFovUm = [-90 -40;90 -40;90 40;-90 40]\n")  # fmt: skip
    image = read_image(written(tmp_path / "a.tif", PLANES[:3].astype("int16"), software=said))
    assert image.data.dtype == np.int16
    assert image.pixel_size == pytest.approx({"X": 20, "Y": 10, "Z": 2.5})


@pytest.mark.parametrize(
    ("channels", "slices", "frames", "shape", "axes", "seconds"),
    [("[1;2]", 3, "1", (2, 3, 2), "TZCYX", 0.5), ("1", 6, "1", (2, 6), "TZYX", 0.5),
     ("[1;3]", 1, "Inf", (6, 2), "TCYX", 0.1), ("1", 1, "1", (12,), "TYX", 0.1),
     ("[1;2]", 6, "1", (6, 2), "ZCYX", None), ("1", 12, "1", (12,), "ZYX", None),
     ("1", 5, "1", (12,), "ZYX", None)],
)  # fmt: skip
def test_volumes_of_scanimage(
    tmp_path: Path, channels: str, slices: int, frames: str, shape: Any, axes: str, seconds: Any
) -> None:
    """Channels and volumes lay among the slices."""
    said = (f"SI.hChannels.channelSave = {channels}\nSI.hStackManager.numSlices = {slices}\n"
            f"SI.hStackManager.framesPerSlice = {frames}\nSI.hRoiManager.scanVolumeRate = 2\n"
            "SI.hRoiManager.scanFrameRate = 10\n")  # fmt: skip
    image = read_image(written(tmp_path / "a.tif", PLANES, software=said))
    assert image.axes == axes and image.pixel_size.get("T") == seconds
    np.testing.assert_array_equal(image.data, PLANES.reshape(*shape, 8, 9))


def scanimage_header(said: str) -> bytes:
    """What ScanImage writes before the first page of a BigTIFF: its settings again."""
    return struct.pack("<4I", 0x07030301, 3, len(said) + 1, 1) + f"{said}\0\0".encode()


@pytest.mark.parametrize(
    ("channels", "slices", "frames", "shape", "axes", "seconds"),
    [("[1;2]", 3, ("10", 10), (2, 3, 2), "TZCYX", 0.5),
     ("[1;2]", 3, ("4", 2), (3, 2, 2), "ZTCYX", 0.2),
     ("1", 1, ("Inf", 5), (12,), "TYX", 0.5), ("[1;2]", 1, ("6", 1), (6, 2), "TCYX", 0.1),
     ("1", 3, ("4", 1), (3, 4), "ZTYX", 0.1), ("1", 3, ("4", 4), (4, 3), "TZYX", 0.5),
     ("1", 3, ("4", 2), (2, 3, 2), "AZTYX", 0.2), ("1", 5, ("4", 2), (12,), "ZYX", None),
     ("[1;2]", 5, ("4", 2), (6, 2), "ZCYX", None)],
)  # fmt: skip
@pytest.mark.parametrize("big", [False, True])
def test_frames_of_scanimage(
    tmp_path: Path,
    channels: str,
    slices: int,
    frames: tuple[str, int],
    shape: Any,
    axes: str,
    seconds: Any,
    big: bool,
) -> None:
    """Averaged frames are saved as one: no page is lost, and times are those between them."""
    said = (f"SI.hChannels.channelSave = {channels}\nSI.hStackManager.numSlices = {slices}\n"
            f"SI.hStackManager.framesPerSlice = {frames[0]}\nSI.hRoiManager.scanVolumeRate = 2\n"
            f"SI.hScan2D.logAverageFactor = {frames[1]}\n"
            "SI.hRoiManager.scanFrameRate = 10\n")  # fmt: skip
    path = tmp_path / "a.tif"
    written(path, PLANES, software=said, header=scanimage_header(said) if big else b"")
    with tifffile.TiffFile(path) as tif:
        assert bool(tif.scanimage_metadata.get("FrameData")) == big
    image = read_image(path)
    assert image.axes == axes and image.pixel_size.get("T") == seconds
    np.testing.assert_array_equal(image.data, PLANES.reshape(*shape, 8, 9))
