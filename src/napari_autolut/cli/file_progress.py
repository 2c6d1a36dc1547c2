"""What commands print of files: a bar, a line for each, and a summary of a folder.

Belongs here: what ``upscale`` and ``denoise`` have in common. What a line says is theirs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from napari_autolut.arrays import Progress, finish, relayed
from napari_autolut.batch import (
    Done,
    Event,
    Failed,
    FileItem,
    FileWork,
    Outcome,
    Request,
    Skipped,
    Started,
    UpscaledFile,
    gone_words,
    run_batch,
)
from napari_autolut.cli.output import echo
from napari_autolut.cli.signals import stopped_by
from napari_autolut.compilation.under_way import COMPILING, compilations
from napari_autolut.io import ImageFileError, is_named_zarr
from napari_autolut.util.paths import missing_words
from napari_autolut.util.text import counted, printable
from napari_autolut.util.warning import about

Line = Callable[[Any], str]
"""What is said of a file that was written."""


def run_file(source: Path, out: Path, work: FileWork, line: Line) -> bool:
    """Do one file and print one line.

    Returns
    -------
    bool
        Whether nothing of it was left out because it is damaged.

    Raises
    ------
    ImageFileError
        If there is no such file.
    KeyboardInterrupt
        After Ctrl-C, with a message where the same command resumes after what is done.
    """
    if not source.suffix and not os.path.lexists(source):
        raise ImageFileError(source, missing_words(source, "file or folder"))
    try:
        done = _done(source, out, work)
    except KeyboardInterrupt:
        if is_named_zarr(out):
            message = f"{stopped_by()}; the same command resumes after what is done"
            raise KeyboardInterrupt(message) from None
        raise
    echo(line(done))
    return not done.lost


def _done(source: Path, out: Path, work: FileWork) -> UpscaledFile:
    with progress_bar() as show:
        return finish(relayed(about(printable(str(source)), work(source, out)), show))


def run_folder(
    items: Sequence[FileItem],
    work: FileWork,
    line: Line,
    request: Request,
    *,
    overwrite: bool = False,
) -> bool:
    """Do all files of a folder; print a line for each and a summary.

    Returns
    -------
    bool
        Whether none failed, and nothing was left out because it is damaged.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C, with a message that says how far it got.
    """
    outcomes: list[Outcome] = []
    try:
        with closing(run_batch(items, work, overwrite=overwrite, request=request)) as events:
            _show(events, outcomes, line)
    except KeyboardInterrupt:
        so_far = f"{stopped_by()} after {len(outcomes)} of {counted(len(items), 'file')}"
        raise KeyboardInterrupt(f"{so_far}: {_counts(outcomes)}") from None
    echo(_counts(outcomes))
    problems = [words for words in map(_problem, outcomes) if words]
    for words in problems:
        echo(f"  {words}")
    return not problems


def size_text(lengths: Mapping[str, int]) -> str:
    """Width x height, and what else there is."""
    others = [f"{axis} {length}" for axis, length in lengths.items() if axis not in "YXS"]
    return ", ".join([f"{lengths['X']} x {lengths['Y']}", *others])


def with_note(line: str, done: UpscaledFile) -> str:
    """Add to a line what else there is to say of the file."""
    return f"{line}; {done.note}" if done.note else line


def _show(events: Iterator[Event], outcomes: list[Outcome], line: Line) -> None:
    """Show a bar a file and print a line for every outcome, which is added to ``outcomes``."""
    while True:
        with progress_bar() as show:
            for event in events:
                if isinstance(event, Progress):
                    show(event)
                elif not isinstance(event, Started):
                    break
            else:
                return
        outcomes.append(event)
        echo(_outcome_line(event, line))


def _outcome_line(outcome: Outcome, line: Line) -> str:
    match outcome:
        case Done(_, result):
            return line(result)
        case Skipped(item):
            return f"{item.out}: skipped, {outcome.note}"
        case Failed(item, _):
            return f"{item.source}: failed"


def _problem(outcome: Outcome) -> str:
    """Why a file failed, or what of it was left out; empty where all was done."""
    match outcome:
        case Failed(_, reason):
            return reason
        case Done(item, result) if result.lost:
            return f"{item.source}: {result.lost}"
    return ""


def _counts(outcomes: Sequence[Outcome]) -> str:
    """Say how many of each kind, of those that there are: "2 done, 2 failed"."""
    kinds = {"done": Done, "skipped": Skipped, "failed": Failed}
    numbers = {word: sum(isinstance(o, kind) for o in outcomes) for word, kind in kinds.items()}
    said = ", ".join(f"{n} {word}" for word, n in numbers.items() if n or word == "done")
    return said + gone_words(each.item for each in outcomes if not isinstance(each, Failed))


@contextmanager
def progress_bar() -> Iterator[Any]:
    """Give what shows a Progress, as a bar on a terminal's stderr; it says so of compiling, too."""
    from tqdm import tqdm

    with tqdm(unit="tile", disable=None, leave=False) as bar:

        def show(progress: Progress) -> None:
            bar.set_description_str(refresh=False)
            bar.total = progress.total
            bar.update(progress.done - bar.n)

        with compilations.watched(lambda: bar.set_description_str(COMPILING)):
            yield show
