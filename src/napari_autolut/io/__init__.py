"""Image files and their metadata: TIFF and what Pillow reads.

Lives here: one reader and one writer for each format, and the image type they share. Not here: what
is done with the pixels (``batch``, ``training``).
"""

from napari_autolut.io.files import (
    READABLE_SUFFIXES,
    TIFF_SUFFIXES,
    WRITABLE_SUFFIXES,
    check_free,
    check_output_path,
    read_image,
    write_image,
)
from napari_autolut.io.image_file import Channel, ImageFile, ImageFileError
from napari_autolut.io.pairing import match_pairs
from napari_autolut.io.provenance import (
    History,
    Noise,
    ProcessingStep,
    history_from_json,
    history_to_json,
)

__all__ = [
    "READABLE_SUFFIXES",
    "TIFF_SUFFIXES",
    "WRITABLE_SUFFIXES",
    "Channel",
    "History",
    "ImageFile",
    "ImageFileError",
    "Noise",
    "ProcessingStep",
    "check_free",
    "check_output_path",
    "history_from_json",
    "history_to_json",
    "match_pairs",
    "read_image",
    "write_image",
]
