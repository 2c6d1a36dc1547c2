"""What is measured: images and models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from skimage.data import astronaut
from timing import Work

from napari_autolut import upscale
from napari_autolut.arrays.luma import Colour
from napari_autolut.engine.threads import Limits, limits, set_limits
from napari_autolut.model import Branch, Card, LutModel, Signal, SpatialNode, Table, one_hot_windows
from napari_autolut.storage.importers import import_tables

HEIGHT, WIDTH = 180, 320


def image() -> np.ndarray:
    """(180, 320, 3) uint8."""
    return photograph(HEIGHT, WIDTH)


def photograph(height: int, width: int) -> np.ndarray:
    """(height, width, 3) uint8, again and again where it is not so large."""
    tile = astronaut()
    times = (-(-height // tile.shape[0]), -(-width // tile.shape[1]), 1)
    return np.ascontiguousarray(np.tile(tile, times)[:height, :width])


def colours(model: LutModel, threads: int, colour: Colour = "channels") -> Work:
    """What a user calls: an RGB image of uint8 comes in and goes out."""
    return enlarged(image(), model, threads, colour)


def enlarged(source: np.ndarray, model: LutModel, threads: int, colour: Colour) -> Work:
    """What a user calls: an image of uint8 comes in and goes out."""

    def work() -> np.ndarray:
        before = limits()
        set_limits(Limits(threads=threads))
        try:
            return upscale(source, model, colour=colour)
        finally:
            set_limits(before)

    return work


def grey(height: int, width: int) -> np.ndarray:
    """(height, width) float32, the same photograph again and again."""
    return np.ascontiguousarray(photograph(height, width)[..., 1].astype(np.float32))


def mulut(tables: Path | None) -> LutModel:
    """MuLUT SDY-X2 at x4, from its published tables or with random ones."""
    if tables:
        return import_tables(tables)
    random = np.random.default_rng(0)

    def stage(source: int, columns: int) -> tuple[Branch, ...]:
        return tuple(
            Branch(
                Table(random.integers(-60, 61, (17**4, columns)).astype(np.int8), 17),
                one_hot_windows(pattern),
                Signal(source),
            )
            for pattern in "SDY"
        )

    nodes = (SpatialNode(stage(0, 1), 12, 127), SpatialNode(stage(1, 16), 3, 0, 4))
    return LutModel(nodes, Card("MuLUT"), rounding="stage")


def with_fixed_taps(model: LutModel) -> LutModel:
    """The same cascade without AutoSample and AdaRL: every window its largest tap, no residual."""
    nodes = tuple(
        replace(node, branches=tuple(map(_with_fixed_taps, node.windowed)))
        for node in model.nodes
        if isinstance(node, SpatialNode)
    )
    return LutModel(nodes, model.card, model.rounding, model.padding)


def _with_fixed_taps(branch: Branch) -> Branch:
    windows = np.zeros_like(branch.windows)
    flat = windows.reshape(len(windows), -1)
    flat[np.arange(len(flat)), branch.windows.reshape(flat.shape).argmax(1)] = 1
    return replace(branch, windows=windows, previous=None, residual=None)
