"""Training as one call: checks everything first, then runs and reports.

Belongs here: what the shell command needs around a run. What is checked and read before it begins
is ``preparation.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from autolut_training.data.pairs import scale_of_pairs
from autolut_training.loop.checkpoint import CheckpointError
from autolut_training.loop.distributed import own_device, workers
from autolut_training.loop.trainer import checkpoint_path
from autolut_training.preparation import prepared
from autolut_training.report.cards import training_card
from autolut_training.report.control import NoCommands, follow, standard_input
from autolut_training.report.progress_line import ProgressLine, print_line
from autolut_training.settings import Settings, SettingsError, settings_of
from napari_autolut.model import Card
from napari_autolut.storage import load_model
from napari_autolut.training.events import Event
from napari_autolut.training.images import TrainingDataError
from napari_autolut.training.record import gain_text, held_out_figures
from napari_autolut.training.request import TrainRequest
from napari_autolut.util.file_lock import FileLock

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
