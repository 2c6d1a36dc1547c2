"""What a PNG says beside its pixels and what Pillow reads of them.

Belongs here: chunks that change what values mean, as they are found by the walk in ``png.py``: what
is taken from them, kept in another PNG, and only named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from napari_autolut.io.provenance import JSON_KEY
from napari_autolut.util.text import printable

HELD = (b"cHRM", b"cICP", b"sRGB", b"iCCP", b"sBIT", b"sCAL", b"pCAL", b"oFFs")
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
MAX_HELD = 256
"""Bytes that are read of a chunk: none of them needs more, and of texts the keyword is wanted."""

MAX_TEXTS = 100

NO_LOSS = {"Software", "Creation Time", "XML:com.adobe.xmp", JSON_KEY}
"""Keywords of texts that say nothing of the image, or are said in other words."""

NAMED = {
    b"pCAL": "the PNG's calibration of values (pCAL)",
    b"oFFs": "the PNG's offset (oFFs)",
}

COLOUR_SPACE = "png colour space"
"""Key of ``ImageFile.metadata`` for what cICP says: primaries, curve, matrix and range."""

COLOUR_SPACE_WORD = "the PNG's colour space (cICP)"

PRIMARIES_OF_SCREENS = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""White, red, green and blue of sRGB, in parts of 100,000."""

METRES = 1
MICRONS = 1e6


def lost_chunks(
    chunks: Mapping[bytes, bytes], texts: Sequence[bytes], bits: int
) -> tuple[str, ...]:
    """What no result will have, in words.

    Parameters
    ----------
    chunks : mapping of bytes to bytes
        What begins chunks of the kinds ``HELD``.
    texts : sequence of bytes
        What begins those of ``TEXTS``.
    bits : int
        Of a sample.
    """
    words = [word for kind, word in NAMED.items() if kind in chunks]
    if _has_own_primaries(chunks):
        words.append("the PNG's primaries (cHRM)")
    if any(0 < significant < bits for significant in chunks.get(b"sBIT", b"")):
        words.append("the PNG's number of significant bits (sBIT)")
    keywords = [printable(text.split(b"\0")[0].decode("latin-1")) for text in texts]
    said = [each for each in keywords if each not in NO_LOSS and not each.startswith("date:")]
    if said:
        words.append(f"the PNG's texts ({', '.join(dict.fromkeys(said))})")
    return tuple(words)


def kept_chunks(chunks: Mapping[bytes, bytes]) -> dict[str, bytes]:
    """What another PNG will have, for ``ImageFile.metadata``."""
    found = chunks.get(b"cICP", b"")
    return {COLOUR_SPACE: found} if len(found) == 4 else {}


def subject_size(chunks: Mapping[bytes, bytes]) -> tuple[float, float] | None:
    """Width and height of a pixel of what is shown, in µm; None where it is not said (sCAL)."""
    scale = chunks.get(b"sCAL", b"")
    if scale[:1] != bytes([METRES]):
        return None
    width, _, height = scale[1:].partition(b"\0")
    try:
        sizes = float(width) * MICRONS, float(height) * MICRONS
    except ValueError:
        return None
    return sizes if all(0 < size < math.inf for size in sizes) else None


def _has_own_primaries(chunks: Mapping[bytes, bytes]) -> bool:
    """Whether colours are not those of screens, and nothing else says so."""
    if b"cHRM" not in chunks or {b"cICP", b"sRGB", b"iCCP"} & chunks.keys():
        return False
    found = chunks[b"cHRM"]
    numbers = [int.from_bytes(found[at : at + 4], "big") for at in range(0, 32, 4)]
    pairs = zip(numbers, PRIMARIES_OF_SCREENS, strict=True)
    return any(abs(own - screen) > 100 for own, screen in pairs)
