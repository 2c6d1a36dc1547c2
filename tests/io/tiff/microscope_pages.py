"""Pages as programs of microscopes write them. Belongs here: what tests of such files share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from napari_autolut.io import ImageFile, write_image
from tests.io.tiff.ome_schema import check_valid
from tests.pictures import picture

PLANES = picture((12, 8, 9), "uint16", top=4000)


def written(path: Path, pages: np.ndarray, **options: Any) -> Path:
    """One page after another, none of them said to belong to others."""
    header = options.get("header", b"")
    with tifffile.TiffWriter(path, bigtiff=bool(header)) as file:
        file._fh.write(header)
        for number, page in enumerate(pages):
            tags = options.get("each", lambda _: [])(number)
            tags += options.get("tags", []) if number == 0 else []
            file.write(
                page, photometric="minisblack", metadata=None, contiguous=False, extratags=tags,
                planarconfig="separate" if page.ndim == 3 else None,
                **{key: options[key] for key in ("description", "software") if key in options},
            )  # fmt: skip
    return path


def known_by_others(path: Path, image: ImageFile) -> tuple[float | None, ...]:
    """Sizes of what is written, as ome-types reads them: X, Y, Z and seconds a frame."""
    ome_types = pytest.importorskip("ome_types")
    with tifffile.TiffFile(write_image(path, image)) as tif:
        check_valid(tif.ome_metadata)
        pixels = ome_types.from_xml(tif.ome_metadata).images[0].pixels
    return (
        pixels.physical_size_x, pixels.physical_size_y, pixels.physical_size_z,
        pixels.time_increment,
    )  # fmt: skip
