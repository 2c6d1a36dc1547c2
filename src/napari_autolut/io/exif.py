"""What a camera said of a photograph, as far as it stays true of a result.

Belongs here: which parts of EXIF are kept, as bytes for PNG and JPEG and as tags for TIFF. Where
the readers find them is theirs; orientation is applied by them, and resolution is a pixel size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PIL import ExifTags, Image

KEPT = (
    ExifTags.Base.ImageDescription, ExifTags.Base.Make, ExifTags.Base.Model,
    ExifTags.Base.DateTime, ExifTags.Base.Artist, ExifTags.Base.HostComputer,
    ExifTags.Base.Copyright,
)  # fmt: skip
"""Tags that stay true; the others of the first folder say how pixels lie, and who wrote them."""

OF_TIFF = KEPT[1:]
"""Those that a TIFF is written with; its description is the dialect's."""

SUBJECT_AREA = 0x9214

FALSE = {
    ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight, ExifTags.Base.MakerNote,
    ExifTags.Base.ExifInteroperabilityOffset, ExifTags.Base.ComponentsConfiguration,
    ExifTags.Base.CompressedBitsPerPixel, ExifTags.Base.FocalPlaneXResolution,
    ExifTags.Base.FocalPlaneYResolution, ExifTags.Base.FocalPlaneResolutionUnit,
    SUBJECT_AREA, ExifTags.Base.SubjectLocation, ExifTags.Base.CFAPattern,
    ExifTags.Base.ImageUniqueID,
}  # fmt: skip
"""Tags of a camera's settings that are of the original's pixels or have places in its file."""

UPRIGHT = 1
MAX_BYTES = 65_000
"""What a JPEG has room for."""

SETTINGS, PLACE = FOLDERS = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
SETTINGS_WORD = "the camera's settings and place (EXIF)"

XMP_WORD, IPTC_WORD = "keywords and ratings (XMP)", "captions (IPTC)"
OTHER_WORDS = {700: XMP_WORD, 33723: IPTC_WORD}
"""What else is said of photographs, by the tags of TIFFs."""


def kept_exif(read: Callable[[], Image.Exif]) -> bytes | None:
    """Keep what stays true of a photograph's EXIF.

    Parameters
    ----------
    read : callable
        Gives what the file has; damage in it is nobody's loss but its own.

    Returns
    -------
    bytes or None
        A block of EXIF of an upright image without sizes, previews and notes of the maker; None
        where nothing is to be kept.
    """
    try:
        found = read()
        kept: dict[int, Any] = {tag: found[tag] for tag in KEPT if found.get(tag)}
        settings = found.get_ifd(SETTINGS)
        kept[SETTINGS] = {tag: value for tag, value in settings.items() if tag not in FALSE}
        kept[PLACE] = dict(found.get_ifd(PLACE))
        return _encoded({tag: value for tag, value in kept.items() if value})
    except Exception:  # noqa: BLE001 - Pillow raises whatever a damaged block makes it
        return None


def exif_of_tags(valueof: Callable[[int], Any]) -> tuple[bytes | None, tuple[str, ...]]:
    """Keep what the tags of a TIFF say of a camera, an author and a date.

    Parameters
    ----------
    valueof : callable
        Gives the value of a tag by its number, None where it is not there.

    Returns
    -------
    exif : bytes or None
        As :func:`kept_exif`.
    not_kept : tuple of str
        Words for what else a camera said there.
    """
    values = {int(tag): valueof(tag) for tag in OF_TIFF}
    texts = {tag: text.encode() for tag, text in values.items() if isinstance(text, str) and text}
    more = valueof(SETTINGS) is not None or valueof(PLACE) is not None
    others = (word for tag, word in OTHER_WORDS.items() if valueof(tag) is not None)
    return _encoded(texts), ((SETTINGS_WORD,) * more) + tuple(others)


def tiff_tags(exif: bytes | None) -> list[tuple[int, str, int, bytes, bool]]:
    """Tags of a TIFF for what is kept, as ``extratags`` of `tifffile.imwrite`.

    Parameters
    ----------
    exif : bytes or None
        As :func:`kept_exif` gives them.

    Returns
    -------
    list of tuple
        Texts alone; camera's settings and place have no room there.
    """
    found = _decoded(exif)
    return [(int(tag), "s", 0, _bytes(found[tag]), True) for tag in OF_TIFF if tag in found]


def has_settings(exif: bytes | None) -> bool:
    """Whether more is kept than a TIFF can be given."""
    return bool({SETTINGS, PLACE} & set(_decoded(exif)))


def _encoded(kept: Mapping[int, Any]) -> bytes | None:
    if not kept:
        return None
    block = Image.Exif()
    block[ExifTags.Base.Orientation] = UPRIGHT
    for tag, value in kept.items():
        block[tag] = {t: _bytes(v) for t, v in value.items()} if tag in FOLDERS else _bytes(value)
    content = block.tobytes()
    return content if len(content) <= MAX_BYTES else None


def _bytes(value: Any) -> Any:
    """Texts that are not ASCII as they were stored; Pillow reads them so, but writes "?"."""
    return value if not isinstance(value, str) or value.isascii() else value.encode("latin-1")


def _decoded(exif: bytes | None) -> Image.Exif:
    found = Image.Exif()
    if exif:
        found.load(exif)
    return found
