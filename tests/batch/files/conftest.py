"""A stack that is many regions of an OME-Zarr."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_autolut.io import Channel, ImageFile, write_image
from tests.pictures import picture


@pytest.fixture
def small_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = {"CHUNK": 16, "CHUNK_WITHOUT_SHARDS": 16, "MAX_SIDE": 32, "COARSEST": 16, "PIECE": 16}
    for name, value in sides.items():
        monkeypatch.setattr(f"napari_autolut.io.zarr.levels.{name}", value)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    data = picture((2, 40, 70), "uint16", top=4000)
    data[1] //= 50
    sizes, origin = {"Y": 0.5, "X": 0.25}, {"Y": 3.0}
    channels = (Channel("a", "FF0000", (0.0, 9.0)), Channel("b", "00FF00", (1.0, 2.0)))
    image = ImageFile(data, "CYX", sizes, "µm", origin=origin, channels=channels)
    return write_image(tmp_path / "in.zarr", image)
