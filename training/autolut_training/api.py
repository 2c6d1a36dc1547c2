"""Training as one call: checks everything first, then runs and reports.

Belongs here: what the shell command needs around :func:`autolut_training.loop.trainer.train`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch

from autolut_training.data.crop_source import smallest_side
from autolut_training.data.dataset import Dataset, read_folder
from autolut_training.data.noisy import read_noisy
from autolut_training.data.pairs import read_pairs, scale_of_pairs
from autolut_training.loop.checkpoint import CheckpointError, load_checkpoint
from autolut_training.loop.distributed import own_device, workers
from autolut_training.loop.trainer import checkpoint_path, train
from autolut_training.models.build import require_device
from autolut_training.report.cards import training_card, with_initial_model
from autolut_training.report.control import Events, NoCommands, follow, standard_input
from autolut_training.report.estimates import check_room
from autolut_training.report.previews import preview_path
from autolut_training.report.progress_line import ProgressLine, print_line
from autolut_training.settings import Settings, SettingsError, check_output, settings_of
from napari_autolut.denoising import white_noise_table
from napari_autolut.engine.threads import thread_count
from napari_autolut.model import Card
from napari_autolut.storage.catalogue import load_model
from napari_autolut.training.events import Event
from napari_autolut.training.images import TrainingDataError, image_files
from napari_autolut.training.record import gain_text, held_out_figures
from napari_autolut.training.request import TrainRequest
from napari_autolut.util.atomic import check_folder_takes_files, check_replaceable
from napari_autolut.util.errors import ExistsAlreadyError
from napari_autolut.util.file_lock import FileLock

DENOISER = "denoise-10"
"""Stands in that recipe for the shipped table that fits the images."""

NOTHING_TO_RESUME = "There is nothing to resume yet; it begins anew."

__all__ = [
    "CheckpointError",
    "SettingsError",
    "TrainingDataError",
    "train_folder",
    "train_request",
]


def train_folder(
    folder: str | Path,
    out: str | Path,
    settings: Settings,
    *,
    card: Card | None = None,
    resume: bool = False,
    overwrite: bool = False,
    previews: bool = False,
    lr: str | Path | None = None,
) -> Generator[Event, None, None]:
    """Train a table on the images of a folder; yields events.

    Everything that can be wrong is checked before the first event. ``lr`` is a folder of
    their LR images, for settings with the degradation method ``"given"``.

    Raises
    ------
    SettingsError
        if ``out`` is not a new ``.safetensors`` file in an existing folder
    TrainingDataError, CheckpointError
        if the folder or the checkpoint cannot be used
    NoRoomError, OSError
        if memory or disk will not do
    """
    begin = prepared(
        folder,
        Path(out),
        settings,
        card=card,
        resume=resume,
        overwrite=overwrite,
        previews=previews,
        lr=lr,
    )
    return begin(resume)


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
    if resume and not checkpoint.exists():
        dataset = replace(dataset, notes=(NOTHING_TO_RESUME, *dataset.notes))
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


def train_request(request: TrainRequest, *, json_events: bool = False) -> None:
    """Train what a request asks for, with a progress line on stderr, or JSON lines on stdout.

    Ctrl-C stops the run; the best table so far stays at ``request.out`` and the checkpoint beside
    it. With JSON lines the run obeys commands on standard input, see ``report/control.py``.

    Raises
    ------
    SettingsError, TrainingDataError, CheckpointError, NoRoomError
        If it cannot be trained like this.
    KeyboardInterrupt
        After Ctrl-C, with the sentence that says what is kept.
    """
    settings, texts = settings_of(request, scale_of_pairs)
    settings = settings.changed(device=own_device(settings.optimiser.device))
    card = training_card(request.images, request.out, settings, workers().count)
    if request.noisy:
        card = replace(card, recipe="napari-autolut train --noisy FOLDER", **texts)
    elif request.recipe:
        recipe = f"napari-autolut train FOLDER --recipe {request.recipe}"
        card = replace(card, recipe=recipe, **texts)
    if request.training_data is not None:
        card = replace(card, training_data=request.training_data)
    with _only_writer(request.out):
        begin = prepared(
            request.images,
            request.out,
            settings,
            card=card,
            resume=request.resume,
            overwrite=request.overwrite,
            previews=json_events,
            lr=request.lr,
        )
        line = ProgressLine()
        try:
            follow(
                lambda resume: begin(resume or request.resume),
                standard_input() if json_events and workers().count == 1 else NoCommands(),
                print_line if json_events else line,
                str(request.out),
            )
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"stopped: {_kept(request.out)}") from None
        finally:
            line.end()


@contextmanager
def _only_writer(out: Path) -> Iterator[None]:
    """Keep other trainings from this output, whose checkpoints would be mixed with ours.

    Of processes that train together the first one writes.
    """
    lock = FileLock(out.with_suffix(".lock"), temporary=True)
    try:
        free = bool(workers().rank) or lock.acquire()
    except OSError:  # no file can be written there, which is said where that is checked
        free = True
    if not free:
        raise SettingsError(
            f"output: found another training that writes {out} now, expected one at a time; wait "
            "until it is done, or choose another name"
        )
    try:
        yield
    finally:
        lock.release()


def _kept(out: Path) -> str:
    """Say what a stopped run has kept: its table, how good that is, and how it is resumed."""
    if not checkpoint_path(out).exists():
        return "nothing was learned yet, and nothing was written"
    if not out.exists():
        return "resume it with --resume"
    figures = held_out_figures(load_model(out).card)
    gain = gain_text(*figures or (None, None))
    return f"the best table so far is {out}, {gain}; resume it with --resume"
