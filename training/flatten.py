"""Make finished tables give constant images and ramps back, as those are that are trained now.

Belongs here: the same for model files that are there. Rows may answer constant images so far off
that the curve alone would cost PSNR elsewhere. Denoisers get a noise floor.

    python training/flatten.py [--rows] luts/*.safetensors
"""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autolut_training.models.flat import LEVELS, constant_signals, flat_answers
from autolut_training.models.ramps import finished, finished_denoiser
from napari_autolut.model import AnyBranch, LutModel, ModelError, SpatialNode, Table
from napari_autolut.storage import load_model_file, save_model

Floats = NDArray[np.float64]

RIDGE = 0.1
"""How much a change of rows must be worth: less costs what the rows are used for besides."""


def main(paths: list[Path], *, rows: bool = False) -> None:
    """Rewrite the files."""
    for path in paths:
        model = load_model_file(path)
        if model.card.task == "denoising":
            model = finished_denoiser(model)
        else:
            model = finished(nearly_flat(model) if rows else model)
        save_model(model, path, overwrite=True)


def nearly_flat(model: LutModel) -> LutModel:
    """The model with rows of its last node moved towards constant answers: ridge regression.

    Raises
    ------
    ModelError
        If the last node has other tables than those of one grid.
    """
    last = model.nodes[-1]
    if not isinstance(last, SpatialNode):
        raise ModelError("last node", type(last).__name__, "a spatial one")
    signals = constant_signals(model)
    parts = [_visits(branch, signals) for branch in last.branches]
    visits = np.hstack([part for part, _ in parts]) * last.rotations / last.divisor
    missing = LEVELS[:, None] - flat_answers(model, last)
    weights = np.linalg.solve(visits @ visits.T + RIDGE * np.eye(len(visits)), missing)
    moves = np.split(visits.T @ weights, np.cumsum([part.shape[1] for part, _ in parts])[:-1])
    moved = [
        _moved(branch, used, move)
        for branch, (_, used), move in zip(last.branches, parts, moves, strict=True)
    ]
    return replace(model, nodes=(*model.nodes[:-1], replace(last, branches=tuple(moved))))


def _visits(branch: AnyBranch, signals: list[list[Floats]]) -> tuple[Floats, NDArray[np.intp]]:
    """(levels, rows) how much of each row constant images look up, and which rows those are."""
    table = branch.table
    if not isinstance(table, Table):
        raise ModelError("tables", "pairs of grids", "plain tables")
    planes = np.stack([signals[s.node][s.channel] for s in branch.sources])
    inputs = (branch.weights.sum((2, 3), dtype=np.float64) @ planes).clip(0, 255)
    position = inputs / table.interval
    base = np.minimum(position.astype(np.intp), table.grid_size - 2)
    fraction = position - base
    strides = table.grid_size ** np.arange(table.inputs)[::-1]
    order = np.argsort(-fraction, axis=0, kind="stable")
    descending = np.take_along_axis(fraction, order, 0)
    row, levels = strides @ base, np.arange(len(LEVELS))
    visits = np.zeros((len(LEVELS), table.grid_size**table.inputs))
    ends = np.zeros((1, len(LEVELS)))
    for step, (upper, lower) in enumerate(pairwise([ends[0] + 1, *descending, ends[0]])):
        if step:
            row = row + strides[order[step - 1]]
        visits[levels, row] += upper - lower
    used = np.flatnonzero(visits.any(0))
    return visits[:, used], used


def _moved(branch: AnyBranch, used: NDArray[np.intp], move: Floats) -> AnyBranch:
    table = branch.table
    assert isinstance(table, Table)
    values = table.values.astype(np.float64)
    values[used] += move / table.scale
    if table.values.dtype.kind == "i":
        largest = np.iinfo(table.values.dtype).max
        values = np.rint(values).clip(-largest, largest)
    return replace(branch, table=replace(table, values=values.astype(table.values.dtype)))


if __name__ == "__main__":
    options = sys.argv[1:]
    files = [Path(option) for option in options if option != "--rows"]
    main(files, rows="--rows" in options)
