"""What a maker's own metadata say of an image, as all readers of them give it.

Belongs here: that type, texts of tags, colours and square pixels. Who wrote what is in the files of
light microscopes, slide scanners and programs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tifffile import TiffPage

from napari_autolut.io.image_file import Channel
from napari_autolut.io.tiff.numbers import positive, uneven_words, whole_number


class MakerMetadata(NamedTuple):
    """What a program says of an image: micrometres and seconds by axis, and its channels.

    Remarks say what there is to say of how its pages lie.
    """

    sizes: Mapping[str, float]
    channels: tuple[Channel, ...] = ()
    remarks: tuple[str, ...] = ()

    def fields(self) -> dict[str, Any]:
        """Arguments of `ImageFile`; none where nothing is known."""
        sizes = {axis: size for axis, size in self.sizes.items() if positive(size)}
        if not sizes and not self.channels and not self.remarks:
            return {}
        unit = "µm" if set(sizes) & set("XYZ") else None
        known = {"pixel_size": sizes, "unit": unit, "flavour": "ome"}
        remarks = (*self.remarks, *uneven_words(sizes))
        return known | {"channels": self.channels, "remarks": remarks}


def tag_text(page: TiffPage, number: int) -> str:
    """The text of a tag; empty where there is none."""
    value = page.tags.valueof(number)
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")


def square(size: float) -> dict[str, float]:
    """Pixels that are as wide as they are high; nothing where the size is 0."""
    return {"X": size, "Y": size} if size else {}


def listed_colour(text: str) -> str | None:
    """Red, green and blue, given as numbers with commas, as six digits."""
    parts = [whole_number(part.strip()) for part in text.split(",")]
    return hexadecimal([part for part in parts if part is not None])


def hexadecimal(colour: Sequence[int]) -> str | None:
    """Red, green and blue as six digits; None for black, which shows nothing."""
    parts = [int(part) for part in colour[:3]]
    bytes_only = len(parts) == 3 and all(0 <= part < 256 for part in parts)
    return "".join(f"{part:02X}" for part in parts) if bytes_only and any(parts) else None
