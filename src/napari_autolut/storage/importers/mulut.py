"""MuLUT (ECCV 2022), AutoLUT on it (CVPR 2025), and MuLUT's DFC tables: a plain cascade.

Belongs here: how their tables become nodes. Which files there are is ``tablesets.py``.

Every stage has the same branches on the output of the stage before. AutoLUT numbers its stages
from 0 and mixes in the input of the stage before; the others count from 1.
"""

from __future__ import annotations

from napari_autolut.model import INPUT, MAX_NODES, Signal, SpatialNode
from napari_autolut.storage.importers.filenames import Place
from napari_autolut.storage.importers.network import (
    INNER_BIAS,
    BranchReader,
    Network,
    Source,
    last_columns,
    rounding_of,
    upscale_of,
)
from napari_autolut.storage.importers.tablesets import TableSet
from napari_autolut.storage.tensor_file import ModelFileError


def build(tables: TableSet) -> Network:
    """Read a cascade of any number of stages and branches."""
    found = [place.stage for place in tables.files]
    first, last_stage = min(0 if tables.sampled else 1, *found), max(found)
    if last_stage - first >= MAX_NODES:
        found_stage = f"{tables.name}_s{last_stage}"
        raise ModelFileError(tables.folder, "stages", found_stage, f"at most {MAX_NODES} stages")
    stages = [
        [Place(stage, 0, branch) for branch in tables.branches]
        for stage in range(first, last_stage + 1)
    ]
    tables.require([place for places in stages for place in places], first)

    reader, count = BranchReader(tables), len(tables.branches)
    signals = [INPUT, *(Signal(number) for number in range(1, len(stages)))]
    nodes = []
    for number, places in enumerate(stages[:-1]):
        branches = reader.branches(places, _source(signals, number), columns=1)
        nodes.append(SpatialNode(branches, divisor=4 * count, bias=INNER_BIAS))
    source = _source(signals, len(stages) - 1)
    last = reader.branches(stages[-1], source, last_columns(tables))
    upscale = upscale_of(tables, last)
    nodes.append(SpatialNode(last, divisor=count, upscale=upscale))
    return Network(tuple(nodes), rounding_of(tables, upscale))


def _source(signals: list[Signal], number: int) -> Source:
    """What stage ``number`` reads; its residual is the input of the stage before it."""
    return Source(signals[number], signals[number - 1] if number else None)
