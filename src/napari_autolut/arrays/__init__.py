"""Numpy and dask arrays: axes, dtypes, value ranges and blocks, from an image to planes and back.

Lives here: everything between a user's array and the planes that the engine computes. Not here:
look-ups (``engine``), napari layers (``layers``) and files (``io``, ``batch``).
"""

from napari_autolut.arrays.array_task import ArrayTask, Block
from napari_autolut.arrays.bicubic import resize
from napari_autolut.arrays.expected_error import ErrorTask, require_error_table
from napari_autolut.arrays.holes import inpainted, non_finite_mask
from napari_autolut.arrays.image import (
    ALPHA,
    MASKED,
    Axes,
    check_image,
    image_and_axes,
    is_dask,
    is_masked,
)
from napari_autolut.arrays.luma import COLOUR_RADIUS, Colour, LumaTask, is_photograph
from napari_autolut.arrays.model_choice import (
    AUTO,
    ModelChoice,
    choose_model,
    choose_model_for,
)
from napari_autolut.arrays.nearest import NearestTask
from napari_autolut.arrays.noise_estimate import estimate_noise
from napari_autolut.arrays.noisy import (
    Noise,
    NoisyTask,
    noise_of,
    noise_text,
    task_for,
    widest_halo,
)
from napari_autolut.arrays.normalisation import to_dtype
from napari_autolut.arrays.patches import Computed, computed_blocks
from napari_autolut.arrays.regions import fill
from napari_autolut.arrays.resampled import ResampledTask, UpscalingTask, by_table
from napari_autolut.arrays.sampling import sampled_pixels
from napari_autolut.arrays.smoothing import averaged, smooth
from napari_autolut.arrays.steps import (
    Progress,
    Steps,
    finish,
    one_of_several,
    relayed,
    run,
    warn_of_non_finite,
)
from napari_autolut.arrays.task import Task, halo_radius, with_alpha
from napari_autolut.arrays.upscaler import Upscaler
from napari_autolut.arrays.upscaling import ModelLike, model_for_array, settled_task, upscale
from napari_autolut.arrays.upscaling_steps import upscale_steps
from napari_autolut.arrays.value_range import (
    IntensityWarning,
    Range,
    ValueRange,
    dtype_range,
    range_of_pixels,
    resolve_range,
)
from napari_autolut.arrays.warming import few_pixels, warm_up, warm_up_model

__all__ = [
    "ALPHA",
    "AUTO",
    "COLOUR_RADIUS",
    "MASKED",
    "ArrayTask",
    "Axes",
    "Block",
    "Colour",
    "Computed",
    "ErrorTask",
    "IntensityWarning",
    "LumaTask",
    "ModelChoice",
    "ModelLike",
    "NearestTask",
    "Noise",
    "NoisyTask",
    "Progress",
    "Range",
    "ResampledTask",
    "Steps",
    "Task",
    "Upscaler",
    "UpscalingTask",
    "ValueRange",
    "averaged",
    "by_table",
    "check_image",
    "choose_model",
    "choose_model_for",
    "computed_blocks",
    "dtype_range",
    "estimate_noise",
    "few_pixels",
    "fill",
    "finish",
    "halo_radius",
    "image_and_axes",
    "inpainted",
    "is_dask",
    "is_masked",
    "is_photograph",
    "model_for_array",
    "noise_of",
    "noise_text",
    "non_finite_mask",
    "one_of_several",
    "range_of_pixels",
    "relayed",
    "require_error_table",
    "resize",
    "resolve_range",
    "run",
    "sampled_pixels",
    "settled_task",
    "smooth",
    "task_for",
    "to_dtype",
    "upscale",
    "upscale_steps",
    "warm_up",
    "warm_up_model",
    "warn_of_non_finite",
    "widest_halo",
    "with_alpha",
]
