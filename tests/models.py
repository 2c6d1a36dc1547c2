"""Small random models, and hypothesis strategies for models and planes.

Belongs here: what several tests need to draw. No assertions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from napari_autolut.model import (
    AnyBranch,
    AnyTable,
    Branch,
    Card,
    ChannelNode,
    DualTable,
    FilterBranch,
    LutModel,
    Node,
    Padding,
    Rounding,
    Signal,
    SpatialNode,
    Table,
)

UPSCALES: dict[int, list[tuple[int, ...]]] = {
    1: [(1,), (1, 1), (1, 1, 1)],
    2: [(2,), (1, 2), (2, 1), (1, 1, 2)],
    3: [(3,), (1, 3), (3, 1)],
    4: [(4,), (1, 4), (2, 2), (1, 1, 4)],
    8: [(2, 4), (4, 2), (2, 2, 2)],
}
"""How each scale can be split over the spatial nodes."""


@dataclass(frozen=True)
class Kind:
    """What random models are like: one spatial node for each number in ``upscales``.

    ``branches`` are those of each node, on the planes before it in turn; with ``filters`` they
    sample all planes that there are, with ``corners`` in one corner of their windows of 5 x 5.
    ``grid_size`` None draws one for each branch. ``window`` is K of each node's first branch, and
    the largest of the others; with one of the ``rotations`` all windows are as large as the first
    one, or one larger to be odd. ``dense`` windows weigh all their pixels, others pick one. With a
    ``residual`` branches mix in the planes before. ``dual`` gives the first branch of each node two
    grids. ``channels`` planes go on from every spatial node but the last; a ``channel_node`` mixes
    them (and the node's input, where the size allows) before the last one. ``noise`` is how rugged
    tables are, in grey levels around a weighted mean of the inputs.
    """

    upscales: Sequence[int] = (1, 2)
    branches: int = 2
    filters: bool = False
    corners: bool = False
    grid_size: int | None = 5
    inputs: int = 4
    window: int = 3
    rotations: int = 4
    dense: bool = True
    residual: bool = False
    dual: bool = False
    channels: int = 1
    channel_node: bool = False
    table_dtype: str = "float32"
    noise: float = 8.0
    rounding: Rounding = "none"
    padding: Padding = "edge"
    coring: float = 0.0
    noise_floor: float = 0.0


def random_model(rng: np.random.Generator, **options: Any) -> LutModel:
    """A cascade made from ``rng``; ``options`` are those of :class:`Kind`."""
    kind = Kind(**options)
    nodes: list[Node] = []
    previous: list[Signal] = []
    current = [Signal(0)]
    for number, upscale in enumerate(kind.upscales):
        last = number == len(kind.upscales) - 1
        if last and kind.channel_node and nodes:
            signals = tuple((current + previous + current * 4)[: rng.integers(2, 5)])
            nodes.append(_channel_node(rng, kind, signals))
            size = nodes[-1].channels
            current, previous = [Signal(len(nodes), c) for c in range(size)], current
        outputs = 1 if last else kind.channels
        nodes.append(_spatial_node(rng, kind, (current, previous), upscale, outputs))
        previous = current if upscale == 1 else []
        current = [Signal(len(nodes), c) for c in range(outputs)]
    card = Card("random", licence="CC0-1.0")
    rules = {"coring": kind.coring, "noise_floor": kind.noise_floor}
    return LutModel(tuple(nodes), card, kind.rounding, kind.padding, **rules)


def _channel_node(rng: np.random.Generator, kind: Kind, signals: tuple[Signal, ...]) -> ChannelNode:
    grid = int(rng.integers(2, 10))
    size = int(rng.integers(1, 3))
    values = _table_values(rng, grid, len(signals), size, kind.noise)
    return ChannelNode(signals, *_packed(values, grid, len(signals), kind.table_dtype))


def _spatial_node(
    rng: np.random.Generator,
    kind: Kind,
    signals: tuple[list[Signal], list[Signal]],
    upscale: int,
    outputs: int,
) -> SpatialNode:
    """A node on ``signals``: the planes before it, and those before them."""
    current, previous = signals
    made: list[tuple[AnyBranch, float]] = [
        _random_branch(
            rng,
            kind,
            number,
            current[number % len(current)],
            previous[number % len(previous)] if kind.residual and previous else None,
            outputs * upscale**2,
        )
        for number in range(max(kind.branches, len(current)))
    ]
    if kind.filters:
        together = tuple(dict.fromkeys((*current, *previous)))
        made = [(_filtered(rng, branch, together, kind.corners), bias) for branch, bias in made]
    branches, bias = tuple(branch for branch, _ in made), made[0][1]
    divisor = float(kind.rotations * len(made))
    return SpatialNode(branches, divisor, bias, upscale, kind.rotations)


def _side(rng: np.random.Generator, kind: Kind, number: int) -> int:
    """K of a branch."""
    if kind.rotations == 1:
        return kind.window + 1 - kind.window % 2
    if number == 0 or kind.filters:
        return kind.window
    return int(rng.integers(1, kind.window + 1))


def _random_branch(
    rng: np.random.Generator,
    kind: Kind,
    number: int,
    source: Signal,
    previous: Signal | None,
    columns: int,
) -> tuple[AnyBranch, float]:
    """A branch and its table's bias."""
    inputs, grid_size = kind.inputs, kind.grid_size or int(rng.integers(2, 18))
    side = _side(rng, kind, number)
    values = _table_values(rng, grid_size, inputs, columns, kind.noise)
    packed, bias = _packed(values, grid_size, inputs, kind.table_dtype)
    table: AnyTable = packed
    if kind.dual and number == 0:
        coarse = max(2, grid_size // 2)
        far = _table_values(rng, coarse, inputs, columns, kind.noise)
        far_table, _ = _packed(far, coarse, inputs, kind.table_dtype)
        table = DualTable(packed, far_table, reach=float(rng.integers(0, 80)))
    keep = None if previous is None else rng.random(inputs).astype(np.float32)
    windows = _dense_windows(rng, inputs, side) if kind.dense else _taps(rng, inputs, side)
    return Branch(table, windows, source, previous, keep), bias


def _filtered(
    rng: np.random.Generator, branch: AnyBranch, together: tuple[Signal, ...], corners: bool
) -> FilterBranch:
    """The branch with weights of any sign, some of them 0, that sum to 1."""
    shape = (branch.table.inputs, len(together), branch.window_size, branch.window_size)
    weights = rng.normal(0, 0.5, shape) * (rng.random(shape) < 0.8)
    middle = branch.window_size // 2 if corners else 0
    if corners:
        weights[0, :, np.arange(5) != middle] = 0
        for filters in weights[1:]:
            rows, columns = (np.roll(range(5), 2 * rng.integers(0, 2))[:2] for _ in range(2))
            filters[:, rows], filters[:, :, columns] = 0, 0
    weights[:, 0, middle, middle] += 1 - weights.sum((1, 2, 3))
    return FilterBranch(branch.table, weights.astype(np.float32), together)


def _table_values(
    rng: np.random.Generator, grid_size: int, inputs: int, columns: int, noise: float
) -> NDArray[np.float64]:
    """(L ** inputs, columns) grey levels: a weighted mean of the inputs and noise."""
    axis = np.linspace(0, 256, grid_size)
    corners = np.stack(np.meshgrid(*[axis] * inputs, indexing="ij"), -1).reshape(-1, inputs)
    mean = corners @ rng.dirichlet(np.ones(inputs), columns).T
    return mean + rng.normal(0, noise, mean.shape)


def _packed(
    values: NDArray[np.float64], grid_size: int, inputs: int, dtype: str
) -> tuple[Table, float]:
    """The table in the given type, and the bias that goes with it."""
    if dtype == "float32":
        return Table(values.astype(np.float32), grid_size, inputs), 0.0
    scale = {"int8": 1.5, "int16": 0.01}[dtype]
    limit = np.iinfo(dtype).max
    whole = np.clip(np.rint((values - 127) / scale), -limit, limit).astype(dtype)
    return Table(whole, grid_size, inputs, scale), 127.0


def _taps(rng: np.random.Generator, inputs: int, window: int) -> NDArray[np.float32]:
    """Windows that pick one pixel each."""
    windows = np.zeros((inputs, window * window), np.float32)
    windows[np.arange(inputs), rng.integers(0, window * window, inputs)] = 1
    return windows.reshape(inputs, window, window)


def _dense_windows(rng: np.random.Generator, inputs: int, window: int) -> NDArray[np.float32]:
    """Softmax of random logits, as AutoSample's windows are."""
    weights = np.exp(rng.normal(0, 2, (inputs, window * window)))
    weights /= weights.sum(1, keepdims=True)
    return weights.astype(np.float32).reshape(inputs, window, window)


@st.composite
def lut_models(
    draw: st.DrawFn,
    *,
    scales: Sequence[int] = (1, 2, 3, 4, 8),
    paddings: Sequence[Padding] = ("edge", "reflect"),
    roundings: Sequence[Rounding] = ("none", "stage", "running", "branch"),
    table_dtypes: Sequence[str] = ("int8", "int16", "float32"),
    inputs: Sequence[int] = (4, 3, 2, 5),
    max_grid_size: int = 17,
) -> LutModel:
    """Models of every kind: cascades, windows, filters, wide and channel nodes, two grids.

    Two grids make a function with steps, where the last bit of a sum decides. They are drawn with
    single taps and whole numbers only, so that every order of summation gives the same inputs.
    """
    upscales = draw(st.sampled_from(UPSCALES[draw(st.sampled_from(scales))]))
    rounding = draw(st.sampled_from(roundings))
    dual = rounding != "none" and draw(st.booleans())
    grid_size = draw(st.none() | st.integers(2, max_grid_size))
    count = draw(st.sampled_from(inputs))
    if count == 5 or (max_grid_size < 17 and grid_size is None):
        grid_size = min(grid_size or 5, max_grid_size, 5)
    rotated = rounding in ("running", "branch") or draw(st.booleans())
    plain = rounding == "none" and set(upscales) == {1}
    filters = rounding in ("none", "stage") and not dual and draw(st.booleans())
    corners = filters and not rotated and draw(st.booleans())
    return random_model(
        np.random.default_rng(draw(st.integers(0, 2**32 - 1))),
        upscales=upscales,
        branches=draw(st.integers(1, 3)),
        grid_size=grid_size,
        inputs=count,
        window=5 if corners else draw(st.sampled_from([3, 2, 5, 4, 1])),
        dense=not dual and draw(st.booleans()),
        residual=not dual and draw(st.booleans()),
        channels=draw(st.integers(4, 6) if corners else st.integers(1, 3)),
        channel_node=draw(st.booleans()),
        dual=dual,
        table_dtype=draw(st.sampled_from(table_dtypes)),
        noise=draw(st.sampled_from([8.0, 40.0])),
        rounding=rounding,
        padding=draw(st.sampled_from(paddings)),
        rotations=4 if rotated else 1,
        filters=filters,
        corners=corners,
        coring=draw(st.sampled_from([0.0, 1.5])) if rounding == "none" else 0.0,
        noise_floor=draw(st.sampled_from([0.0, 15.0])) if plain else 0.0,
    )


@st.composite
def planes(draw: st.DrawFn, max_side: int = 24) -> NDArray[np.float32]:
    """(H, W) float32 in [0, 255]: noise, whole numbers, flat, or edges; both sides from 1."""
    height, width = draw(st.integers(1, max_side)), draw(st.integers(1, max_side))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    plane = rng.uniform(0, 255, (height, width))
    match draw(st.sampled_from(["noise", "whole", "flat", "edges"])):
        case "whole":
            plane = np.rint(plane)
        case "flat":
            plane[:] = plane[0, 0]
        case "edges":
            plane = np.where(plane > 128, 255.0, 0.0)
    return plane.astype(np.float32)


def doubling_model() -> LutModel:
    """Doubles rows and columns; what surrounds a pixel counts, but few of them, for quick tests."""
    rng = np.random.default_rng(7)
    return random_model(rng, upscales=(1, 2), window=3, dense=False)


def identity_model(scale: int = 1, rounding: Rounding = "none") -> LutModel:
    """Repeats every pixel ``scale`` times in both directions, exactly."""
    axis = np.linspace(0, 256, 5, dtype=np.float32)
    values = np.repeat(np.repeat(axis, 5)[:, None], scale**2, axis=1)
    branch = Branch(Table(values, 5, inputs=2), np.ones((2, 1, 1), np.float32))
    return LutModel((SpatialNode((branch,), 4.0, 0.0, scale),), Card("identity"), rounding)
