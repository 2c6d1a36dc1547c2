"""One image file in, one out: larger, without noise, or the error that is to be expected of it.

Lives here: what is done to the images of a file, what computes it, and what is written of it. Not
here: all files of a folder (``batch``), a format (``io``) and the computation (``arrays``).
"""

from napari_autolut.batch.files.denoising import DenoisedFile, denoise_file_steps
from napari_autolut.batch.files.error_maps import check_error_map, error_map_steps, error_path
from napari_autolut.batch.files.executors import BlockExecutor, InProcess
from napari_autolut.batch.files.labels import labels_beside_images, labels_to_be_kept
from napari_autolut.batch.files.lost import lost_words
from napari_autolut.batch.files.model import choose_model_of_files, model_of_file
from napari_autolut.batch.files.options import (
    AS_FOUND,
    FOUND_NOISE,
    NEW_FILES,
    DenoiseOptions,
    FileOptions,
    UpscaleOptions,
)
from napari_autolut.batch.files.provenance import denoise_request, upscale_request
from napari_autolut.batch.files.ranges import FileRange, SetRanges, channel_ranges, lazily
from napari_autolut.batch.files.series import series_note
from napari_autolut.batch.files.upscaling import LARGE, UpscaledFile, upscale_file_steps

__all__ = [
    "AS_FOUND",
    "FOUND_NOISE",
    "LARGE",
    "NEW_FILES",
    "BlockExecutor",
    "DenoiseOptions",
    "DenoisedFile",
    "FileOptions",
    "FileRange",
    "InProcess",
    "SetRanges",
    "UpscaleOptions",
    "UpscaledFile",
    "channel_ranges",
    "check_error_map",
    "choose_model_of_files",
    "denoise_file_steps",
    "denoise_request",
    "error_map_steps",
    "error_path",
    "labels_beside_images",
    "labels_to_be_kept",
    "lazily",
    "lost_words",
    "model_of_file",
    "series_note",
    "upscale_file_steps",
    "upscale_request",
]
