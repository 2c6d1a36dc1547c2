"""Suffixes of image files that can be read and written.

Belongs here: those alone. Which reader or writer a suffix has is ``files.py``.
"""

from pathlib import Path

from napari_autolut.io.foreign_kinds import FOREIGN

ZARR_SUFFIX = ".zarr"
PILLOW_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
TIFF_SUFFIXES = (".tif", ".tiff")
OTHER_TIFF_SUFFIXES = (".btf", ".tf2", ".tf8", ".lsm", ".stk", ".svs", ".ndpi", ".scn", ".bif",
                       ".qptiff")  # fmt: skip
"""What TIFFs of more than 4 GB, of microscopes and of slide scanners are called; read alone."""

FOREIGN_SUFFIXES = tuple(FOREIGN)

READ_AS_TIFF = (*TIFF_SUFFIXES, *OTHER_TIFF_SUFFIXES)
READABLE_SUFFIXES = (*PILLOW_SUFFIXES, *READ_AS_TIFF, ZARR_SUFFIX, *FOREIGN_SUFFIXES)
READABLE = (
    "PNG, JPEG, WebP, BMP, TIFF, OME-Zarr or a file of a microscope such as CZI, ND2, LIF or DICOM"
)
"""The readable ones in words."""

WRITABLE_SUFFIXES = (".png", ".jpg", ".jpeg", *TIFF_SUFFIXES, ZARR_SUFFIX)


def suffix_of(path: Path) -> str:
    """Suffix of a file in lower case, of two parts where only both say what it is."""
    name = path.name.lower()
    double = (suffix for suffix in READABLE_SUFFIXES if suffix.count(".") > 1)
    return next((suffix for suffix in double if name.endswith(suffix)), path.suffix.lower())


def is_named_zarr(path: Path) -> bool:
    """Whether a path has the suffix of an OME-Zarr, whatever lies there."""
    return path.suffix.lower() == ZARR_SUFFIX
