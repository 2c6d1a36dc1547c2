"""Image files and their metadata: TIFF, OME-Zarr, what Pillow reads, and what others read.

Lives here: one reader and one writer for each format, and the image type they share. Not here: what
is done with the pixels (``batch``, ``training``).
"""

from napari_autolut.io.files import (
    list_series,
    open_images,
    read_history,
    read_image,
    write_image,
)
from napari_autolut.io.image_file import Channel, ImageFile, ImageFileError, check_intensities
from napari_autolut.io.outputs import check_free, check_not_source, check_output_path
from napari_autolut.io.pairing import match_pairs
from napari_autolut.io.provenance import (
    History,
    Noise,
    ProcessingStep,
    history_from_json,
    history_to_json,
)
from napari_autolut.io.series import SeriesInfo, chosen_series, left_out
from napari_autolut.io.suffixes import (
    OTHER_TIFF_SUFFIXES,
    READ_AS_TIFF,
    READABLE_SUFFIXES,
    TIFF_SUFFIXES,
    WRITABLE_SUFFIXES,
)

__all__ = [
    "OTHER_TIFF_SUFFIXES",
    "READABLE_SUFFIXES",
    "READ_AS_TIFF",
    "TIFF_SUFFIXES",
    "WRITABLE_SUFFIXES",
    "Channel",
    "History",
    "ImageFile",
    "ImageFileError",
    "Noise",
    "ProcessingStep",
    "SeriesInfo",
    "check_free",
    "check_intensities",
    "check_not_source",
    "check_output_path",
    "chosen_series",
    "history_from_json",
    "history_to_json",
    "left_out",
    "list_series",
    "match_pairs",
    "open_images",
    "read_history",
    "read_image",
    "write_image",
]
