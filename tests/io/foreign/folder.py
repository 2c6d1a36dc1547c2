"""A folder of files that others read, enlarged as folders are."""

from __future__ import annotations

from pathlib import Path

from napari_autolut.batch import find_files, upscale_file_steps
from tests.conftest import small_model


def enlarged(folder: Path) -> Path:
    """The OME-TIFF that comes of the one file ``a`` of a folder, enlarged 2 times."""
    (item,) = find_files(folder, folder.with_name("out"))
    assert item.out.name == "a.ome.tif"
    item.out.parent.mkdir()
    for _ in upscale_file_steps(item.source, item.out, small_model("small", 2)):
        pass
    return item.out
