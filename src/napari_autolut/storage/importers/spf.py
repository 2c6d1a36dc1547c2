"""SPF-LUT (Li et al., CVPR 2024), also with AutoLUT (CVPR 2025), plain or as DFC tables.

Belongs here: how its tables become nodes. Which files there are is ``tablesets.py``.

Stages 1 to 4 follow each other; 1 to 3 give two channels, of which the first is kept and the
second goes on. Table 5 looks up the four kept channels at the same pixel. In stage 6 each of its
four channels has branches of its own, all summed. AutoLUT mixes in the input of the stage before,
and in stage 6 for channel c the input of stage c + 1.
"""

from __future__ import annotations

from napari_autolut.model import INPUT, Branch, ChannelNode, Node, Signal, SpatialNode
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

CHANNELS = 4
STAGE_INPUTS = (INPUT, Signal(1, 1), Signal(2, 1), Signal(3, 1))
STAGE_OUTPUTS = (2, 2, 2, 1)
KEPT = (Signal(1, 0), Signal(2, 0), Signal(3, 0), Signal(4, 0))
CHANNEL_STAGE, LAST_STAGE = 5, 6


def build(tables: TableSet) -> Network:
    """Read the six stages, with any number of branches."""
    inner = [[Place(stage, 0, branch) for branch in tables.branches] for stage in (1, 2, 3, 4)]
    last = [
        [Place(LAST_STAGE, channel, branch) for branch in tables.branches]
        for channel in range(CHANNELS)
    ]
    tables.require([place for places in inner + last for place in places], first_stage=1)

    reader, divisor = BranchReader(tables), 4 * len(tables.branches)
    nodes: list[Node] = []
    previous: Signal | None = None
    for places, signal, columns in zip(inner, STAGE_INPUTS, STAGE_OUTPUTS, strict=True):
        branches = reader.branches(places, Source(signal, previous), columns)
        nodes.append(SpatialNode(branches, divisor, INNER_BIAS))
        previous = signal
    nodes.append(ChannelNode(KEPT, reader.channel_table(CHANNELS), INNER_BIAS))

    final: list[Branch] = []
    outputs = last_columns(tables)
    for channel, (places, signal) in enumerate(zip(last, STAGE_INPUTS, strict=True)):
        source = Source(Signal(CHANNEL_STAGE, channel), signal)
        final += reader.branches(places, source, outputs)
        outputs = final[-1].table.columns
    upscale = upscale_of(tables, final)
    nodes.append(SpatialNode(tuple(final), divisor, upscale=upscale))
    return Network(tuple(nodes), rounding_of(tables, upscale))
