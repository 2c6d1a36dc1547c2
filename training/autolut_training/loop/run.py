"""One training run: what is trained, how far it is, one step of it, and its checkpoint.

Belongs here: the state of a run and what changes it. When it is measured, saved and reported is in
``trainer.py``; what a table is worth is ``held_out.py``.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from autolut_training.data.crop_source import CropSource, crop_source, fitted
from autolut_training.data.dataset import Dataset
from autolut_training.data.parts import pixels_of
from autolut_training.loop.checkpoint import (
    Position,
    being_read,
    kept_psnr,
    load_checkpoint,
    optimiser_tensors,
    part_of,
    restore_optimiser,
    save_checkpoint,
)
from autolut_training.loop.cuda_graph import GraphedStep
from autolut_training.loop.distributed import workers
from autolut_training.loop.held_out import HeldOut, initial_model
from autolut_training.loop.labels import keep_network, kept_network, labelled_crops
from autolut_training.loop.losses import loss_and_cost
from autolut_training.loop.same_images import Notes, check_same_images, noted
from autolut_training.loop.schedule import Schedule
from autolut_training.models.build import lr_multiplier, new_model, next_phase, parameter_groups
from autolut_training.models.cascade import Cascade
from autolut_training.models.label_network import LabelNetwork
from autolut_training.models.quantise import in_16_bits
from autolut_training.models.ramps import finished, finished_denoiser
from autolut_training.report.validation import Enlarger, by_table
from autolut_training.settings import Settings
from napari_autolut.model import Card, LutModel
from napari_autolut.training.record import OVER_NOISY, HeldOutFigures
from napari_autolut.util.clock import Clock

MAX_LOSS = 0.01
"""dB that int8 tables may lose against finer ones."""

LABEL_NETWORK = "label_network."
"""What the names of its weights begin with in a checkpoint."""


class Run:
    """State of one training run, on which :func:`train` calls.

    ``unwritten`` is the best table so far, until it stands at ``out``.
    ``misses_table`` says of one that was resumed that the best table of its checkpoint is not
    stored: it was killed between the two, or the table was taken away.
    """

    def __init__(
        self, dataset: Dataset, settings: Settings, out: Path, card: Card, *, resume: bool = False
    ) -> None:
        self.settings, self.out, self.card, self.dataset = settings, out, card, dataset
        self.workers = workers()
        self.random = np.random.default_rng(settings.optimiser.seed)
        self.cascade = new_model(settings)
        self.label_network: LabelNetwork | None = None
        self.schedule, self.stored = Schedule(settings), False
        self.unwritten: LutModel | None = None
        self.misses_table = False
        self.drawn = fitted(settings, dataset.train)
        self.sampler: CropSource
        kept = None if resume else kept_network(settings)
        if isinstance(self.cascade, LabelNetwork) and kept:
            self.cascade.read(kept)
            self.schedule.begin_at(settings.distillation.distill_start)
            self._next_phase(*self.schedule.point)
        else:
            # Only tables must be told that an edge is an edge at any intensity.
            plain = self.drawn.changed(intensity_augmentation=0.0)
            first = plain if self.trains_network else self.drawn
            self.sampler = crop_source((*dataset.train, *dataset.augmented), first, self.random)
            self._begin_optimising()
        self.held_out = HeldOut(dataset.held_out, settings)

    @property
    def step(self) -> int:
        """Optimisation steps done."""
        return self.schedule.step

    @property
    def figures(self) -> HeldOutFigures:
        """Those of the table that is kept; noisy images have their start to beat."""
        best, bicubic = self.schedule.best, self.held_out.baseline
        if self.settings.data.noise_sigma:
            return HeldOutFigures(best, bicubic, OVER_NOISY)
        return HeldOutFigures(best, bicubic, initial=self.schedule.initial)

    @property
    def trains_network(self) -> bool:
        """Whether it is still a network that learns, and there are no tables yet."""
        return isinstance(self.cascade, LabelNetwork)

    def _begin_optimising(self) -> None:
        """A new optimiser of what is trained, and steps of it."""
        on_card = self.settings.optimiser.device != "cpu"
        multiplier = lr_multiplier(self.settings, pixels_of(self.dataset.train))
        groups = parameter_groups(self.cascade, self.settings, multiplier)
        self.optimiser = torch.optim.Adam(groups, fused=True, capturable=on_card)
        # Gradients that processes exchange leave the card between two halves of a step.
        alone = self.workers.count == 1 and not self.settings.data.noise_sigma
        self._graphed = GraphedStep(self._optimised) if on_card and alone else None

    def _next_phase(self, progress: float, grid_size: int) -> None:
        model = next_phase(self.cascade, self.settings, progress, grid_size)
        if model is not None:
            if isinstance(self.cascade, LabelNetwork):
                if not self.workers.rank:
                    keep_network(self.cascade, self.settings)
                self._learn_from(self.cascade)
            self.cascade = model
            self._begin_optimising()

    def _learn_from(self, network: LabelNetwork) -> None:
        """Take a network's answers as targets from now on."""
        network.requires_grad_(False)

        def answer(plane: NDArray[np.float32]) -> NDArray[np.float32]:
            with self.schedule.clock.stopped():
                return network.answer(plane)

        self.sampler = labelled_crops(self.dataset, self.drawn, self.random, network, answer)
        self.schedule.begin_tables()
        self.label_network = network

    def advance(self, progress: float, grid_size: int) -> torch.Tensor:
        """One optimisation step; gives its mean squared error in 0..255 units.

        ``progress`` is the part of the schedule that is done, ``grid_size`` is L. The error stays
        where it was computed: reading it would make a card wait.
        """
        self._next_phase(progress, grid_size)
        if self.label_network is not None:  # one made longer would go on as the network does
            progress = max(progress, self.settings.distillation.distill_start)
        factor = self.schedule.lr_factor(progress)
        for group in self.optimiser.param_groups:
            group["lr"].fill_(group["peak"] * factor)
        crops = self.sampler.batch(self.drawn.optimiser.batch * self.workers.count)
        lr, hr = (side.to(self.settings.optimiser.device) for side in self.workers.share(crops))
        loss = (self._graphed or self._optimised)(lr, hr)
        self.schedule.step += 1
        self.schedule.clock.tick()
        return loss

    def _optimised(self, lr: torch.Tensor, hr: torch.Tensor) -> torch.Tensor:
        """Loss of a batch, before the parameters are moved against its gradient."""
        self.optimiser.zero_grad()
        loss, cost = loss_and_cost(self.cascade, lr, hr, self.settings, self.random)
        cost.backward()  # type: ignore[no-untyped-call]
        gradients = (p.grad for p in self.cascade.parameters() if p.grad is not None)
        self.workers.average([*gradients, loss])
        if isinstance(self.cascade, LabelNetwork):
            self.cascade.limit_gradients()
        self.optimiser.step()
        self.cascade.project()
        return loss

    def validate(self) -> tuple[float, LutModel | None]:
        """PSNR in dB on the held-out images, and the table as it would be stored, if any.

        Where int8 costs more than ``MAX_LOSS``, as with dark images, it is stored as int16. The
        figure has three decimals, as a card has it: it is the same wherever it is shown.
        Noisy images begin with the shipped table itself, not with one that was stored anew.
        """
        if self.settings.data.noise_sigma and not self.step:
            return self.held_out.baseline, replace(initial_model(self.settings), card=self.card)
        model = self.model()
        psnr = self.held_out.psnr(self.enlarger(model))
        if isinstance(self.cascade, Cascade):
            finer = self._finished(in_16_bits(self.cascade.to_model(self.card, quantise=False)))
            psnr_of_finer = self.held_out.psnr(self.enlarger(finer))
            if psnr_of_finer > psnr + MAX_LOSS:
                psnr, model = psnr_of_finer, finer
        self.schedule.clock.tick()
        return psnr, model

    def model(self) -> LutModel | None:
        """The table as it would be stored; None as long as a network learns."""
        if isinstance(self.cascade, LabelNetwork):
            return None
        return self._finished(self.cascade.to_model(self.card))

    def _finished(self, model: LutModel) -> LutModel:
        """A table that gives constant images and ramps back.

        One made for noise never sees any, and small corrections are what it is for: coring would
        keep them from it.
        """
        noisy = self.settings.degradation.is_noisy or self.settings.data.noise_sigma
        return finished_denoiser(model) if noisy else finished(model)

    def enlarger(self, model: LutModel | None) -> Enlarger:
        """What a model makes of a plane, or the network that learns."""
        if model is not None:
            return by_table(model)
        if isinstance(self.cascade, LabelNetwork):
            return self.cascade.answer
        raise ValueError("model: found None, expected the table of a run that trains tables")

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        schedule = self.schedule
        position = Position(
            identity=self.settings.identity,
            step=schedule.step,
            seconds=schedule.clock.seconds,
            grid_size=self.cascade.grid_size,
            best_psnr=schedule.best,
            random=dict(self.random.bit_generator.state),
            validations_without_improvement=schedule.validations_without_improvement,
            early=schedule.early,
            peak=schedule.peak,
            images=self._notes,
            settings=self.settings.fixed,
            initial=schedule.initial,
        )
        tensors = {f"model.{k}": v for k, v in self.cascade.state_dict().items()}
        tensors |= optimiser_tensors(self.optimiser)
        if self.label_network is not None:
            tensors |= {
                f"{LABEL_NETWORK}{k}": v for k, v in self.label_network.state_dict().items()
            }
        save_checkpoint(path, position, tensors)

    def restore(self, path: Path) -> None:
        """Resume from a checkpoint of a run with the same settings."""
        position, tensors = load_checkpoint(path)
        with being_read(path):
            check_same_images(path, position.images, self._notes)
            position.check(path, self.settings)
            if network := part_of(tensors, LABEL_NETWORK):
                self.cascade.load_state_dict(network)
            tables = any(name.endswith(".tables") for name in tensors)
            self._next_phase(float(tables), position.grid_size)
            self.cascade.load_state_dict(part_of(tensors, "model."))
            restore_optimiser(self.optimiser, tensors)
            self.random.bit_generator.state = position.random
        kept, count = position.best_psnr, position.validations_without_improvement
        if not self.trains_network and kept > -math.inf:  # else none was judged
            kept = kept_psnr(self.out, kept)
        peak = (kept if count else -math.inf) if position.peak is None else position.peak
        self.schedule = Schedule(
            self.settings,
            position.step,
            Clock(position.seconds),
            best=kept,
            validations_without_improvement=count,
            early=position.early,
            peak=peak,
            initial=position.initial,
        )
        self.stored, self.misses_table = self.out.exists(), position.best_psnr > kept

    @cached_property
    def _notes(self) -> Notes:
        return noted(self.dataset)
