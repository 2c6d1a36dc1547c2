"""Work on a card as one CUDA graph: to launch its kernels takes longer than to run them.

Belongs here: when a function is captured, and what may change from one replay to the next. What a
step is, is in ``run.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

CALLS_BEFORE = 3
"""Calls that run as they are first: they compile kernels and make the optimiser's moments."""


class Graphed:
    """A function of tensors that gives one, such as a step its loss; same shapes in every call.

    What the function reads besides its arguments must lie at the same place every time.
    """

    def __init__(self, function: Callable[..., Tensor]) -> None:
        self._function, self._done = function, 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: tuple[Tensor, ...] = ()

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Do it; gives what the function gives, on the card."""
        if self._done < CALLS_BEFORE:
            self._done += 1
            return self._beside(inputs)
        if self._graph is None:
            self._capture(inputs)
        return self._replayed(inputs)

    def _beside(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Run it on a stream of its own, as what is going to be captured must be."""
        device = inputs[0].device
        here, beside = torch.cuda.current_stream(device), torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        beside.wait_stream(here)
        with torch.cuda.stream(beside):
            result = self._function(*inputs)
        here.wait_stream(beside)
        return result

    def _capture(self, inputs: tuple[Tensor, ...]) -> None:
        self._inputs = tuple(each.clone() for each in inputs)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._result = self._function(*self._inputs)
        self._graph = graph

    def _replayed(self, inputs: tuple[Tensor, ...]) -> Tensor:
        if self._graph is None:
            raise RuntimeError("nothing is captured yet")
        for held, given in zip(self._inputs, inputs, strict=True):
            held.copy_(given)
        self._graph.replay()
        return self._result.clone()
