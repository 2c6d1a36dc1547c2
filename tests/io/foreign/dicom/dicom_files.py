"""Files that pydicom brings, and some made from them. Belongs here: what tests of DICOM share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_autolut.io import ImageFile, read_image

pydicom = pytest.importorskip("pydicom", reason="pydicom is not installed")

FILES = Path(pydicom.__file__).parent / "data" / "test_files"


def given(name: str, **options: Any) -> ImageFile:
    path = FILES / f"{name}.dcm"
    if not path.exists():
        pytest.skip(f"this pydicom brings no {path.name}")
    return read_image(path, **options)


def changed(folder: Path, **values: object) -> Path:
    """A small grey file with other values in its header."""
    data = pydicom.dcmread(FILES / "MR_small.dcm")
    for name, value in values.items():
        setattr(data, name, value)
    path = folder / "a.dcm"
    data.save_as(path)
    return path


def stored(path: Path) -> np.ndarray:
    return pydicom.dcmread(path).pixel_array


def stacked(folder: Path, heights: list[float]) -> Path:
    """Frames at places of their own, 5 mm thick."""
    data = pydicom.dcmread(FILES / "MR_small.dcm")
    data.PixelData, data.NumberOfFrames = data.PixelData * len(heights), len(heights)
    data.SliceThickness = 5
    data.PerFrameFunctionalGroupsSequence = frames = pydicom.Sequence()
    for height in heights:
        plane = pydicom.Dataset()
        plane.ImagePositionPatient = [-3, 4, height]
        frames.append(pydicom.Dataset())
        frames[-1].PlanePositionSequence = pydicom.Sequence([plane])
    path = folder / "a.dcm"
    data.save_as(path)
    return path
