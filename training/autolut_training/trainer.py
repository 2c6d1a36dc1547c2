"""The training loop: coarse-to-fine grids, cosine decay, validation, checkpoints, events.

Belongs here: the order of things in a run. :func:`train` is a generator of events, so whoever
drives it (shell, dock) decides how to show them and can stop by closing it; the best table so far
is on disk at any moment.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from autolut_training.cascade import Cascade
from autolut_training.checkpoint import (
    Position,
    load_checkpoint,
    optimiser_tensors,
    restore_optimiser,
    save_checkpoint,
)
from autolut_training.crops import CropSampler
from autolut_training.data import Dataset, Pair
from autolut_training.degradation import Degradation
from autolut_training.events import Checkpoint, Done, Event, Started, Step, Validation
from autolut_training.settings import Settings
from napari_autolut.bicubic import resize
from napari_autolut.engine import plane_engine
from napari_autolut.model import Card, LutModel
from napari_autolut.storage import save_model

SECONDS_BETWEEN_STEP_EVENTS = 2.0
SECONDS_BETWEEN_CHECKPOINTS = 60.0
LOWEST_RATE = 0.01
VALIDATION_SIDE = 96
VALIDATION_IMAGES = 24


@dataclass
class Clock:
    """Seconds that a run has used, over interruptions."""

    before: float = 0.0
    start: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds so far."""
        return self.before + time.monotonic() - self.start


