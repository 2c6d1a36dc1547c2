"""Kinds of files that need a reader of another package, and which package that is.

Belongs here: the table alone, so that folders can be listed without loading any reader.
"""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of file.

    Parameters
    ----------
    name : str
        What users call it.
    package : str
        The bioio reader to install.
    """

    name: str
    package: str


FOREIGN = {
    ".czi": Kind("Zeiss CZI", "bioio-czi"),
    ".nd2": Kind("Nikon ND2", "bioio-nd2"),
    ".lif": Kind("Leica LIF", "bioio-lif"),
    ".oir": Kind("Olympus OIR", "bioio-bioformats"),
    ".oib": Kind("Olympus OIB", "bioio-bioformats"),
    ".vsi": Kind("Olympus VSI", "bioio-bioformats"),
    ".ims": Kind("Imaris IMS", "bioio-bioformats"),
    ".dcm": Kind("DICOM", "bioio-bioformats"),
    ".dicom": Kind("DICOM", "bioio-bioformats"),
    ".mrc": Kind("MRC", "bioio-dv"),
    ".dv": Kind("DeltaVision", "bioio-dv"),
    ".sldy": Kind("SlideBook", "bioio-sldy"),
}
"""By suffix, in lower case."""

FOREIGN_SUFFIXES = tuple(FOREIGN)


def missing_reader(suffix: str) -> str:
    """What to install for a file of that suffix, in a sentence."""
    kind = FOREIGN[suffix]
    return (
        f"found a {kind.name} file, and nothing that is installed reads it; type: pip install "
        f'"napari-autolut[bioio]" {kind.package}, or install a napari plugin that opens it'
    )
