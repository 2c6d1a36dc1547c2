"""What comes before a training: its place, room and settings are checked, its images read.

Belongs here: everything that can refuse a run. The run itself is ``loop/trainer.py``; requests and
what a user sees of a run are ``api.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import torch

from autolut_training.data.crop_source import smallest_side
from autolut_training.data.dataset import Dataset, read_folder
from autolut_training.data.noisy import read_noisy
from autolut_training.data.pairs import read_pairs
from autolut_training.loop.checkpoint import CheckpointError, is_damaged, load_checkpoint
from autolut_training.loop.distributed import workers
from autolut_training.loop.trainer import checkpoint_path, train
from autolut_training.models.build import require_device
from autolut_training.report.cards import training_card, with_initial_model
from autolut_training.report.control import Events
from autolut_training.report.estimates import check_room
from autolut_training.report.previews import preview_path
from autolut_training.settings import Settings, SettingsError, check_output
from napari_autolut.denoising import white_noise_table
from napari_autolut.engine.threads import thread_count
from napari_autolut.model import Card
from napari_autolut.training.images import image_files
from napari_autolut.util.atomic import check_folder_takes_files, check_replaceable
from napari_autolut.util.errors import ExistsAlreadyError

DENOISER = "denoise-10"
"""Stands in that recipe for the shipped table that fits the images."""

NOTHING_TO_RESUME = "There is nothing to resume yet; it begins anew."
DAMAGED_TABLE = "The table beside the checkpoint is damaged; it is made again."


def prepared(
    folder: str | Path,
    out: Path,
    settings: Settings,
    *,
    card: Card | None = None,
    resume: bool = False,
    overwrite: bool = False,
    previews: bool = False,
    lr: str | Path | None = None,
) -> Callable[[bool], Events]:
    """Check everything and read the images; what is given begins a run, True to resume it.

    See :func:`train_folder` for parameters and errors.
    """
    _check_place(out, overwrite=overwrite or resume)
    require_device(settings)
    checkpoint = checkpoint_path(out)
    if resume:
        _check_resumable(out, settings, overwrite=overwrite)
    torch.set_num_threads(thread_count())
    folders = [Path(each) for each in (folder, lr) if each is not None]
    check_room([path for each in folders for path in image_files(each)], out, settings)
    strength = 1.0
    if settings.data.noise_sigma:
        dataset, settings, strength = _read_noisy(Path(folder), settings)
    else:
        dataset = _read(folder, lr, settings)
    card = replace(
        card or training_card(folder, out, settings, workers().count),
        noise_sigma=settings.data.noise if settings.data.stabilised else settings.data.noise_sigma,
        noise_strength=strength,
    )
    if resume:
        dataset = replace(dataset, notes=(*_of_resuming(out), *dataset.notes))
    card = with_initial_model(card, settings)

    def begin(resume: bool) -> Events:
        there = resume and checkpoint.exists()
        return train(dataset, settings, out, card, resume=there, previews=previews)

    return begin


def _check_place(out: Path, *, overwrite: bool) -> None:
    """Refuse a place where no table can be written, nor what lies beside it until the end."""
    check_output(out)
    if not out.parent.is_dir():
        raise SettingsError(f"output: found no folder {out.parent}, expected an existing one")
    if out.exists() and not overwrite:
        on = ", and its training can be resumed" if checkpoint_path(out).exists() else ""
        raise ExistsAlreadyError(f"{out}: exists already{on}")
    check_replaceable(out, overwrite=True)
    check_folder_takes_files(out.parent, preview_path(out))  # the longest of all names


def _check_resumable(out: Path, settings: Settings, *, overwrite: bool) -> None:
    """Refuse a checkpoint of other settings, and a training that is over."""
    checkpoint = checkpoint_path(out)
    if checkpoint.exists():
        if not settings.data.noise_sigma:  # the images say which table learns from them
            position, _ = load_checkpoint(checkpoint)
            position.check(checkpoint, settings)
    elif out.exists() and not overwrite:
        raise CheckpointError(
            f"{out}: found a table and no checkpoint beside it, so its training is over; choose "
            "another name, or begin anew and have it overwritten"
        )


def _of_resuming(out: Path) -> Iterator[str]:
    """What there is to say of what is resumed."""
    if not checkpoint_path(out).exists():
        yield NOTHING_TO_RESUME
    elif is_damaged(out):
        yield DAMAGED_TABLE


def _read(folder: str | Path, lr: str | Path | None, settings: Settings) -> Dataset:
    if (lr is None) == (settings.data.method == "given"):
        images = "no folder of LR images" if lr is None else f"LR images in {lr}"
        raise SettingsError(
            f"data.method: found {settings.data.method} and {images}, expected given where there "
            "are LR images, and only there"
        )
    if lr is not None:
        return read_pairs(folder, lr, settings.scale, crop=smallest_side(settings.data.crop))
    return read_folder(
        folder,
        settings.scale,
        crop=smallest_side(settings.data.crop),
        degradation=settings.degradation,
        multi_scale=() if settings.made_on_device else settings.data.multi_scale,
        sub_pixel_phases=1 if settings.made_on_device else settings.data.sub_pixel_phases,
    )


def _read_noisy(folder: Path, settings: Settings) -> tuple[Dataset, Settings, float]:
    """Noisy images alone, the settings with the table that learns from them, and its strength."""
    name = settings.model.init_from
    given = None if name in (DENOISER, "") else white_noise_table(name)
    dataset, table = read_noisy(folder, settings.data.crop, given)
    chosen = name if given else table.model.name
    learns = settings.changed(init_from=chosen, noise_sigma=table.sigma)
    return dataset, learns, table.strength
