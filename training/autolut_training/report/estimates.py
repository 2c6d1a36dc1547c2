"""Whether a run will fit into memory and onto the disk, before it begins.

Belongs here: how much a run needs, and the sentence that says that it is too much. Sizes of images
are told by their headers alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import psutil
import torch

from autolut_training.models.flat import without_curve
from autolut_training.settings import Settings
from autolut_training.settings.architecture import ChannelPlan, Plan
from napari_autolut.engine.threads import thread_count
from napari_autolut.io import READ_AS_TIFF, ImageFileError, chosen_series, list_series
from napari_autolut.model import Node, Table
from napari_autolut.storage import load_model
from napari_autolut.util.optional import MissingDependencyError
from napari_autolut.util.sizes import bytes_text, free_on_disk

FLOAT = 4
"""Bytes of a float32."""

MOMENTS = 2
"""Arrays that Adam keeps for each array of weights."""

SMALL_TIFF = 2**24
"""Bytes of a TIFF up to which its own size says enough."""


class NoRoomError(ValueError):
    """Too little memory or disk: how much there is, how much is needed and what for."""


def check_room(files: Iterable[Path], out: Path, settings: Settings) -> None:
    """Refuse a run that cannot fit.

    Parameters
    ----------
    files : iterable of Path
        The images, LR ones too where they are given.
    out : Path
        Where the table goes, and the checkpoint beside it.
    settings : Settings
        The recipe.

    Raises
    ------
    NoRoomError
        If memory, the GPU's memory or the disk is too small.
    """
    sizes = [image_bytes(path) for path in files]
    images = int(copies(settings) * sum(sizes))
    reading = 2 * max(sizes, default=0)
    model = training_bytes(settings)
    here = settings.optimiser.device == "cpu"
    _check_memory("memory", psutil.virtual_memory().available, images + reading, here * model)
    if not here and torch.cuda.is_available():
        free, _ = torch.cuda.mem_get_info(settings.optimiser.device)
        there = int(copies_on_card(settings) * sum(sizes))
        _check_memory(f"memory of {settings.optimiser.device}", free, there, model)
    needed, on_disk = disk_bytes(settings), free_on_disk(out.parent)
    if needed > on_disk:
        raise NoRoomError(
            f"{out}: found {bytes_text(on_disk)} free on the disk, expected {bytes_text(needed)} "
            "for the table and its checkpoint; make room, or choose another folder"
        )


def copies(settings: Settings) -> float:
    """What is held of the images, as a multiple of what the files hold.

    HR planes, LR planes (1 / scale**2 of them), and smaller versions of both for multi-scale
    training; LR planes of other sub-pixel phases, and pseudo-labels where tables are distilled.
    """
    parts = _all_sizes(settings)
    if settings.data.method == "given":
        return 2 * parts if settings.route == "distilled" else parts
    if settings.made_on_device:
        return parts + settings.scale**-2
    phases = min(settings.data.sub_pixel_phases, settings.scale) ** 2 - 1
    held = parts * (1 + settings.scale**-2) + phases * settings.scale**-2
    if settings.optimiser.device != "cpu":  # shifted HR planes are views here, and copies there
        held += phases
    if settings.route == "distilled":
        factors = settings.distillation.extra_downscales
        held += parts + phases + sum((1 + settings.scale**2) / factor**2 for factor in factors)
    return held


def copies_on_card(settings: Settings) -> float:
    """What lies on a card, as a multiple of what the files hold.

    Where LR is made there: HR planes, some of them smaller, and a network's answers for each phase.
    Else the planes of :func:`copies`, as float32 if need be.
    """
    if not settings.made_on_device:
        return FLOAT * copies(settings)
    phases = min(settings.data.sub_pixel_phases, settings.scale) ** 2
    return _all_sizes(settings) * (1 + phases * settings.distilled)


def _all_sizes(settings: Settings) -> float:
    """Pixels of images and of their smaller versions, as a multiple of those of images."""
    return 1 + sum(part**2 for part in settings.data.multi_scale)


def _check_memory(what: str, free: int, images: int, model: int) -> None:
    if images + model > free:
        raise NoRoomError(
            f"{what}: found {bytes_text(free)} free, expected {bytes_text(images + model)}: "
            f"{bytes_text(images)} for the images and {bytes_text(model)} for tables, optimiser "
            "and batches; take fewer images or smaller tables, or end other programs"
        )


def image_bytes(path: Path) -> int:
    """What an image takes in memory as planes; 0 for a file that cannot be read."""
    size = path.stat().st_size if path.exists() else 0
    if path.suffix.lower() in READ_AS_TIFF and size < SMALL_TIFF:
        return 2 * size
    try:
        chosen = chosen_series(path, list_series(path))
    except (ImageFileError, MissingDependencyError):
        return 0
    return sum(
        math.prod(each.lengths.values()) * (1 if each.dtype.itemsize == 1 else FLOAT)
        for each in chosen
    )


def table_values(settings: Settings) -> int:
    """Values in all tables on the finest grid."""
    if settings.model.init_from:
        *inner, last = without_curve(load_model(settings.model.initial_model)).nodes
        blocks = settings.scale**2 / last.upscale**2
        return _node_values(*inner) + math.ceil(blocks * _node_values(last))
    grid = settings.optimiser.grid_size_at(1.0)
    return sum(_plan_values(plan, grid) for plan in settings.model.architecture.plans)


def _node_values(*nodes: Node) -> int:
    tables = (table for node in nodes for table in node.tables)
    return sum(table.values.size for table in tables if isinstance(table, Table))


def _plan_values(plan: Plan, grid: int) -> int:
    if isinstance(plan, ChannelPlan):
        return int(grid ** len(plan.signals)) * len(plan.signals)
    return len(plan.sources) * int(grid**plan.inputs) * plan.columns


def training_bytes(settings: Settings) -> int:
    """Tables, gradients of every thread, Adam's moments, and what a batch leaves for going back.

    Hidden layers of the papers' networks are not counted: what they keep depends on how they are
    computed. A network that teaches stays beside the tables.
    """
    # Values, gradient, moments, and a copy as it will be stored; a gradient more for each thread.
    table_copies = 3 + MOMENTS + thread_count()
    pixels = settings.optimiser.batch * settings.data.crop**2
    batch = sum(
        plan.rotations * pixels * (plan.inputs * len(plan.sources) + plan.columns)
        for plan in settings.model.architecture.plans
        if not isinstance(plan, ChannelPlan)
    )
    return teacher_bytes(settings) + FLOAT * (table_copies * table_values(settings) + 3 * batch)


def teacher_bytes(settings: Settings) -> int:
    """A network that teaches: weights, gradients, moments, and what its layers keep of a batch."""
    if settings.route != "distilled":
        return 0
    features, blocks = settings.distillation.features, settings.distillation.blocks
    maps = 3 * blocks + 3  # three of each residual block, and those before and after them
    activations = settings.optimiser.batch * settings.data.crop**2 * features * maps
    return FLOAT * ((2 + MOMENTS) * network_values(settings) + activations)


def network_values(settings: Settings) -> int:
    """Weights of a network that teaches: convolutions of 3 x 3, two in each residual block."""
    features = settings.distillation.features
    channels_read = 2 * settings.distillation.blocks * features  # the blocks'
    channels_read += 1 + settings.scale**2  # the first convolution's, and what the last one gives
    return 3 * 3 * features * channels_read


def disk_bytes(settings: Settings) -> int:
    """Table and checkpoint, each beside the last one while it is written."""
    values = table_values(settings)
    learned = settings.route == "direct" or settings.distillation.distill_start < 1
    with_moments = (1 + MOMENTS) * FLOAT
    tables = with_moments * values if learned else 0
    network = network_values(settings) if settings.route == "distilled" else 0
    # First the network learns; then it is kept without moments, beside the tables that learn.
    return 2 * (values + max(tables + FLOAT * network, with_moments * network))
