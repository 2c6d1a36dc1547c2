"""The training loop: coarse-to-fine grids, cosine decay, validation, checkpoints, events.

Belongs here: the order of things in a run. :func:`train` is a generator of events, so whoever
drives it (shell, dock) decides how to show them and can stop by closing it; the best table so far
is on disk at any moment.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import torch

from autolut_training.averaging import Average
from autolut_training.checkpoint import (
    Position,
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
)
from autolut_training.data import Dataset
from autolut_training.device_crops import crop_source
from autolut_training.distributed import workers
from autolut_training.events import (
    Checkpoint,
    Done,
    Event,
    Finishing,
    Preview,
    Started,
    Step,
    Validation,
)
from autolut_training.previews import Previews, preview_path
from autolut_training.schedule import Clock, Schedule
from autolut_training.settings import Settings
from autolut_training.trainee import grown, new_trainee, parameter_groups
from autolut_training.validation import (
    MOST_VIEWS,
    bicubic_psnr,
    mean_psnr,
    model_psnr,
    validation_view,
)
from napari_autolut.model import Card, LutModel
from napari_autolut.storage import save_model

SECONDS_BETWEEN_STEP_EVENTS = 2.0
SECONDS_BETWEEN_CHECKPOINTS = 60.0


class Run:
    """State of one training run; ``steps`` and ``checkpoints`` are taken by :func:`train`."""

    def __init__(self, dataset: Dataset, settings: Settings, out: Path, card: Card) -> None:
        self.settings, self.out, self.card = settings, out, card
        self.random = np.random.default_rng(settings.seed)
        self.sampler = crop_source((*dataset.train, *dataset.shrunk), settings, self.random)
        self.cascade = new_trainee(settings)
        self.optimiser = self._new_optimiser()
        self.average = Average(self.cascade, settings.averaged)
        self.validation = [
            validation_view(pair, settings.scale, settings.degradation)
            for pair in dataset.held_out[:MOST_VIEWS]
        ]
        self.bicubic = mean_psnr([bicubic_psnr(view, settings.scale) for view in self.validation])
        self.schedule, self.stored = Schedule(settings), False
        self.workers = workers()

    @property
    def step(self) -> int:
        """Optimisation steps done."""
        return self.schedule.step

    def _new_optimiser(self) -> torch.optim.Adam:
        return torch.optim.Adam(parameter_groups(self.cascade, self.settings), fused=True)

    def _grow(self, progress: float, grid_size: int) -> None:
        trainee = grown(self.cascade, self.settings, progress, grid_size)
        if trainee is not None:
            self.cascade = trainee
            self.optimiser = self._new_optimiser()
            self.average = Average(self.cascade, self.settings.averaged)

    def advance(self, progress: float, grid_size: int) -> torch.Tensor:
        """One optimisation step; gives its mean squared error in 0..255 units.

        ``progress`` is the part of the schedule that is done, ``grid_size`` is L. The error stays
        where it was computed: reading it would make a card wait.
        """
        self._grow(progress, grid_size)
        factor = self.schedule.rate_factor(progress)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        crops = self.sampler.batch(self.settings.batch * self.workers.count)
        lr, hr = (side.to(self.settings.device) for side in self.workers.share(crops))
        self.optimiser.zero_grad()
        loss = torch.nn.functional.mse_loss(self.cascade(lr), hr)
        total = loss
        if self.settings.smooth:
            total = loss + self.settings.smooth * self.cascade.roughness()
        total.backward()  # type: ignore[no-untyped-call]
        loss = loss.detach()
        gradients = (p.grad for p in self.cascade.parameters() if p.grad is not None)
        self.workers.average([*gradients, loss])
        self.optimiser.step()
        self.cascade.project()
        self.average.update()
        self.schedule.step += 1
        return loss

    def validate(self) -> tuple[float, LutModel]:
        """PSNR in dB of the table as it would be stored, on the held-out images."""
        model = self.model()
        return mean_psnr([model_psnr(view, model) for view in self.validation]), model

    def model(self) -> LutModel:
        """The table as it would be stored."""
        with self.average.in_place():
            return self.cascade.to_model(self.card)

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        schedule = self.schedule
        position = Position(
            self.settings.identity,
            schedule.step,
            schedule.clock.seconds,
            self.cascade.grid_size,
            schedule.best,
            dict(self.random.bit_generator.state),
            schedule.fallen,
            schedule.early,
            self.average.steps,
        )
        tensors = {f"model.{k}": v for k, v in self.cascade.state_dict().items()}
        tensors |= optimiser_tensors(self.optimiser) | self.average.tensors()
        save_checkpoint(path, position, tensors)

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint of a run with the same settings."""
        position, tensors = load_checkpoint(path, self.settings.identity)
        tables = any(name.endswith(".tables") for name in tensors)
        self._grow(float(tables), position.grid_size)
        self.cascade.load_state_dict(
            {k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")}
        )
        restore_optimiser(self.optimiser, tensors)
        self.average = Average(self.cascade, self.settings.averaged, position.averaged)
        self.average.restore(tensors)
        self.random.bit_generator.state = position.random
        self.schedule = Schedule(
            self.settings,
            position.step,
            Clock(position.seconds),
            position.best_psnr,
            position.fallen,
            position.early,
        )
        self.stored = self.out.exists()


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
    dataset : training and held-out images
    settings : the recipe
    out : model file; overwritten whenever validation finds a better table
    card : what the model file says of itself; the benchmark entry "held-out" is filled in
    resume : go on from the checkpoint beside ``out``
    previews : draw what the table makes of a held-out image, beside ``out``, while the run lasts

    Raises
    ------
    CheckpointError
        if there is nothing to resume, or it belongs to other settings
    """
    run = Run(dataset, settings, out, card)
    checkpoint, picture = checkpoint_path(out), preview_path(out)
    drawn = Previews(run.validation, settings.scale, picture) if previews else None
    if resume:
        run.restore(checkpoint)
    if run.workers.rank:
        _help(run)
        return
    started = Started(
        len(dataset.train),
        len(dataset.held_out),
        dict(dataset.skipped),
        run.bicubic,
        dataset.notes,
    )
    with _explained(run, checkpoint):
        try:
            with run.workers.led():
                yield started
                yield from _until_done(run, checkpoint, drawn)
        except (KeyboardInterrupt, GeneratorExit):
            # Whoever stops a run keeps what it has learned, and may go on later.
            list(_validated(run))
            run.save(checkpoint)
            raise
        yield from _validated(run)
    for left_over in (checkpoint, picture):
        left_over.unlink(missing_ok=True)
    yield Done(run.step, run.schedule.clock.seconds, run.schedule.best, run.bicubic, str(out))


def _help(run: Run) -> None:
    """Take part in the steps of a run that another process leads."""
    while (point := run.workers.agreed(*run.schedule.point))[0] < 1:
        run.advance(*point)


@contextmanager
def _explained(run: Run, checkpoint: Path) -> Iterator[None]:
    """Say what is kept when nothing can be written any more."""
    try:
        yield
    except OSError as error:
        problem = error.strerror or str(error)
        if not run.out.parent.is_dir():
            problem = f"the folder {run.out.parent} is gone"
        kept = "the best table so far is there" if run.stored else "without a table so far"
        if checkpoint.exists():
            kept += "; put that right and go on with --resume"
        text = f"{problem}; training stopped at step {run.step}, {kept}"
        raise OSError(error.errno, text, str(run.out)) from error


def _until_done(run: Run, checkpoint: Path, previews: Previews | None) -> Iterator[Event]:
    losses: list[torch.Tensor] = []
    reported = saved = run.schedule.clock.seconds
    first_step, first_second = run.step, run.schedule.clock.seconds
    while (point := run.workers.agreed(*run.schedule.point))[0] < 1:
        losses.append(run.advance(*point))
        now = run.schedule.clock.seconds
        if now - reported >= SECONDS_BETWEEN_STEP_EVENTS:
            rate = (run.step - first_step) / max(now - first_second, 1e-9)
            loss = float(torch.stack(losses).mean())
            memory = psutil.Process().memory_info().rss / 1e6
            progress, left = run.schedule.progress, run.schedule.seconds_left
            yield Step(run.step, progress, loss, rate, left, memory)
            losses, reported = [], now
            if previews and previews.due:
                yield from _previewed(run, previews)
        if now - saved >= SECONDS_BETWEEN_CHECKPOINTS and run.schedule.progress < 1:
            yield from _validated(run)
            run.save(checkpoint)
            yield Checkpoint(run.step, str(checkpoint))
            saved = run.schedule.clock.seconds


def _previewed(run: Run, previews: Previews) -> Iterator[Event]:
    """Draw; a picture that cannot be written is not worth the run."""
    started = time.monotonic()
    try:
        previews.draw(run.model(), started)
    except OSError:
        return
    yield Preview(run.step, str(previews.path))


def _validated(run: Run) -> Iterator[Event]:
    """Measure, store the table if it is the best so far, and see whether more makes sense."""
    psnr, model = run.validate()
    schedule, was_early = run.schedule, run.schedule.early
    better = schedule.judge(psnr)
    if better:
        figures = {"psnr": round(psnr, 3), "bicubic_psnr": round(run.bicubic, 3)}
        card = Card(**{**vars(run.card), "benchmark": {"held-out": figures}})
        named = LutModel(model.nodes, card, model.rounding, model.padding)
        save_model(named, run.out, overwrite=True)
        run.stored = True
    yield Validation(run.step, psnr, run.bicubic, better)
    if schedule.early != was_early:
        yield Finishing(run.step, schedule.fallen, schedule.best, schedule.seconds_left)
