"""All images of a folder: what becomes of each, one after another, past the bad ones.

Belongs here: which files there are, where their results go, and the events of the work. One file is
``file_upscaling.py``; what is shown of the events is the caller's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from napari_autolut.arrays.jobs import Progress
from napari_autolut.batch.file_upscaling import Enlarged
from napari_autolut.io.files import READABLE_SUFFIXES, WRITABLE_SUFFIXES
from napari_autolut.io.image_file import ImageFileError
from napari_autolut.util.errors import FILE_ERRORS, error_message

LONG_SUFFIXES = (".ome.tif", ".ome.tiff")
"""Suffixes of two parts, which belong together."""

SUBSTITUTE = ".png"
"""What is written for pictures of kinds that can only be read."""


@dataclass(frozen=True)
class Task:
    """One file to enlarge and where to; ``problem`` says why that cannot be."""

    source: Path
    out: Path
    problem: str = ""


@dataclass(frozen=True)
class Started:
    """Work on a file begins; ``number`` counts from 1."""

    task: Task
    number: int
    total: int


@dataclass(frozen=True)
class Done:
    """A file was written."""

    task: Task
    result: Enlarged


@dataclass(frozen=True)
class Skipped:
    """The result was there before, and stayed as it was."""

    task: Task


@dataclass(frozen=True)
class Failed:
    """No result, and nothing left behind; ``reason`` is one sentence that names the file."""

    task: Task
    reason: str


Outcome = Done | Skipped | Failed
Event = Started | Progress | Outcome
FileWork = Callable[[Path, Path], Generator[Progress, None, Enlarged]]
"""Enlarges the first file into the second, new one."""


def find_tasks(
    folder: Path, out_folder: Path, *, suffix: str | None = None, recursive: bool = True
) -> list[Task]:
    """List the images in a folder and its sub-folders, in the order of their names.

    Parameters
    ----------
    folder : where the images are; hidden files, other files and ``out_folder`` are passed over
    out_folder : gets the results under the same names, in the same sub-folders
    suffix : of the results, such as ``".tif"``; by default that of each image
    recursive : look into sub-folders too

    Raises
    ------
    ImageFileError
        if there is no image, both folders are the same, or nothing can be written with the suffix
    OSError
        if the folder cannot be listed; a sub-folder that cannot becomes a task with a problem
    """
    if suffix is not None and not f"x{suffix}".lower().endswith(WRITABLE_SUFFIXES):
        problem = f"found the suffix {suffix}, expected one of {', '.join(WRITABLE_SUFFIXES)}"
        raise ImageFileError(out_folder, problem)
    if not out_folder.is_dir() and (out_folder.exists() or _is_image_name(out_folder)):
        raise ImageFileError(out_folder, "found a file's name, expected a folder for the results")
    if out_folder.resolve() == folder.resolve():
        raise ImageFileError(out_folder, "found the folder of the images, expected another one")
    tasks: list[Task] = []
    taken: dict[Path, Path] = {}
    for source, problem in _files(folder, out_folder.resolve(), recursive):
        out = out_folder / source.relative_to(folder).with_name(_result_name(source, suffix))
        if not problem and out in taken:
            problem = f"{source}: its result {out} is that of {taken[out]} already"
        taken.setdefault(out, source)
        tasks.append(Task(source, out, problem))
    if not tasks:
        kinds = ", ".join(READABLE_SUFFIXES)
        raise ImageFileError(folder, f"found no images, expected files of {kinds}")
    return tasks


def _files(folder: Path, passed_over: Path, recursive: bool) -> Iterator[tuple[Path, str]]:
    """Images, and folders that cannot be listed with the reason."""
    errors: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=errors.append):
        here = Path(root)
        folders[:] = sorted(
            name
            for name in folders
            if recursive and not name.startswith(".") and (here / name).resolve() != passed_over
        )
        for name in sorted(names):
            if _is_image_name(Path(name)) and not name.startswith("."):
                yield here / name, ""
    for error in errors:
        if error.filename == str(folder):
            raise error
        yield Path(error.filename), error_message(error)


def _is_image_name(path: Path) -> bool:
    return path.suffix.lower() in READABLE_SUFFIXES


def _result_name(source: Path, suffix: str | None) -> str:
    own = next((end for end in LONG_SUFFIXES if source.name.lower().endswith(end)), source.suffix)
    if suffix is None:
        suffix = source.name[-len(own) :] if own.lower().endswith(WRITABLE_SUFFIXES) else SUBSTITUTE
    return source.name[: len(source.name) - len(own)] + suffix


def run_batch(
    tasks: Sequence[Task], work: FileWork, *, overwrite: bool = False
) -> Generator[Event, None, list[Outcome]]:
    """Do the tasks in order, and go on past those that fail.

    Parameters
    ----------
    tasks : what `find_tasks` gave
    work : enlarges one file
    overwrite : also do those whose result is there already

    Returns
    -------
    generator of events that returns one outcome a task: `Started`, `Progress` for every step, and
    the outcome. Closing it stops the work; the file it was at is not written.
    """
    outcomes: list[Outcome] = []
    for number, task in enumerate(tasks, 1):
        yield Started(task, number, len(tasks))
        outcome: Outcome
        if task.problem:
            outcome = Failed(task, task.problem)
        elif task.out.exists() and not overwrite:
            outcome = Skipped(task)
        else:
            outcome = yield from _attempt(task, work)
        outcomes.append(outcome)
        yield outcome
    return outcomes


def _attempt(task: Task, work: FileWork) -> Generator[Progress, None, Outcome]:
    try:
        task.out.parent.mkdir(parents=True, exist_ok=True)
        with closing(work(task.source, task.out)) as steps:
            return Done(task, (yield from steps))
    except FILE_ERRORS as error:
        reason = error_message(error)
        named = str(task.source) in reason or str(task.out) in reason
        return Failed(task, reason if named else f"{task.source}: {reason}")
