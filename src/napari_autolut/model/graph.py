"""The graph of a LUT model: nodes in order, as a frozen, validated dataclass.

Belongs here: the model and the rules that hold between its nodes. Nodes are in ``nodes.py``, the
card in ``card.py``. Not here: running a model (``engine``), files and published layouts
(``storage``).

A model works on one image plane with real values in [0, 255]. Signal ``(0, 0)`` is that plane;
node number *i* (from 1) computes one or more channels from earlier signals. A node can only name
what comes before it, so a graph is acyclic. The last node gives the result.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal, NamedTuple, get_args

from napari_autolut.model.card import Card
from napari_autolut.model.error_table import ErrorTable
from napari_autolut.model.errors import require, require_within
from napari_autolut.model.limits import (
    MAX_LOOKUPS_WITH_NOISY,
    check_lookups,
    check_size,
    count_lookups,
)
from napari_autolut.model.nodes import Node, SpatialNode
from napari_autolut.model.tables import AnyTable
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS

MAX_NODES = 64
MAX_NOISY = 8
"""Models for noise that one model may have."""

MAX_CORING = 16.0
"""Levels of 255; a larger difference from bicubic interpolation is no error of a table's own."""

SCALES = (1, 2, 3, 4, 8)
"""Upscaling factors that a model may have."""

Rounding = Literal["none", "stage", "running", "branch"]
Padding = Literal["edge", "reflect"]


