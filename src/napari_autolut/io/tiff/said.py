"""What a maker's own metadata say of an image, as all readers of them give it.

Belongs here: that type, and numbers as they stand in such metadata. Who wrote what is in the files
of light microscopes, slide scanners and programs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.ome import positive

NUMBER = r"([-+]?[\d.]+(?:[eE][-+]?\d+)?)"
"""A number, as a group of a regular expression."""

MAX_DIGITS = 10
"""Longer numbers count nothing that a file can hold."""


class Said(NamedTuple):
    """What a program says of an image: micrometres and seconds by axis, and its channels."""

    sizes: Mapping[str, float]
    channels: tuple[Channel, ...] = ()

    def fields(self) -> dict[str, Any]:
        """Arguments of `ImageFile`; none where nothing is known."""
        sizes = {axis: size for axis, size in self.sizes.items() if positive(size)}
        if not sizes and not self.channels:
            return {}
        unit = "µm" if set(sizes) & set("XYZ") else None
        known = {"pixel_size": sizes, "unit": unit, "flavour": "ome"}
        return known | {"channels": self.channels}


def square(size: float) -> dict[str, float]:
    """Pixels that are as wide as they are high; nothing where the size is 0."""
    return {"X": size, "Y": size} if size else {}


def whole_number(text: str) -> int | None:
    """A number of a few digits, None where there is none."""
    return int(text) if text.isdecimal() and len(text) < MAX_DIGITS else None


def listed_colour(text: str) -> str | None:
    """Red, green and blue, given as numbers with commas, as six digits."""
    parts = [whole_number(part.strip()) for part in text.split(",")]
    return hexadecimal([part for part in parts if part is not None])


def hexadecimal(colour: Sequence[int]) -> str | None:
    """Red, green and blue as six digits; None for black, which shows nothing."""
    parts = [int(part) for part in colour[:3]]
    bytes_only = len(parts) == 3 and all(0 <= part < 256 for part in parts)
    return "".join(f"{part:02X}" for part in parts) if bytes_only and any(parts) else None


def mean_step(values: Any) -> float:
    """Mean distance of values that rise or fall throughout; 0 where they do not."""
    steps = np.diff(np.asarray(() if values is None else values, np.float64))
    one_way = steps.size and bool((steps > 0).all() or (steps < 0).all())
    return float(abs(steps.mean())) if one_way else 0.0
