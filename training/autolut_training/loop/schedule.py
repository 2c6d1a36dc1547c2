"""How far a run is, what follows from that, and when it is over before its time.

Belongs here: steps, learning rates and grid sizes over the run, and the judgement of validations.
What a step computes is in ``run.py``, what counts as time in ``napari_autolut.util.clock``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from autolut_training.settings import Settings
from napari_autolut.util.clock import Clock

LOWEST_FACTOR = 0.01
FALL = 0.03
"""dB under the best that count as worse; less is the noise of a high learning rate."""

WARM_UP = 200
"""First steps of a network that is distilled, over which its learning rate rises."""

VALIDATIONS = 20
"""Of a run that counts steps, at steps that do not depend on how quick the machine is."""

FINISH = 0.1
"""Length of an early end, as a fraction of what the run has lasted so far."""


@dataclass
class Schedule:
    """Where a run stands in its schedule.

    A run whose held-out images only get worse learns its training images by heart: more of that
    does not help. Nor is it right to stop there and then, as learning rates are still high and
    their decay always gains something. So ``patience`` validations in a row that are worse than
    the best end it early: the rest of the schedule is run through quickly, on the grid there is. A
    mere standstill is no reason: at high rates it is usual, and the decay gains after it.

    Parameters
    ----------
    settings : Settings
        The recipe.
    step : int, default 0
        Optimisation steps done.
    best : float, default -math.inf
        PSNR in dB of the best table so far.
    validations_without_improvement : int, default 0
        Validations in a row that were worse than the best so far of those that were trained.
    early : float, optional
        Fraction of the schedule at which its rest began to be run through; None while it does not.
    peak : float, optional
        PSNR in dB of the best so far of those that were trained.
    initial : float, optional
        PSNR in dB of the table that is fine-tuned.
    judged_at : int, optional
        Step of the last validation.
    """

    settings: Settings
    step: int = 0
    clock: Clock = field(default_factory=Clock)
    best: float = -math.inf
    validations_without_improvement: int = 0
    early: float | None = None
    peak: float = -math.inf
    initial: float | None = None
    judged_at: int | None = None

    @property
    def progress(self) -> float:
        """Fraction of the schedule that is done, 0 to 1."""
        spent = self._spent
        if not self.finishing or self.early is None:
            return spent
        rest = (spent - self.early) / (self._end - self.early)
        return min(1.0, self.early + rest * (1 - self.early))

    @property
    def point(self) -> tuple[float, int]:
        """Progress, and L there."""
        progress = self.progress
        return progress, self.grid_size(progress)

    @property
    def counts_steps(self) -> bool:
        """Whether the length of the run is given in steps: the same ones make the same table."""
        return self.settings.optimiser.steps is not None

    @property
    def validates_here(self) -> bool:
        """Whether this step of a run that counts steps is one after which it is measured."""
        steps = self.settings.optimiser.steps
        return steps is not None and self.step % math.ceil(steps / VALIDATIONS) == 0

    @property
    def finishing(self) -> bool:
        """Whether the rest of the schedule is run through; not if the run was made longer since."""
        return self.early is not None and self._spent >= self.early

    @property
    def seconds_left(self) -> float:
        """Seconds that the rest will take at the pace so far."""
        spent = max(self._spent, 1e-9)
        return max(0.0, self.clock.seconds * (self._end - spent) / spent)

    @property
    def _spent(self) -> float:
        """Fraction of the steps or minutes that is used, 0 to 1."""
        if self.settings.optimiser.steps is not None:
            return self.step / self.settings.optimiser.steps
        return min(1.0, self.clock.seconds / (60 * (self.settings.optimiser.minutes or 1)))

    @property
    def _end(self) -> float:
        """Fraction of the steps or minutes that will be used."""
        if not self.finishing or self.early is None:
            return 1.0
        return min(1.0, self.early * (1 + FINISH))

    def lr_factor(self, progress: float) -> float:
        """What learning rates are multiplied with; tables made of networks have their own decay."""
        start = self.settings.distillation.distill_start
        networks = progress < start or start == 1
        part = progress / start if networks else (progress - start) / (1 - start)
        factor = max(LOWEST_FACTOR, 0.5 * (1 + math.cos(math.pi * part)))
        distilled = self.settings.distilled and progress < start
        return factor * (min(1.0, (self.step + 1) / WARM_UP) if distilled else 1.0)

    def begin_at(self, progress: float) -> None:
        """Count a fraction of the run as done: a network that is there need not learn."""
        steps, minutes = self.settings.optimiser.steps, self.settings.optimiser.minutes
        if steps is not None:
            self.step = math.ceil(progress * steps)
        else:
            self.clock.before = progress * 60 * (minutes or 1)

    def begin_tables(self) -> None:
        """Forget how good the network was that they learn from."""
        self.best = self.peak = -math.inf
        self.validations_without_improvement, self.early = 0, None

    def grid_size(self, progress: float) -> int:
        """L of the tables."""
        return self.settings.optimiser.grid_size_at(progress if self.early is None else self.early)

    def judge(self, psnr: float, *, counted: bool = True) -> bool:
        """Take note of a validation; whether it is the best.

        What a run begins with may be the best for long: high rates lose some of it at first. One
        that comes early, so that there is a figure, is not ``counted`` among those that get worse.
        """
        better, self.judged_at = psnr > self.best, self.step
        if not self.step:
            self.initial = psnr
        if not counted:
            self.best = max(self.best, psnr)
            return better
        worse = psnr < self.peak - FALL
        count = self.validations_without_improvement + 1 if worse else 0
        self.validations_without_improvement = count
        self.best = max(self.best, psnr)
        if self.step:
            self.peak = max(self.peak, psnr)
        patience, spent = self.settings.optimiser.patience, self._spent
        start = self.settings.distillation.distill_start
        first = start if self.settings.distilled else 0
        if patience and count >= patience and self.early is None and first < spent < 1:
            self.early = spent
        return better
