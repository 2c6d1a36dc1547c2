"""What ``napari-autolut upscale`` does and prints, for a file and for a folder.

Belongs here: progress bars, result lines and the summary. The options are in ``upscale.py``; the
work is in ``batch``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from napari_autolut.arrays import ModelLike, Progress, Range
from napari_autolut.batch import (
    BlockExecutor,
    Done,
    Event,
    Failed,
    FileWork,
    InProcess,
    Outcome,
    Skipped,
    Started,
    UpscaledFile,
    connected,
    find_files,
    run_batch,
    upscale_file_steps,
)
from napari_autolut.io import ImageFileError
from napari_autolut.storage import load_model


@dataclass(frozen=True)
class Settings:
    """How files are enlarged; all but the model, which is loaded when the paths are found good."""

    value_range: str | tuple[float, float] | None = None
    engine: str = "auto"
    overwrite: bool = False
    scheduler: str | None = None

    @contextmanager
    def work(self, model: ModelLike) -> Iterator[FileWork]:
        """Give what enlarges one file into another, here or on the cluster of the scheduler."""
        with ExitStack() as stack:
            executor: BlockExecutor = InProcess(self.engine)
            if self.scheduler is not None:
                executor = stack.enter_context(connected(self.scheduler, self.engine))

            def work(source: Path, out: Path) -> Generator[Progress, None, UpscaledFile]:
                return upscale_file_steps(
                    source,
                    out,
                    model,
                    value_range=self.value_range,
                    executor=executor,
                    overwrite=self.overwrite,
                )

            yield work


def parsed_range(text: str | None) -> str | tuple[float, float] | None:
    """Read the option --value-range.

    Raises
    ------
    ValueError
        If it is none of the words, and no two numbers that make a range.
    """
    if text in (None, "dtype", "data"):
        return text
    try:
        lo, hi = (float(limit) for limit in text.split(","))
    except ValueError:
        raise ValueError(
            f"--value-range: found {text!r}, expected dtype, data, or two numbers such as 0,4095"
        ) from None
    limits = Range(lo, hi)
    return limits.lo, limits.hi


def upscale_file(source: Path, out: Path, model: str, settings: Settings) -> None:
    """Enlarge one file and print one line; errors as `upscale_file_steps`."""
    if not source.exists() and not source.suffix:
        raise ImageFileError(source, "no such file or folder")
    with settings.work(model) as work, _bar() as show, closing(work(source, out)) as steps:
        while True:
            try:
                show(next(steps))
            except StopIteration as end:
                done: UpscaledFile = end.value
                break
    typer.echo(_line(done))


def upscale_folder(
    folder: Path, out_folder: Path, model: str, settings: Settings, *, suffix: str | None = None
) -> bool:
    """Enlarge all images of a folder; print a line for each and a summary.

    Returns
    -------
    bool
        Whether none failed.

    Raises
    ------
    ImageFileError
        If there is nothing to do, or the results cannot be written there.
    KeyboardInterrupt
        After Ctrl-C, with a message that says how far it got.
    """
    items = find_files(folder, out_folder, suffix=suffix)
    loaded = load_model(model)
    outcomes: list[Outcome] = []
    try:
        with (
            settings.work(loaded) as work,
            closing(run_batch(items, work, overwrite=settings.overwrite)) as events,
        ):
            _show(events, outcomes)
    except KeyboardInterrupt:
        so_far = f"stopped by Ctrl-C after {len(outcomes)} of {len(items)} files"
        raise KeyboardInterrupt(f"{so_far}: {_counts(outcomes)}") from None
    typer.echo(_counts(outcomes))
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    for outcome in failed:
        typer.echo(f"  {outcome.reason}")
    return not failed


def _show(events: Iterator[Event], outcomes: list[Outcome]) -> None:
    """Show a bar a file and print a line for every outcome, which is added to ``outcomes``."""
    while True:
        with _bar() as show:
            for event in events:
                if isinstance(event, Progress):
                    show(event)
                elif not isinstance(event, Started):
                    break
            else:
                return
        outcomes.append(event)
        typer.echo(_outcome_line(event))


def _outcome_line(outcome: Outcome) -> str:
    match outcome:
        case Done(_, result):
            return _line(result)
        case Skipped(item):
            return f"{item.out}: skipped, exists already"
        case Failed(item, _):
            return f"{item.source}: failed"


def _counts(outcomes: Sequence[Outcome]) -> str:
    """Say how many of each kind, of those that there are: "2 done, 2 failed"."""
    kinds = {"done": Done, "skipped": Skipped, "failed": Failed}
    numbers = {word: sum(isinstance(o, kind) for o in outcomes) for word, kind in kinds.items()}
    return ", ".join(f"{n} {word}" for word, n in numbers.items() if n or word == "done")


def _line(done: UpscaledFile) -> str:
    return f"{done.out}: {_size(done.before)} to {_size(done.after)} with {done.model}"


def _size(lengths: Mapping[str, int]) -> str:
    """Width x height, and what else there is."""
    others = [f"{axis} {length}" for axis, length in lengths.items() if axis not in "YXS"]
    return ", ".join([f"{lengths['X']} x {lengths['Y']}", *others])


@contextmanager
def _bar() -> Iterator[Any]:
    """Give what shows a Progress, as a bar on a terminal's stderr."""
    from tqdm import tqdm

    with tqdm(unit="tile", disable=None, leave=False) as bar:

        def show(progress: Progress) -> None:
            bar.total = progress.total
            bar.update(progress.done - bar.n)

        yield show
