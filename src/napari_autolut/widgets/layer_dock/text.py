"""What docks say of a result, of a run and of the lens.

Belongs here: plain text from plans. Figures and durations are ``shared.text``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from napari_autolut.layers import LayerSource, Region, RunPlan
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.shared import (
    GAP,
    duration_text,
    range_text,
    rough_duration_text,
    size_text,
)


def result_text(task: LayerSource) -> str:
    """Shape, colours, type and size of what a task gives."""
    shape = task.result_shape
    pixels = {3: "RGB", 4: "RGBA"}[shape[-1]] if task.rgb else "px"
    extent = f" {TIMES} ".join(str(size) for size in (shape[:-1] if task.rgb else shape))
    lazy = ", computed when shown" if task.lazy else f", {size_text(task.result_nbytes)}"
    return f"{extent} {pixels}, {np.dtype(task.array.dtype).name}{lazy}"


def piece_text(
    region: Region, view: Region, task: LayerSource, seconds: float, source_hidden: bool
) -> str:
    """How much larger the lens shows which region of the view, and how long that took."""
    text = f"{TIMES}{task.scale:g}, " if task.scale > 1 else ""
    text += f"{_extent(view if region.holds(view) else region)}{GAP}px"
    if not region.holds(view):
        text += f" of {_extent(view)} in {duration_text(seconds)}; refining\N{HORIZONTAL ELLIPSIS}"
    else:
        text += f" in {duration_text(seconds)}"
        if not view.whole:
            text += ". The middle of what is in view; zoom in for all of it"
    text += _range_text(task)
    if source_hidden:
        text += ". The image is hidden meanwhile, as its blending would add it to the lens"
    return text


def added_text(names: Sequence[str], tasks: Sequence[LayerSource]) -> str:
    """Which layers were added, and in which ranges of values."""
    if len(names) == 1:
        return f"Added {names[0]!r}" + _range_text(tasks[0], before=" with range ")
    return f"Added {len(names)} layers"


def _range_text(task: LayerSource, *, before: str = ". Range ") -> str:
    """The values of black and white, where they were found in the image and are known by now.

    They say nothing of an image with one value only, or none.
    """
    found = task.known_limits
    if found is None or found.is_flat or task.array.dtype == np.uint8:
        return ""
    return before + range_text(found.lo, found.hi)


def _extent(region: Region) -> str:
    return f" {TIMES} ".join(str(n) for n in region.shape if n > 1) or "1"


def plan_text(plan: RunPlan) -> str:
    """What a run will give: shape, type, size, time, and why it is lazy where nobody chose so."""
    first, *others = plan.tasks
    if others:
        text = f"Results: {1 + len(others)} layers"
        text += ", computed when shown" if plan.lazy else f", {size_text(plan.nbytes)} in all"
    else:
        text = f"Result: {result_text(first)}"
    if plan.folder is not None:
        text += f" on disk, in {plan.folder}"
    if plan.seconds is not None:
        text += f", {rough_duration_text(plan.seconds)}"
    if plan.too_large:
        text += (
            f". In memory it would take {size_text(plan.memory.needed)} of "
            f"{size_text(plan.memory.free)} that are free"
        )
    return text


def unit_text(plan: RunPlan) -> str:
    """What a run is counted in: slices, where each of a stack's is one tile; else tiles."""
    slices = [_slices(task) for task in plan.tasks]
    whole = all(task.tiles == count for task, count in zip(plan.tasks, slices, strict=True))
    if whole and max(slices) > 1:
        return "slices"
    return "tile" if sum(task.tiles for task in plan.tasks) == 1 else "tiles"


def _slices(task: LayerSource) -> int:
    shape = task.source_shape[:-1] if task.rgb else task.source_shape
    return math.prod(n for axis, n in enumerate(shape) if axis not in task.spatial_axes)
