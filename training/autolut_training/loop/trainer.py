"""The training loop: coarse-to-fine grids, cosine decay, validation, checkpoints, events.

Belongs here: the order of things in a run. :func:`train` is a generator of events. Whoever drives
it (shell, dock) decides how to show them, and can stop by closing it. Once there are tables, the
best one so far is on disk at any moment.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import torch

from autolut_training.data.dataset import Dataset
from autolut_training.loop.distributed import LEAVE
from autolut_training.loop.run import Run
from autolut_training.report.control import StopRun
from autolut_training.report.previews import Previews, preview_path
from autolut_training.settings import Settings, SettingsError
from napari_autolut.model import Card, LutModel
from napari_autolut.storage import save_model
from napari_autolut.training.events import (
    Checkpoint,
    Done,
    Event,
    Finishing,
    Postponed,
    Preview,
    Started,
    Step,
    Validation,
)
from napari_autolut.util.in_use import InUseError, remove_file

SECONDS_BETWEEN_STEP_EVENTS = 2.0
SECONDS_BETWEEN_CHECKPOINTS = 60.0
SECONDS_TO_FIRST_VALIDATION = 5.0
"""After these there is a figure of what it learns, not only of what it begins with."""


def checkpoint_path(out: Path) -> Path:
    """Where the checkpoint of a run lies, beside its result."""
    return out.with_name(out.name + ".checkpoint")


def train(
    dataset: Dataset,
    settings: Settings,
    out: Path,
    card: Card,
    *,
    resume: bool = False,
    previews: bool = False,
) -> Generator[Event, None, None]:
    """Train a table; yields events, the best table so far stands at ``out``.

    Of several processes (see ``distributed.py``) only the first one yields and writes.

    Parameters
    ----------
    dataset : Dataset
        Training and held-out images.
    settings : Settings
        The recipe.
    out : Path
        Model file; overwritten whenever validation finds a better table.
    card : Card
        What the model file says of itself; the benchmark entry "held-out" is filled in.
    resume : bool, default False
        Resume from the checkpoint beside ``out``.
    previews : bool, default False
        Draw what the table makes of a held-out image, beside ``out``, while the run lasts.

    Raises
    ------
    CheckpointError
        If there is nothing to resume, or it belongs to other settings.
    SettingsError
        If the time is over before the first step.
    """
    run = Run(dataset, settings, out, card, resume=resume)
    checkpoint, preview = checkpoint_path(out), preview_path(out)
    drawn = Previews(run.held_out.views, settings.scale, preview) if previews else None
    if resume:
        run.restore(checkpoint)
    if run.workers.rank:
        _help(run)
        return
    started = Started(
        images=len(dataset.train),
        held_out=len(dataset.held_out),
        skipped=dict(dataset.skipped),
        bicubic_psnr=run.held_out.baseline,
        notes=dataset.notes,
        over=run.figures.over,
        parts=dataset.parts,
    )
    with _explained(run, checkpoint):
        try:
            with run.workers.led():
                run.schedule.clock.leave_out()  # preparing is no training
                yield started
                yield from _until_done(run, checkpoint, drawn)
            _check_learned(run, checkpoint)
            if run.schedule.judged_at != run.step:
                yield from _validated(run, checkpoint, last=True)
            _end(run, checkpoint)
        except StopRun:
            # Whoever stops a run keeps what it has learned, and may resume it later.
            yield from _validated(run, checkpoint, counted=False)
            _write_table(run)
            return
        except (KeyboardInterrupt, GeneratorExit):
            list(_validated(run, checkpoint, counted=False))
            _write_table(run)
            raise
    for left_over in (checkpoint, preview):
        remove_file(left_over)
    clock = run.schedule.clock
    seconds = clock.seconds + clock.besides
    psnr, bicubic, _, initial = run.figures
    yield Done(run.step, seconds, psnr, bicubic, str(out), initial)


def _check_learned(run: Run, checkpoint: Path) -> None:
    """Refuse a run without a step; the table it began with is not kept as its own."""
    if not run.step:
        for left_over in (run.out, checkpoint) if run.stored else ():
            remove_file(left_over)
        minutes = run.settings.optimiser.minutes or 0
        problem = f"found {minutes:g}, which were over before the first step"
        raise SettingsError(f"minutes: {problem}; nothing was learned, give it more time")


def _help(run: Run) -> None:
    """Take part in the steps of a run that another process leads."""
    while _goes_on(run, point := run.workers.agreed(*run.schedule.point)):
        run.advance(*point)


def _goes_on(run: Run, point: tuple[float, int]) -> bool:
    """Whether there is another step; a network alone is no result, however late it is."""
    progress, _ = point
    return progress < 1 or (run.trains_network and progress < LEAVE)


@contextmanager
def _explained(run: Run, checkpoint: Path) -> Iterator[None]:
    """Say what is kept when nothing can be written any more."""
    try:
        yield
    except OSError as error:
        problem = error.strerror or str(error)
        if not run.out.parent.is_dir():
            problem = f"the folder {run.out.parent} is gone"
        stored = run.stored and run.out.exists()
        kept = "the best table so far is there" if stored else "without a table so far"
        if checkpoint.exists():
            kept += "; put that right and use --resume"
        text = f"{problem}; training stopped at step {run.step}, {kept}"
        raise OSError(error.errno, text, str(run.out)) from error


def _until_done(run: Run, checkpoint: Path, previews: Previews | None) -> Iterator[Event]:
    unknown = run.schedule.initial is None
    starts = run.settings.model.init_from and unknown and not (run.step or run.trains_network)
    if starts and _goes_on(run, run.schedule.point):  # else nothing is learned, or written
        with run.schedule.clock.stopped():  # what is trained on may stay the best there is
            first = list(_validated(run, checkpoint))
        yield from first
    elif run.misses_table:
        yield from _validated(run, checkpoint, counted=False)
    losses: list[torch.Tensor] = []
    reported = time.monotonic()
    due = reported + min(SECONDS_TO_FIRST_VALIDATION, SECONDS_BETWEEN_CHECKPOINTS)
    early = True
    first_step, first_second = run.step, run.schedule.clock.seconds
    while _goes_on(run, point := run.workers.agreed(*run.schedule.point)):
        losses.append(run.advance(*point))
        now = time.monotonic()
        if now - reported >= SECONDS_BETWEEN_STEP_EVENTS:
            seconds = run.schedule.clock.seconds - first_second
            rate = (run.step - first_step) / max(seconds, 1e-9)
            loss = float(torch.stack(losses).mean())
            memory = psutil.Process().memory_info().rss / 1e6
            progress, left = run.schedule.progress, run.schedule.seconds_left
            yield Step(run.step, progress, loss, rate, left, memory)
            losses, reported = [], now
            if previews and previews.due:
                yield from _previewed(run, previews)
        if run.schedule.progress < 1 and (now >= due or run.schedule.validates_here):
            if not run.schedule.counts_steps:
                yield from _validated(run, checkpoint, counted=not early)
            elif run.schedule.validates_here:
                yield from _validated(run, checkpoint)
            else:
                yield from _saved(run, checkpoint)
            due, early = time.monotonic() + SECONDS_BETWEEN_CHECKPOINTS, False


def _saved(run: Run, checkpoint: Path) -> Iterator[Event]:
    """Save a run between the steps after which it is judged, however quick the machine is.

    Its table is kept where there is none yet; the first one that is judged replaces it.
    """
    saved = _checkpointed(run, checkpoint)
    if run.schedule.best == -math.inf and not run.trains_network:
        psnr, model = run.validate()
        yield from _kept(run, psnr, model, saved)
    else:
        yield saved


def _checkpointed(run: Run, checkpoint: Path) -> Event:
    """Write a checkpoint; while another program has the last one open, that one stays."""
    try:
        run.save(checkpoint)
    except InUseError:
        return Postponed(run.step, str(checkpoint))
    return Checkpoint(run.step, str(checkpoint))


def _write_table(run: Run) -> None:
    """Write the best table so far, if it is not on disk.

    Raises
    ------
    InUseError
        If another program has the one open that is there.
    """
    if run.unwritten is not None:
        save_model(run.unwritten, run.out, overwrite=True)
        run.unwritten, run.stored = None, True


def _end(run: Run, checkpoint: Path) -> None:
    """Write the table of a run that is over, or else what it can be made of again."""
    try:
        _write_table(run)
    except InUseError:
        run.save(checkpoint)
        raise


def _kept(run: Run, psnr: float, model: LutModel | None, *saved: Event) -> Iterator[Event]:
    """Write a table, if it is to be kept, or the best so far; say how good it is, and the rest."""
    if model is not None:
        figures = run.figures._replace(psnr=psnr).as_benchmark()
        card = Card(**{**vars(run.card), "benchmark": figures})
        run.unwritten = replace(model, card=card)
    try:
        _write_table(run)
    except InUseError:
        saved += (Postponed(run.step, str(run.out)),)
    yield Validation(run.step, psnr, run.held_out.baseline, model is not None, run.trains_network)
    yield from saved


def _previewed(run: Run, previews: Previews) -> Iterator[Event]:
    """Draw; a preview that cannot be written is not worth the run."""
    started = time.monotonic()
    try:
        previews.draw(run.enlarger(run.model()), started)
    except OSError:
        return
    yield Preview(run.step, str(previews.path))


def _validated(
    run: Run, checkpoint: Path, *, counted: bool = True, last: bool = False
) -> Iterator[Event]:
    """Measure, keep the table if it is the best so far, and see whether more makes sense.

    The checkpoint comes first: a run that is killed here resumes from it, and a table without one
    is that of a run that is over.
    """
    psnr, model = run.validate()
    schedule, was_early = run.schedule, run.schedule.early
    better = schedule.judge(psnr, counted=counted)
    saved = () if last else (_checkpointed(run, checkpoint),)
    yield from _kept(run, psnr, model if better else None, *saved)
    if schedule.early != was_early:
        yield Finishing(
            run.step, schedule.validations_without_improvement, schedule.best, schedule.seconds_left
        )
