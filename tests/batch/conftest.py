"""A folder of images."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_autolut.io import ImageFile, write_image
from tests.pictures import picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good images, one of them in a sub-folder, and what is no image."""
    top = tmp_path / "in"
    (top / "day 2").mkdir(parents=True)
    write_image(top / "a.png", ImageFile(picture((5, 6)), "YX"))
    stack = ImageFile(picture((2, 5, 4), "uint16"), "ZYX", {"Y": 0.5, "X": 0.5}, "µm")
    write_image(top / "day 2" / "b.ome.tif", stack)
    (top / "notes.txt").write_text("no image")
    (top / "._a.png").write_bytes(b"what file managers leave behind")
    return top
