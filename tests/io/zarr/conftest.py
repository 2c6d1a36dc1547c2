"""An OME-Zarr of several chunks and levels; without the extra zarr there is nothing to test."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from napari_autolut.io import ImageFile, write_image
from tests.pictures import picture

collect_ignore_glob = [] if find_spec("zarr") and find_spec("yaozarrs") else ["test_*.py"]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An image of 3 x 3 chunks, with coarser levels."""
    for name in ("CHUNK", "CHUNK_WITHOUT_SHARDS", "COARSEST"):
        monkeypatch.setattr(f"napari_autolut.io.zarr.levels.{name}", 16)
    return write_image(tmp_path / "in.zarr", ImageFile(picture((48, 48), "uint16") + 1, "YX"))
