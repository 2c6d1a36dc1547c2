"""What tests of several commands read."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_autolut.io import ImageFile, write_image
from tests.pictures import picture as noise


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A file of 9 x 12 colours."""
    return write_image(tmp_path / "in.png", ImageFile(noise((9, 12, 3)), "YXS"))
