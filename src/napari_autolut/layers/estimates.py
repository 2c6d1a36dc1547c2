"""How large a result will be and how long it will take, before anything is run.

Belongs here: the arithmetic, and what is known about the speed of each model on this machine. When
a model is timed, and where it is shown, is the docks' matter.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import psutil

from napari_autolut.engine import plane_engine
from napari_autolut.layers.source import Denoising, Work
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import TILE_SIZE

COMFORTABLE = 0.4
"""Share of the free memory that a result may take before it is computed where it is looked at."""

PROBE_SIDE, PROBES = 128, 3
MAX_SLOWER = 8
"""How many times slower than before a run may count as; the rest is another program, or sleep."""

NOISE = 4.0
"""How many times as long as by its table alone a noisy image takes, until there was such a run."""

WRITING = 3e-8
"""Seconds that a byte takes to be compressed and written, until there was a run to disk."""

NEWEST = 0.6
"""Weight of the latest run among all that is known of a model's speed."""


@dataclass(frozen=True)
class Memory:
    """What a result needs and what there is, in bytes."""

    needed: int
    free: int

    @property
    def fits(self) -> bool:
        """Whether it can be held at all."""
        return self.needed < self.free

    @property
    def comfortable(self) -> bool:
        """Whether it can be held beside everything else."""
        return self.needed <= COMFORTABLE * self.free


def memory_for(nbytes: int) -> Memory:
    """Compare a size in bytes with the memory that is free now."""
    return Memory(nbytes, int(psutil.virtual_memory().available))


@dataclass
class Speeds:
    """Seconds per pixel of models and other work on this machine.

    They come from a first tile, then from real runs; those to disk, which read and write, too, are
    known apart.
    """

    _known: dict[Hashable, float] = field(default_factory=dict)
    _measured: set[Hashable] = field(default_factory=set)

    def of(self, model: Work) -> float | None:
        """Seconds per pixel of a plane; None while nothing is known."""
        known = self._known.get(_key(model, saved=False))
        if known is not None or not isinstance(model, Denoising):
            return known
        by_table = self.of(model.model)
        return None if by_table is None else NOISE * by_table

    def probed(self, model: Work, seconds_per_pixel: float) -> None:
        """Take the time of a first tile, which counts until there is a real run."""
        key = _key(model, saved=False)
        if key not in self._measured:
            self._known[key] = seconds_per_pixel

    def ran(self, model: Work, pixels: int, seconds: float, *, saved: bool = False) -> None:
        """Learn from a run; short ones, where the way to the engine outweighs it, do not count.

        How long the computer slept meanwhile is no part of it, and some systems' clocks go on.
        """
        if pixels < TILE_SIZE**2 or seconds <= 0:
            return
        key, latest = _key(model, saved), seconds / pixels
        latest = min(latest, MAX_SLOWER * self._known.get(key, latest))
        before = self._known.get(key, latest) if key in self._measured else latest
        self._known[key] = NEWEST * latest + (1 - NEWEST) * before
        self._measured.add(key)

    def seconds(self, model: Work, pixels: int, saved: int = 0) -> float | None:
        """Time for so many pixels, whose result is so many bytes on disk; None if unknown."""
        to_disk = self._known.get(_key(model, saved=True)) if saved else None
        if to_disk is not None:
            return to_disk * pixels
        per_pixel = self.of(model)
        return None if per_pixel is None else per_pixel * pixels + WRITING * saved


speeds = Speeds()
"""What this process knows, for all docks."""


def probe(model: LutModel) -> float:
    """Time a small tile on this machine: seconds per pixel.

    The first call of a model compiles and plans; of the others the quickest counts.
    """
    engine = plane_engine()
    tile = np.random.default_rng(0).uniform(0, 255, (PROBE_SIDE, PROBE_SIDE)).astype(np.float32)
    engine(model, tile[:8, :8])
    times = []
    for _ in range(PROBES):
        begun = perf_counter()
        engine(model, tile)
        times.append(perf_counter() - begun)
    halo = (1 + 2 * model.halo / TILE_SIZE) ** 2
    return min(times) / tile.size * halo


def _key(model: Work, saved: bool) -> Hashable:
    if isinstance(model, str):
        return model, saved
    if isinstance(model, Denoising):
        return "denoising", _key(model.model, saved)
    return model.name, model.scale, model.nbytes, model.card.date, saved
