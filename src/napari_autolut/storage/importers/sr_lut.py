"""SR-LUT (Jo & Kim, CVPR 2021): one stage, one branch, reflected borders.

Belongs here: how its table becomes a node. Which files there are is ``tablesets.py``.

Its three tables look at 2 x 2 pixels (S), three in a row (F) and two (V). AutoLUT's S table comes
with a sampler.
"""

from __future__ import annotations

from napari_autolut.model import PATTERNS, Branch, SpatialNode, one_hot_windows
from napari_autolut.storage.importers.network import Network
from napari_autolut.storage.importers.reading import interval_grid_size, read_table, read_windows
from napari_autolut.storage.importers.tablesets import TableSet


def build(tables: TableSet) -> Network:
    """Read the one table of a ``Model_*`` file."""
    ((place, files),) = tables.files.items()
    scale, bits = tables.scale or 1, tables.bits or 0
    table = read_table(
        files[""],
        grid_sizes=(interval_grid_size(bits),),
        inputs=len(PATTERNS[place.branch]),
        columns=scale**2,
    )
    sampler = files.get("sampler")
    windows = read_windows(sampler) if sampler else one_hot_windows(place.branch)
    node = SpatialNode((Branch(table, windows),), divisor=1, upscale=scale)
    return Network((node,), rounding="stage", padding="reflect")
