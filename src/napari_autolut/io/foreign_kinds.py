"""Kinds of files that need a reader of another package, and which package that is.

Belongs here: the table alone, so that folders can be listed without loading any reader.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of file.

    Parameters
    ----------
    name : str
        What users call it.
    package : str, default ""
        The bioio reader to install beside the extra ``bioio``; none where that reads them itself.
    """

    name: str
    package: str = ""


BIOFORMATS = "bioio-bioformats"

FOREIGN = {
    ".czi": Kind("Zeiss CZI", "bioio-czi"),
    ".nd2": Kind("Nikon ND2", "bioio-nd2"),
    ".lif": Kind("Leica LIF", "bioio-lif"),
    ".oir": Kind("Olympus OIR", BIOFORMATS),
    ".oib": Kind("Olympus OIB", BIOFORMATS),
    ".oif": Kind("Olympus OIF", BIOFORMATS),
    ".vsi": Kind("Olympus VSI", BIOFORMATS),
    ".ims": Kind("Imaris IMS", BIOFORMATS),
    ".zvi": Kind("Zeiss ZVI", BIOFORMATS),
    ".lof": Kind("Leica LOF", BIOFORMATS),
    ".xlef": Kind("Leica XLEF", BIOFORMATS),
    ".sld": Kind("SlideBook", BIOFORMATS),
    ".ics": Kind("ICS", BIOFORMATS),
    ".dm3": Kind("DigitalMicrograph", BIOFORMATS),
    ".dm4": Kind("DigitalMicrograph", BIOFORMATS),
    ".dcm": Kind("DICOM"),
    ".dicom": Kind("DICOM"),
    ".mrc": Kind("MRC"),
    ".mrcs": Kind("MRC"),
    ".map": Kind("MRC"),
    ".rec": Kind("MRC"),
    ".st": Kind("MRC"),
    ".nii": Kind("NIfTI"),
    ".nii.gz": Kind("NIfTI"),
    ".nrrd": Kind("NRRD"),
    ".mha": Kind("MetaImage"),
    ".mhd": Kind("MetaImage"),
    ".dv": Kind("DeltaVision", "bioio-dv"),
    ".sldy": Kind("SlideBook", "bioio-sldy"),
}
"""By suffix, in lower case."""

SPELLED_WITH_VOWELS = ("Olympus", "Imaris", "ICS", "MRC", "NRRD")


TIFF_STARTS = (b"II*\0", b"MM\0*")


def unread(suffix: str, start: bytes = b"") -> str:
    """Why no reader gives an image of a file of that suffix that starts so, and what to do."""
    kind = FOREIGN[suffix]
    if suffix == ".ims" and start in TIFF_STARTS:
        return (
            "found an Imaris 3 file, which is a TIFF in tiles of its own; open it in Fiji, by "
            "Bio-Formats, or in Imaris, and save it as OME-TIFF or as a newer IMS"
        )
    article = "an" if kind.name.startswith(SPELLED_WITH_VOWELS) else "a"
    if kind.package and find_spec(kind.package.replace("-", "_")):
        return (
            f"found no {kind.name} file that {kind.package} can read; it may be damaged or "
            "incomplete: copy it again from the microscope"
        )
    packages = f'"napari-autolut[bioio]" {kind.package}'.strip()
    return (
        f"found {article} {kind.name} file, and nothing that is installed reads it; type: pip "
        f"install {packages}, or install a napari plugin that opens it"
    )
