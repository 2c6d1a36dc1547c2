"""Suffixes of image files that can be read and written.

Belongs here: those alone. Which reader or writer a suffix has is ``files.py``.
"""

from napari_autolut.io.foreign import FOREIGN_SUFFIXES
from napari_autolut.io.zarr import SUFFIX as ZARR_SUFFIX

PILLOW_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
TIFF_SUFFIXES = (".tif", ".tiff")
READABLE_SUFFIXES = (*PILLOW_SUFFIXES, *TIFF_SUFFIXES, ZARR_SUFFIX, *FOREIGN_SUFFIXES)
WRITABLE_SUFFIXES = (".png", ".jpg", ".jpeg", *TIFF_SUFFIXES, ZARR_SUFFIX)
