"""What a GeoTIFF says of the ground that it shows.

Belongs here: the size of a pixel on the ground. Where on Earth that is, no result says.
"""

from __future__ import annotations

from typing import Any

from tifffile import TiffPage

from napari_autolut.io.tiff.numbers import positive

KEYS_TAG, SCALE_TAG, MATRIX_TAG = 34735, 33550, 34264
WORDS = "the place on the map (GeoTIFF)"
PROJECTED, METRES = 1, 9001


def map_fields(page: TiffPage) -> dict[str, Any]:
    """Size of a pixel in metres, where the map has such, and that the rest is not kept."""
    if not {KEYS_TAG, SCALE_TAG, MATRIX_TAG} & {tag.code for tag in page.tags}:
        return {}
    fields: dict[str, Any] = {"not_kept": (WORDS,)}
    keys = _keys(page.tags.valueof(KEYS_TAG))
    scale = page.tags.valueof(SCALE_TAG)
    sizes = [positive(size) for size in scale[:2]] if isinstance(scale, tuple) else []
    in_metres = keys.get(1024) == PROJECTED and keys.get(3076, METRES) == METRES
    if in_metres and len(sizes) == 2 and all(sizes):
        fields |= {"pixel_size": {"X": sizes[0], "Y": sizes[1]}, "unit": "m"}
    return fields


def _keys(directory: object) -> dict[int, int]:
    """Those of a GeoTIFF's keys that are numbers, by their own number."""
    entries = directory[4:] if isinstance(directory, tuple) else ()
    each = (entries[at : at + 4] for at in range(0, len(entries) - 3, 4))
    return {key: value for key, place, _, value in each if place == 0}
