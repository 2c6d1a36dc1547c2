"""Image files and their metadata: TIFF, OME-Zarr, what Pillow reads, and what others read.

Lives here: one reader and one writer for each format, and the image type they share. Not here: what
is done with the pixels (``batch``, ``training``).
"""

from napari_autolut.io.file_images import FileImage, FileImages, images_of, images_of_pair
from napari_autolut.io.files import (
    encode_images,
    list_series,
    open_images,
    read_history,
    read_image,
    write_image,
)
from napari_autolut.io.image_file import (
    Channel,
    ImageFile,
    ImageFileError,
    PixelsError,
    check_intensities,
)
from napari_autolut.io.listing import listed
from napari_autolut.io.memory import check_memory
from napari_autolut.io.outputs import (
    check_free,
    check_holds,
    check_holds_series,
    check_not_source,
    check_output_path,
)
from napari_autolut.io.pairing import match_pairs
from napari_autolut.io.provenance import (
    FOUND_COLOURS,
    History,
    Noise,
    ProcessingStep,
    history_from_json,
    history_to_json,
)
from napari_autolut.io.series import SeriesInfo, chosen_series, damaged, left_out
from napari_autolut.io.suffixes import (
    FOREIGN_SUFFIXES,
    OTHER_TIFF_SUFFIXES,
    READ_AS_TIFF,
    READABLE,
    READABLE_SUFFIXES,
    TIFF_SUFFIXES,
    WRITABLE_SUFFIXES,
    ZARR_SUFFIX,
    is_named_zarr,
    suffix_of,
)
from napari_autolut.io.tiff.ome.files import files_of_set, members_of_sets
from napari_autolut.io.tiff.ome.reading import lost_with_planes

__all__ = [
    "FOREIGN_SUFFIXES",
    "FOUND_COLOURS",
    "OTHER_TIFF_SUFFIXES",
    "READABLE",
    "READABLE_SUFFIXES",
    "READ_AS_TIFF",
    "TIFF_SUFFIXES",
    "WRITABLE_SUFFIXES",
    "ZARR_SUFFIX",
    "Channel",
    "FileImage",
    "FileImages",
    "History",
    "ImageFile",
    "ImageFileError",
    "Noise",
    "PixelsError",
    "ProcessingStep",
    "SeriesInfo",
    "check_free",
    "check_holds",
    "check_holds_series",
    "check_intensities",
    "check_memory",
    "check_not_source",
    "check_output_path",
    "chosen_series",
    "damaged",
    "encode_images",
    "files_of_set",
    "history_from_json",
    "history_to_json",
    "images_of",
    "images_of_pair",
    "is_named_zarr",
    "left_out",
    "list_series",
    "listed",
    "lost_with_planes",
    "match_pairs",
    "members_of_sets",
    "open_images",
    "read_history",
    "read_image",
    "suffix_of",
    "write_image",
]
