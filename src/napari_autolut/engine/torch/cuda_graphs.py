"""CUDA graphs: a cascade captured for planes of one size, so that replaying it is one launch.

Belongs here: when a graph is made, how long it stays, and that threads take turns with its memory.
What it records is ``cascade.py``. The trainer records its steps by a ``cuda_graph.py`` of its own:
they have gradients, and an optimiser whose state they change.
"""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

import torch
from torch import Tensor

from napari_autolut.engine.torch.cascade import Cascade, cascade_of
from napari_autolut.model import LutModel

CACHED_SIZES = 8
"""Sizes of planes, of all models, whose memory stays on a card."""

MAX_PIXELS = 1 << 21
"""Larger planes are not captured: their launches take no time to speak of, but their memory would
stay."""


def upscale_on_card(model: LutModel, plane: Tensor) -> Tensor:
    """(H * r, W * r) of a (H, W) plane of float32 on a CUDA device."""
    height, width = plane.shape
    with torch.cuda.device(plane.device):
        if plane.numel() <= MAX_PIXELS:
            return _recording(model, (height, width), plane.device).run(plane)
        cascade = cascade_of(model, plane.device)
        return cascade.run(plane, cascade.buffers((height, width), plane.device))


@lru_cache(CACHED_SIZES)
def _recording(model: LutModel, shape: tuple[int, int], device: torch.device) -> Recording:
    return Recording(cascade_of(model, device), shape, device)


class Recording:
    """A cascade for planes of one size: captured when the size comes a second time."""

    def __init__(self, cascade: Cascade, shape: tuple[int, int], device: torch.device) -> None:
        self._cascade = cascade
        self._plane = torch.empty(shape, device=device)
        self._buffers = cascade.buffers(shape, device)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._calls = 0
        self._lock = Lock()

    def run(self, plane: Tensor) -> Tensor:
        """Upscale one plane into memory of its own."""
        with self._lock:
            self._calls += 1
            if self._graph is None and self._calls > 1:
                self._graph = self._captured()
            if self._graph is None:
                return self._cascade.run(plane, self._buffers).clone()
            self._plane.copy_(plane)
            self._graph.replay()
            return self._buffers.result.clone()

    def _captured(self) -> torch.cuda.CUDAGraph:
        """The kernels' launches. They have been compiled by the first call, as they must be."""
        graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        # Other threads may go on with work of their own, such as copies, while this one records.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            self._cascade.run(self._plane, self._buffers)
        return graph
