"""What runs a model on planes of [0, 255]: the definition in numpy, the fast engine, and torch.

Lives here: engines, their kernels and threads; ``docs/development/engine.md`` explains each file.
Not here: axes, data types, value ranges and tiles, which are ``arrays``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from napari_autolut.compilation.under_way import compilations
from napari_autolut.model import LutModel
from napari_autolut.util.optional import torch_problem, with_torch

ENGINES = ("auto", "fast", "reference", "torch")

ON_CARD = "napari_autolut.engine.torch.upscaling"
"""Imported where "torch" is asked for."""

ON_CARD_AT_ONCE = 4
"""Blocks that are read, computed on a card and made pixels side by side."""

Plane = NDArray[np.float32]
"""(H, W)"""

Planes = NDArray[np.float32]
"""(N, H, W): planes of one size that are run together, as the colours of a tile are."""

Sink = Callable[[int, Planes], None]
"""Gets rows of results: where they begin, and their (N, rows, W * r) values, which must not be
kept. Several threads may call it at once; every row comes once."""


@dataclass(frozen=True)
class PlaneEngine:
    """Runs a model on float32 planes in [0, 255]; safe to use from several threads.

    Parameters
    ----------
    upscale : callable
        Gives (H * r, W * r) float32 in [0, 255] of one plane.
    rows : callable
        Gives the same of several planes to a sink, a few rows at a time or all together.
    blocks_at_once : int, default 1
        Blocks of an image that are worth computing side by side. A card waits while a processor
        makes levels of pixels and pixels of levels; an engine with threads of its own has no use
        for more than one.
    """

    upscale: Callable[[LutModel, Plane], Plane]
    rows: Callable[[LutModel, Planes, Sink], None]
    blocks_at_once: int = 1

    def __call__(self, model: LutModel, plane: Plane) -> Plane:
        """Upscale one plane."""
        return self.upscale(model, plane)


def compiling() -> bool:
    """Whether kernels are compiled at this moment, as happens once after installing."""
    return compilations.under_way > 0


def check_engine(name: str) -> None:
    """Refuse what is no name of an engine, with a ValueError; loads none."""
    if name not in ENGINES:
        raise ValueError(f"engine: found {name!r}, expected one of {', '.join(ENGINES)}")


@cache
def plane_engine(name: str = "auto", *, threads: int | None = None) -> PlaneEngine:
    """Engine by name, made once; ``"auto"`` is the fast one, or the reference without numba.

    ``"torch"`` runs on a CUDA card and needs the extra "train"; without a card it is the fast one.
    ``threads`` is how many an engine may use where it can use several; by default it decides.

    Raises
    ------
    ValueError
        If the name is not one of ``ENGINES``.
    MissingDependencyError
        For ``"torch"`` where torch is not installed.
    """
    check_engine(name)
    if name == "torch":
        on_card = with_torch(ON_CARD, torch_problem("the torch engine"))
        if on_card.has_card():
            return PlaneEngine(on_card.upscale_plane, on_card.upscale_rows, ON_CARD_AT_ONCE)
    if name != "reference":
        try:
            from napari_autolut.engine import fast

            return PlaneEngine(
                partial(fast.upscale_plane, threads=threads),
                partial(fast.upscale_rows, threads=threads),
            )
        except ImportError:
            if name == "fast":
                raise
    from napari_autolut.engine import reference

    return PlaneEngine(reference.upscale_plane, reference.upscale_rows)
