"""Trainings on disk: a folder each, with all that is needed to resume after a restart.

Belongs here: what lies in such a folder, which trainings there are, and how a finished table gets
into the user's catalogue. The process that trains is ``process.py``.

``request.toml`` is what was asked for and what the trainer reads; ``run.json`` says when it began
and which model came of it; ``events.jsonl`` is what the trainer emitted, ``log.txt`` what it wrote
besides. The table, its checkpoint and the image of it lie beside them.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from napari_autolut.storage import (
    SUFFIX,
    ModelFileError,
    list_models,
    load_model_file,
    read_card,
    save_model,
    user_models_folder,
)
from napari_autolut.training.choices import free_name
from napari_autolut.training.events import Event, parse_event
from napari_autolut.training.record import TrainingRecord, gain_text, held_out_figures
from napari_autolut.training.request import TrainRequest
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.file_lock import is_locked
from napari_autolut.util.in_use import remove_folder
from napari_autolut.util.paths import check_name

DESCRIPTION, REQUEST, HISTORY, LOG = "run.json", "request.toml", "events.jsonl", "log.txt"
MAX_LOG_LINES = 30
A_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class TrainingRun:
    """A training that was begun.

    ``published`` is the path of the model that came of it so far and its sha256. The third is the
    time in nanoseconds at which the table that it was made of had been written.
    """

    folder: Path
    request: TrainRequest
    begun: str
    published: tuple[str, str, int] | None = None

    @property
    def table(self) -> Path:
        """The best table so far; there is none before the first validation."""
        return self.request.out

    @property
    def checkpoint(self) -> Path:
        """What the trainer resumes from."""
        return self.table.with_name(f"{self.table.name}.checkpoint")

    @property
    def began(self) -> bool:
        """Whether anything has been learned that can be kept or resumed."""
        return any(map(os.path.exists, (self.table, self.checkpoint)))

    @property
    def has_new_table(self) -> bool:
        """Whether there is a table that is not among the models yet, as one learned since then."""
        try:
            changed = self.table.stat().st_mtime_ns
        except OSError:
            return False
        if self.published is None:
            return True
        model, _, written = self.published
        # Another time, not a later one: clocks are set back.
        return not os.path.exists(model) or written != changed  # noqa: PTH110 - no error

    @property
    def locked(self) -> bool:
        """Whether it is being trained now, here or in another napari."""
        return is_locked(self.folder)

    def write_request(self) -> Path:
        """Write what the trainer reads, to begin or to resume with what is there.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        resume = self.checkpoint.exists()
        path = self.folder / REQUEST
        replace(self.request, resume=resume, overwrite=not resume).write(path)
        return path

    def history(self) -> Iterator[Event]:
        """Events that the trainer has emitted, as far as they can be read."""
        return filter(None, map(parse_event, _text_of(self.folder / HISTORY).splitlines()))

    def log(self) -> str:
        """The end of what the trainer wrote besides its events."""
        return "\n".join(_text_of(self.folder / LOG).splitlines()[-MAX_LOG_LINES:])


def _text_of(path: Path) -> str:
    """What a file holds; nothing where there is none, for at a pipe one would wait for ever."""
    return path.read_text("utf-8", "replace") if path.is_file() else ""


def runs_folder() -> Path:
    """Where trainings lie until they are done."""
    return user_models_folder().parent / "training"


def _folders() -> list[Path]:
    """Folders of trainings; none where a home cannot be read, of which the lists of models warn."""
    try:
        return list(runs_folder().iterdir())
    except OSError:
        return []


def new_folder() -> Path:
    """Make an empty folder for a training, before it is known what it will hold."""
    _remove_left_overs()
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = runs_folder() / f"{stamp}-{secrets.token_hex(3)}"
    folder.mkdir(parents=True)
    return folder


def _remove_left_overs() -> None:
    """Remove what trainings that never began have left, as napari itself had crashed."""
    for folder in _folders():
        with suppress(OSError):
            old = time.time() - folder.stat().st_mtime > A_DAY
            learned = any(folder.glob(f"*{SUFFIX}*"))  # a table, or its checkpoint
            if old and folder.is_dir() and not (learned or is_locked(folder)):
                remove_folder(folder)


def begin_run(request: TrainRequest, folder: Path | None = None) -> TrainingRun:
    """Write down a training, so that it will be found again; its table goes into the folder."""
    folder = folder or new_folder()
    begun = datetime.now().isoformat(timespec="seconds")
    request = replace(request, out=folder / request.out.name, overwrite=True)
    run = TrainingRun(folder, request, begun)
    run.write_request()
    return _written(run)


def list_runs() -> list[TrainingRun]:
    """Trainings that have learned something and are not over, the latest first."""
    found = map(_read, _folders())
    begun = [run for run in found if run is not None and (run.began or run.locked)]
    return sorted(begun, key=lambda run: run.begun, reverse=True)


def delete_run(run: TrainingRun) -> None:
    """Remove all that a training has left; a model in the catalogue stays.

    Raises
    ------
    OSError
        if files cannot be removed
    """
    remove_folder(run.folder)


def publish(run: TrainingRun) -> tuple[TrainingRun, Path]:
    """Put the table of a training into the user's catalogue, and say where.

    A table that this training has put there before is replaced, unless somebody has changed it.

    Raises
    ------
    ModelFileError
        if there is no table yet
    OSError
        if it cannot be written
    """
    target, written = _target(run), run.table.stat().st_mtime_ns if run.table.exists() else 0
    model = load_model_file(run.table)
    card = replace(model.card, name=target.name.removesuffix(SUFFIX))
    target.parent.mkdir(parents=True, exist_ok=True)
    save_model(replace(model, card=card), target, overwrite=target.exists())
    made = replace(run, published=(str(target), _sha256(target.read_bytes()), written))
    return _written(made), target


def kept_gain(table: Path, record: TrainingRecord) -> str:
    """Say how good a table is by its card's figures, else by the record's."""
    try:
        figures = held_out_figures(read_card(table)[0])
    except ModelFileError:
        figures = None
    return gain_text(*figures or (record.best, record.bicubic, record.over, record.initial))


def _target(run: TrainingRun) -> Path:
    if run.published is not None:
        path, digest = Path(run.published[0]), run.published[1]
        if not path.exists() or (path.is_file() and _sha256(path.read_bytes()) == digest):
            return path
    name = free_name(run.request.name, [entry.name for entry in list_models()])
    return user_models_folder() / f"{name}{SUFFIX}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _written(run: TrainingRun) -> TrainingRun:
    content = {"begun": run.begun, "published": run.published}
    with atomic_write(run.folder / DESCRIPTION, overwrite=True) as temporary:
        temporary.write_text(json.dumps(content, indent=1), "utf-8")
    return run


def _read(folder: Path) -> TrainingRun | None:
    """The training in a folder; None where nothing can be read that says so."""
    try:
        request = TrainRequest.read(folder / REQUEST)
        check_name(request.name, "output")
        content = json.loads(_text_of(folder / DESCRIPTION))
        said = content["published"]
        published = None
        if said is not None:
            path, digest, written = [*said, 0][:3]  # once it was not said when
            published = (str(path), str(digest), int(written))
        return TrainingRun(
            folder,
            replace(request, out=folder / request.out.name),
            str(content["begun"]),
            published,
        )
    except (OSError, ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return None
