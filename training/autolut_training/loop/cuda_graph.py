"""Steps on a card as one CUDA graph: to launch their kernels takes longer than to run them.

Belongs here: when a step is captured, and what may change from one replay to the next. What a step
is, is in ``run.py``. Upscaling has graphs of its own (``engine/torch/cuda_graphs.py``): of many
sizes, for several threads, and without anything that a first run would change.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

StepFunction = Callable[[Tensor, Tensor], Tensor]

STEPS_BEFORE = 3
"""Steps that run as they are first: they compile kernels and make the optimiser's moments."""


class GraphedStep:
    """A step function of LR and HR crops that gives its loss; same shapes in every call.

    What the function reads besides its arguments must lie at the same place every time.
    """

    def __init__(self, step: StepFunction) -> None:
        self._step, self._done = step, 0
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, lr: Tensor, hr: Tensor) -> Tensor:
        """Do the step; gives the loss, on the card."""
        if self._done < STEPS_BEFORE:
            self._done += 1
            return self._beside(lr, hr)
        if self._graph is None:
            self._capture(lr, hr)
        return self._replayed(lr, hr)

    def _beside(self, lr: Tensor, hr: Tensor) -> Tensor:
        """Run the step on a stream of its own, as what is going to be captured must be."""
        here, beside = torch.cuda.current_stream(lr.device), torch.cuda.Stream(lr.device)  # type: ignore[no-untyped-call]
        beside.wait_stream(here)
        with torch.cuda.stream(beside):
            loss = self._step(lr, hr)
        here.wait_stream(beside)
        return loss

    def _capture(self, lr: Tensor, hr: Tensor) -> None:
        self._lr, self._hr = lr.clone(), hr.clone()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._loss = self._step(self._lr, self._hr)
        self._graph = graph

    def _replayed(self, lr: Tensor, hr: Tensor) -> Tensor:
        if self._graph is None:
            raise RuntimeError("nothing is captured yet")
        self._lr.copy_(lr)
        self._hr.copy_(hr)
        self._graph.replay()
        return self._loss.clone()
