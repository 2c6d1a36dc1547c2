"""Image files to image files: folders, disk to disk in blocks, and clusters.

Lives here: what is done to which file, in which order, and what became of it. Not here: reading and
writing a format (``io``) and the computation itself (``arrays``).
"""

from napari_autolut.batch.cluster import ClusterError, connected
from napari_autolut.batch.files import (
    AS_FOUND,
    FOUND_NOISE,
    NEW_FILES,
    BlockExecutor,
    DenoisedFile,
    DenoiseOptions,
    FileOptions,
    FileRange,
    InProcess,
    SetRanges,
    UpscaledFile,
    UpscaleOptions,
    check_error_map,
    choose_model_of_files,
    denoise_file_steps,
    denoise_request,
    error_map_steps,
    error_path,
    model_of_file,
    upscale_file_steps,
    upscale_request,
)
from napari_autolut.batch.folder import (
    FileWork,
    Request,
    check_maps_apart,
    find_files,
    run_batch,
)
from napari_autolut.batch.kept_results import FolderRequest
from napari_autolut.batch.log import FolderLog, folder_log_path
from napari_autolut.batch.outcomes import (
    Done,
    Event,
    Failed,
    FileItem,
    Outcome,
    Skipped,
    Started,
    gone_words,
)
from napari_autolut.batch.record import (
    BatchRecord,
    FileRecord,
    State,
    expected_record,
    expected_shares,
    total_progress,
)
from napari_autolut.batch.set_ranges import ranges_of_set

__all__ = [
    "AS_FOUND",
    "FOUND_NOISE",
    "NEW_FILES",
    "BatchRecord",
    "BlockExecutor",
    "ClusterError",
    "DenoiseOptions",
    "DenoisedFile",
    "Done",
    "Event",
    "Failed",
    "FileItem",
    "FileOptions",
    "FileRange",
    "FileRecord",
    "FileWork",
    "FolderLog",
    "FolderRequest",
    "InProcess",
    "Outcome",
    "Request",
    "SetRanges",
    "Skipped",
    "Started",
    "State",
    "UpscaleOptions",
    "UpscaledFile",
    "check_error_map",
    "check_maps_apart",
    "choose_model_of_files",
    "connected",
    "denoise_file_steps",
    "denoise_request",
    "error_map_steps",
    "error_path",
    "expected_record",
    "expected_shares",
    "find_files",
    "folder_log_path",
    "gone_words",
    "model_of_file",
    "ranges_of_set",
    "run_batch",
    "total_progress",
    "upscale_file_steps",
    "upscale_request",
]