class Run:
    """State of one training run; ``steps`` and ``checkpoints`` are taken by :func:`train`."""

    def __init__(self, dataset: Dataset, settings: Settings, out: Path, card: Card) -> None:
        self.settings, self.out, self.card = settings, out, card
        self.random = np.random.default_rng(settings.seed)
        self.sampler = CropSampler(
            (*dataset.train, *dataset.shrunk),
            settings.scale,
            settings.crop,
            self.random,
            settings.varied,
            settings.degradation,
        )
        self.cascade = Cascade(settings.architecture, settings.grid_size_at(0), settings.seed)
        self.optimiser = self._new_optimiser()
        self.validation = [
            validation_view(pair, settings.scale, settings.degradation)
            for pair in dataset.held_out[:VALIDATION_IMAGES]
        ]
        self.bicubic = mean_psnr([bicubic_psnr(view, settings.scale) for view in self.validation])
        self.step, self.best, self.clock = 0, -math.inf, Clock()

    @property
    def progress(self) -> float:
        """Part of the run that is done, 0 to 1."""
        if self.settings.steps is not None:
            return self.step / self.settings.steps
        return min(1.0, self.clock.seconds / (60 * (self.settings.minutes or 1)))

    def _new_optimiser(self) -> torch.optim.Adam:
        rates = {
            "tables": self.settings.table_rate,
            "logits": self.settings.window_rate,
            "residuals": self.settings.residual_rate,
        }
        named = dict(self.cascade.named_parameters())
        groups = [
            {"params": [p for name, p in named.items() if name.endswith(kind)], "peak": rate}
            for kind, rate in rates.items()
        ]
        return torch.optim.Adam(groups, fused=True)

    def advance(self) -> float:
        """One optimisation step; gives its mean squared error in 0..255 units."""
        progress, hold = self.progress, self.settings.hold
        size = self.settings.grid_size_at(progress)
        if size != self.cascade.grid_size:
            self.cascade.refine(size)
            self.optimiser = self._new_optimiser()
        decayed = max(0.0, progress - hold) / (1 - hold)
        factor = max(LOWEST_RATE, 0.5 * (1 + math.cos(math.pi * decayed)))
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        lr, hr = self.sampler.batch(self.settings.batch)
        self.optimiser.zero_grad()
        loss = torch.nn.functional.mse_loss(self.cascade(lr), hr)
        total = loss
        if self.settings.smooth:
            total = loss + self.settings.smooth * self.cascade.roughness()
        total.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.cascade.project()
        self.step += 1
        return float(loss.detach())

    def validate(self) -> tuple[float, LutModel]:
        """PSNR in dB of the table as it would be stored, on the held-out images."""
        model = self.cascade.to_model(self.card)
        return mean_psnr([model_psnr(view, model) for view in self.validation]), model

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        position = Position(
            self.settings.identity,
            self.step,
            self.clock.seconds,
            self.cascade.grid_size,
            self.best,
            dict(self.random.bit_generator.state),
        )
        tensors = {f"model.{k}": v for k, v in self.cascade.state_dict().items()}
        save_checkpoint(path, position, tensors | optimiser_tensors(self.optimiser))

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint of a run with the same settings."""
        position, tensors = load_checkpoint(path, self.settings.identity)
        if position.grid_size != self.cascade.grid_size:
            self.cascade.refine(position.grid_size)
            self.optimiser = self._new_optimiser()
        self.cascade.load_state_dict(
            {k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")}
        )
        restore_optimiser(self.optimiser, tensors)
        self.random.bit_generator.state = position.random
        self.step, self.best = position.step, position.best_psnr
        self.clock = Clock(position.seconds)


def checkpoint_path(out: Path) -> Path:
    """Where the checkpoint of a run lies, beside its result."""
    return out.with_name(out.name + ".checkpoint")


def train(
    dataset: Dataset, settings: Settings, out: Path, card: Card, *, resume: bool = False
) -> Generator[Event, None, None]:
    """Train a table; yields events, the best table so far stands at ``out``.

    Parameters
    ----------
    dataset : training and held-out images
    settings : the recipe
    out : model file; overwritten whenever validation finds a better table
    card : what the model file says of itself; the benchmark entry "held-out" is filled in
    resume : go on from the checkpoint beside ``out``

    Raises
    ------
    CheckpointError
        if there is nothing to resume, or it belongs to other settings
    """
    run = Run(dataset, settings, out, card)
    checkpoint = checkpoint_path(out)
    if resume:
        run.restore(checkpoint)
    started = Started(len(dataset.train), len(dataset.held_out), dict(dataset.skipped), run.bicubic)
    try:
        yield started
        yield from _until_done(run, checkpoint)
    except (KeyboardInterrupt, GeneratorExit):
        # Whoever stops a run keeps what it has learned, and may go on later.
        _validated(run)
        run.save(checkpoint)
        raise
    yield _validated(run)
    checkpoint.unlink(missing_ok=True)
    yield Done(run.step, run.clock.seconds, run.best, run.bicubic, str(out))


def _until_done(run: Run, checkpoint: Path) -> Iterator[Event]:
    losses: list[float] = []
    reported = saved = run.clock.seconds
    first_step, first_second = run.step, run.clock.seconds
    while run.progress < 1:
        losses.append(run.advance())
        now = run.clock.seconds
        if now - reported >= SECONDS_BETWEEN_STEP_EVENTS:
            rate = (run.step - first_step) / max(now - first_second, 1e-9)
            yield Step(run.step, run.progress, float(np.mean(losses)), rate, _left(run, now))
            losses, reported = [], now
        if now - saved >= SECONDS_BETWEEN_CHECKPOINTS and run.progress < 1:
            yield _validated(run)
            run.save(checkpoint)
            yield Checkpoint(run.step, str(checkpoint))
            saved = run.clock.seconds


def _left(run: Run, now: float) -> float:
    """Seconds that the rest will take at the pace so far."""
    return now * (1 - run.progress) / max(run.progress, 1e-9)


def _validated(run: Run) -> Event:
    """Measure, and store the table if it is the best so far."""
    psnr, model = run.validate()
    better = psnr > run.best
    if better:
        figures = {"psnr": round(psnr, 3), "bicubic_psnr": round(run.bicubic, 3)}
        card = Card(**{**vars(run.card), "benchmark": {"held-out": figures}})
        named = LutModel(model.nodes, card, model.rounding, model.padding)
        save_model(named, run.out, overwrite=True)
        run.best = psnr
    return Validation(run.step, psnr, run.bicubic, better)


# --- validation --------------------------------------------------------------------------------

View = tuple[NDArray[np.float32], NDArray[np.float32]]


def validation_view(pair: Pair, scale: int, degradation: Degradation) -> View:
    """Middle of an image's middle plane: HR and LR with its noise, float32 in [0, 255]."""
    plane, height, width = len(pair.lr) // 2, *pair.lr.shape[1:]
    rows, columns = min(height, VALIDATION_SIDE), min(width, VALIDATION_SIDE)
    top, left = (height - rows) // 2, (width - columns) // 2
    lr = pair.lr[plane, top : top + rows, left : left + columns]
    hr = pair.hr[
        plane,
        top * scale : (top + rows) * scale,
        left * scale : (left + columns) * scale,
    ]
    noisy = degradation.with_noise(lr.astype(np.float32), np.random.default_rng(0))
    return hr.astype(np.float32), noisy


def model_psnr(view: View, model: LutModel) -> float:
    """PSNR in dB, a border of ``scale`` pixels left out."""
    hr, lr = view
    return _psnr(plane_engine("fast")(model, lr), hr, model.scale)


def bicubic_psnr(view: View, scale: int) -> float:
    """What bicubic interpolation reaches on the same view."""
    hr, lr = view
    return _psnr(np.clip(resize(lr, scale), 0, 255), hr, scale)


def _psnr(result: NDArray[np.float32], truth: NDArray[np.float32], border: int) -> float:
    inner = slice(border, -border)
    error = result[inner, inner].astype(np.float64) - truth[inner, inner]
    return float(10 * np.log10(255**2 / max(float(np.mean(error**2)), 1e-10)))


def mean_psnr(values: list[float]) -> float:
    """Mean in dB, as the field's tables give it."""
    return float(np.mean(values))
