"""What a LUT model is: a graph of branches and tables, frozen and validated.

Lives here: the types, their rules, symmetries and the card. Not here: files (``storage``) and the
computation (``engine``).
"""

from napari_autolut.model.branches import (
    INPUT,
    MAX_SIGNALS,
    MAX_WINDOW,
    PATTERNS,
    AnyBranch,
    Branch,
    FilterBranch,
    Signal,
    one_hot_windows,
    weights_on,
)
from napari_autolut.model.card import Card
from napari_autolut.model.error_table import ErrorTable
from napari_autolut.model.errors import ModelError, require
from napari_autolut.model.graph import (
    MAX_NODES,
    SCALES,
    LutModel,
    NoisyModel,
    Padding,
    Rounding,
)
from napari_autolut.model.nodes import (
    MAX_BRANCHES,
    SQUARE_SIDE,
    UPSCALES,
    ChannelNode,
    Node,
    SpatialNode,
)
from napari_autolut.model.tables import (
    MAX_COLUMNS,
    MAX_GRID_SIZES,
    TABLE_DTYPES,
    AnyTable,
    DualTable,
    Table,
)

__all__ = [
    "INPUT",
    "MAX_BRANCHES",
    "MAX_COLUMNS",
    "MAX_GRID_SIZES",
    "MAX_NODES",
    "MAX_SIGNALS",
    "MAX_WINDOW",
    "PATTERNS",
    "SCALES",
    "SQUARE_SIDE",
    "TABLE_DTYPES",
    "UPSCALES",
    "AnyBranch",
    "AnyTable",
    "Branch",
    "Card",
    "ChannelNode",
    "DualTable",
    "ErrorTable",
    "FilterBranch",
    "LutModel",
    "ModelError",
    "Node",
    "NoisyModel",
    "Padding",
    "Rounding",
    "Signal",
    "SpatialNode",
    "Table",
    "one_hot_windows",
    "require",
    "weights_on",
]