@dataclass(frozen=True, eq=False, repr=False)
class LutModel:
    """A validated cascade of look-up tables.

    Parameters
    ----------
    nodes : tuple of SpatialNode or ChannelNode
        The look-ups in order; each may read the input and every earlier node.
    card : Card
        Name, task, training data, licence and figures.
    rounding : {"none", "stage", "running", "branch"}, default "none"
        Where values are rounded half to even: nowhere; after every node, as MuLUT's tester does;
        the sum after every rotation, and every node (AutoLUT on SPF-LUT); or the same with each
        branch's sum starting from 0 (AutoLUT on MuLUT).
    padding : {"edge", "reflect"}, default "edge"
        How a plane goes on beyond its border; SR-LUT reflects.
    noisy : tuple of NoisyModel, default ()
        What takes the model's place on noisy images, strongest noise first.
    expected_error : ErrorTable, optional
        How far its answers are from the truth.
    coring : float, default 0
        Levels, 0 to 16, below which a difference from bicubic interpolation is an error of the
        tables and not made; see ``engine/coring.py``.
    noise_floor : float, default 0
        Levels, 0 to 16, below which the second differences of an image with noise do not all lie:
        where they do, the image is its own answer; see ``engine/noise_floor.py``.

    Raises
    ------
    ModelError
        If the graph names a signal that does not exist yet, mixes sizes, or has a node that is not
        read; or if it is too large or too much work (``limits.py``).
    """

    nodes: tuple[Node, ...]
    card: Card
    rounding: Rounding = "none"
    padding: Padding = "edge"
    noisy: tuple[NoisyModel, ...] = ()
    expected_error: ErrorTable | None = None
    coring: float = 0.0
    noise_floor: float = 0.0

    def __post_init__(self) -> None:
        require(isinstance(self.card, Card), "card", self.card, "a Card")
        require(1 <= len(self.nodes) <= MAX_NODES, "nodes", len(self.nodes), f"1 to {MAX_NODES}")
        require(self.rounding in get_args(Rounding), "rounding", self.rounding,
                 "none, stage, running or branch")  # fmt: skip
        require(self.padding in ("edge", "reflect"), "padding", self.padding, "edge or reflect")
        require_within("coring", self.coring, 0, MAX_CORING)
        require(not self.coring or self.rounding == "none", "coring", self.coring,
                "none in a model that rounds")  # fmt: skip
        require_within("noise floor", self.noise_floor, 0, MAX_CORING)
        require(not self.noise_floor or self.rounding == "none", "noise floor", self.noise_floor,
                "none in a model that rounds")  # fmt: skip
        channels, scales = [1], [1]
        for number, node in enumerate(self.nodes, 1):
            for signal in node.sources:
                known = 0 <= signal.node < number and 0 <= signal.channel < channels[signal.node]
                require(known, f"node {number} source", tuple(signal), "an earlier node's channel")
            sizes = {scales[signal.node] for signal in node.sources}
            require(len(sizes) == 1, f"node {number} source scales", sorted(sizes), "one scale")
            once = isinstance(node, SpatialNode) and (node.rotations == 1 or not node.windowed)
            require(not once or self.rounding in ("none", "stage"), "rounding", self.rounding,
                    f"none or stage, as node {number} has filters, or no rotations "
                    "to round after")  # fmt: skip
            channels.append(node.channels)
            scales.append(sizes.pop() * node.upscale)
            largest = max(SCALES)
            require(scales[-1] <= largest, "scale", f"{scales[-1]} after node {number}",
                    f"at most {largest}")  # fmt: skip
        require(channels[-1] == 1, "channels of the last node", channels[-1], 1)
        require(scales[-1] in SCALES, "scale", scales[-1], f"one of {SCALES}")
        require(not self.noise_floor or scales[-1] == 1, "noise floor", self.noise_floor,
                "none in a model that enlarges")  # fmt: skip
        check_size(self.nodes, scales)
        self._check_noisy(scales[-1])

    def _check_noisy(self, scale: int) -> None:
        count = len(self.noisy)
        require(count <= MAX_NOISY, "models for noise", count, f"at most {MAX_NOISY}")
        sigmas = [each.sigma for each in self.noisy]
        falling = all(first > second for first, second in pairwise([128.0, *sigmas, 0.0]))
        require(falling, "noise", sigmas, "falling deviations between 128 and 0")
        models = [each.model for each in self.noisy if each.model is not None]
        lookups = sum(count_lookups(model.nodes, model.signal_scales) for model in (self, *models))
        check_lookups(lookups, MAX_LOOKUPS_WITH_NOISY)
        for model in models:
            require(model.scale == scale, "scale of a model for noise", model.scale, scale)
            require(not model.noisy, "models for noise", "one with others in it", "none in it")

    def __repr__(self) -> str:
        stages, lookups = len(self.nodes), sum(1 for _ in self.tables)
        size = f"{self.nbytes / 1024:.0f} KB"
        what = f"{self.card.task} x{self.scale}, {stages} stages, {lookups} look-ups, {size}"
        return f"<LutModel {self.name!r}: {what}>"

    @property
    def name(self) -> str:
        """Name on the card."""
        return self.card.name

    @cached_property
    def signal_scales(self) -> tuple[int, ...]:
        """Factor by which each node's planes are larger than the input; index 0 is the input."""
        scales = [1]
        for node in self.nodes:
            scales.append(scales[node.sources[0].node] * node.upscale)
        return tuple(scales)

    @cached_property
    def scale(self) -> int:
        """Upscaling factor r."""
        return self.signal_scales[-1]

    @cached_property
    def halo(self) -> int:
        """Input pixels on each side of a tile that can influence its result."""
        radius = [0.0]
        smallest = BICUBIC_RADIUS if self.coring or self.noise_floor else 0
        for node in self.nodes:
            before = max(radius[signal.node] for signal in node.sources)
            size = self.signal_scales[node.sources[0].node]
            radius.append(before + node.halo / size)
        return max(smallest, math.ceil(radius[-1]))

    @cached_property
    def step(self) -> int:
        """Rows and columns of which a part of an image must begin at a multiple.

        Sums for squares of pixels begin at even ones, whatever part of an image is computed.
        """
        return max(node.step for node in self.nodes)

    @property
    def tables(self) -> Iterator[AnyTable]:
        """Every table in the order of the graph."""
        return (table for node in self.nodes for table in node.tables)

    @property
    def nbytes(self) -> int:
        """Size of all table values."""
        return sum(table.nbytes for table in self.tables)


class NoisyModel(NamedTuple):
    """What takes a model's place on images with white noise.

    Parameters
    ----------
    sigma : float
        Standard deviation of the noise in levels of 255.
    model : LutModel, optional
        A model of the same scale; None where the image is denoised and enlarged as a clean one is.
    expected_error : ErrorTable, optional
        How far answers to images with this noise are from the truth.
    """

    sigma: float
    model: LutModel | None = None
    expected_error: ErrorTable | None = None
