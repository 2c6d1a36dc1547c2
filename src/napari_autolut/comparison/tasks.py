"""What a model does to an image that is compared: what its dock does where nothing else is chosen.

Belongs here: from a model and an array to a task, and how far that looks. The methods that run it
are ``methods.py``.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, cast

import numpy as np

from napari_autolut.arrays import (
    COLOUR_RADIUS,
    ArrayTask,
    Axes,
    Colour,
    Range,
    UpscalingTask,
    by_table,
    noise_of,
    settled_task,
    widest_halo,
)
from napari_autolut.denoising import DenoisingTask, known_sigma
from napari_autolut.layers import LARGEST_HALO
from napari_autolut.model import LutModel
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS


def model_task(array: Any, axes: Axes, value_range: Range, model: LutModel) -> ArrayTask:
    """What its dock does with a model to a layer where nothing else is chosen there.

    A table for white noise alone is no denoiser: noise is found and made white first, as the
    Denoise dock does it.
    """
    if known_sigma(model):
        return DenoisingTask.of(array, axes, model=model)
    colour: Colour = "auto" if axes.rgb and model.scale > 1 and not model.noisy else "channels"
    return settled_task(array, axes, (value_range,), model, colour=colour)


def task_key(task: ArrayTask) -> Hashable:
    """What was settled of the whole image, so that results of two images are told apart."""
    if isinstance(task, DenoisingTask):
        alone = tuple(each and (repr(each.noise), each.sizes[0][1:]) for each in task.denoisers)
        return alone, task.colours and task.colours.axes
    by_model = by_table(cast("UpscalingTask", task))
    return type(by_model).__name__, repr(noise_of(by_model))


def max_halo_radius(models: Sequence[LutModel], dtype: np.dtype[Any]) -> int:
    """Pixels around a region that can influence it, whichever method enlarges it."""
    inpainted = 2 if dtype.kind == "f" else 1
    halos = [
        LARGEST_HALO * inpainted if known_sigma(each) else widest_halo(each, dtype)
        for each in models
    ]
    return max([max(BICUBIC_RADIUS, COLOUR_RADIUS) * inpainted, *halos])
