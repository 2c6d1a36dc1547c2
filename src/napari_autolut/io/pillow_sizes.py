"""Sizes of pixels of PNG, JPEG, WebP and BMP files.

Belongs here: which of the sizes that such a file names is meant. How they are written is
``pillow.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import ExifTags
from PIL.ImageFile import ImageFile as PillowFile

from napari_autolut.io.pillow_pixels import JPEGS
from napari_autolut.io.png import PngHeader
from napari_autolut.io.png_chunks import subject_size
from napari_autolut.io.units import MICRONS_PER_INCH

INCHES = 2
DOTS_AN_INCH = {INCHES: 1.0, 3: 2.54}
"""How many times a resolution counts, by EXIF's number of its unit."""


def pixel_size(pil_image: PillowFile, png: PngHeader | None, *, transposed: bool) -> dict[str, Any]:
    """Pixel size of the subject, or from the resolution in dots per inch, where it is given."""
    across, down = _dots(pil_image)
    if sizes := subject_size(png.chunks) if png is not None else None:
        across, down = (MICRONS_PER_INCH / size for size in sizes)
    if not (0 < across < np.inf and 0 < down < np.inf):
        return {}
    if transposed:
        across, down = down, across
    return {
        "pixel_size": {"Y": MICRONS_PER_INCH / down, "X": MICRONS_PER_INCH / across},
        "unit": "µm",
    }


def _dots(pil_image: PillowFile) -> tuple[float, float]:
    """Dots per inch across and down, 0 where a file names none.

    Where a JPEG gives them in its EXIF alone, Pillow takes those across for both, and 72 for none.
    """
    across, down = (float(dots) for dots in pil_image.info.get("dpi", (0, 0)))
    of_exif = "exif" in pil_image.info and pil_image.info.get("jfif_unit") not in (1, 2)
    jpeg = pil_image.format in JPEGS
    if not of_exif or (across and not jpeg):
        return across, down
    exif = pil_image.getexif()
    of_x, of_y = (float(exif.get(ExifTags.Base[f"{axis}Resolution"]) or 0) for axis in "XY")
    if not jpeg:  # of which Pillow reads no EXIF
        an_inch = DOTS_AN_INCH.get(exif.get(ExifTags.Base.ResolutionUnit, INCHES), 0.0)
        return of_x * an_inch, (of_y or of_x) * an_inch
    if not of_x:
        return 0.0, 0.0
    return across, across * of_y / of_x if of_y else down
