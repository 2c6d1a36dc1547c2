"""The mean of the last steps' parameters, which is less restless than the last step's.

Belongs here: the running mean, and putting it into a trainee's place for a moment. Source: Polyak
and Juditsky 1992; the exponential form is the usual one of today's training.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

PREFIX = "average."


class Average:
    """Exponential running mean of a module's parameters.

    Parameters
    ----------
    module : whose parameters are averaged; when it is replaced, so is this
    decay : part of the mean that a step leaves, 0 for the parameters as they are
    steps : how many steps are in the mean already; the first ones count for more than later ones
    """

    def __init__(self, module: nn.Module, decay: float, steps: int = 0) -> None:
        self.decay, self.steps = decay, steps
        self._parameters = list(module.parameters())
        self._means = [p.detach().clone() for p in self._parameters] if decay else []

    @torch.no_grad()
    def update(self) -> None:
        """Take the parameters of one more step in."""
        self.steps += 1
        if self.decay:
            share = 1 - min(self.decay, self.steps / (self.steps + 10))
            now = [p.detach() for p in self._parameters]
            torch._foreach_lerp_(self._means, now, share)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The module has its mean parameters meanwhile."""
        pairs = list(zip(self._parameters, self._means, strict=False))
        kept = [parameter.data for parameter, _ in pairs]
        for parameter, mean in pairs:
            parameter.data = mean
        try:
            yield
        finally:
            for (parameter, _), data in zip(pairs, kept, strict=True):
                parameter.data = data

    def tensors(self) -> dict[str, Tensor]:
        """The mean, for a checkpoint."""
        return {f"{PREFIX}{number}": mean for number, mean in enumerate(self._means)}

    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Undo :meth:`tensors`."""
        for number, mean in enumerate(self._means):
            mean.copy_(tensors[f"{PREFIX}{number}"])
