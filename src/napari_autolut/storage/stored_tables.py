"""The tables of a model file, each made once however many branches share it.

Belongs here: from a table's description and its tensors to the table. How symmetric ones are packed
is ``packing.py``; the graph around them is ``graph_json.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from napari_autolut.model import AnyTable, DualTable, ModelError, Table, require
from napari_autolut.storage.json_fields import integer_of, number_of
from napari_autolut.storage.packing import unpacked_table

Tensors = dict[str, NDArray[Any]]

UNPACKED = "{}, unpacked, in blocks of {}"
"""Name of what a symmetric table is unpacked to, which no tensor of a file may have."""


class StoredTables:
    """Tensors of a file, and the tables that were made of them.

    Parameters
    ----------
    tensors : dict of str to ndarray
        The tensors by name.
    """

    def __init__(self, tensors: Tensors) -> None:
        self._tensors = tensors
        self._unpacked: Tensors = {}
        self._tables: dict[tuple[object, ...], Table] = {}

    def tensor(self, name: Any) -> NDArray[Any]:
        """The tensor of this name, which the file must have."""
        if name not in self._tensors:
            raise ModelError("tensor", f"no {name!r}", f"one of {sorted(self._tensors)}")
        return self._tensors[name]

    def table(self, described: Mapping[str, Any], upscale: int) -> AnyTable:
        """The table that a description stands for, of a node with this upscaling factor.

        Raises
        ------
        ModelError
            If there is no such tensor, or it is no such table.
        """
        if "near" not in described:
            return self._grid(described, upscale)
        near, far = (self.table(described[part], upscale) for part in ("near", "far"))
        if isinstance(near, DualTable) or isinstance(far, DualTable):
            raise ModelError(
                "table", "grids nested more than twice", "near and far as plain tables"
            )
        return DualTable(near, far, number_of(described, "reach"))

    def _grid(self, described: Mapping[str, Any], upscale: int) -> Table:
        name, scale = described["tensor"], number_of(described, "scale")
        grid_size, inputs = integer_of(described, "grid_size"), integer_of(described, "inputs")
        values = self.tensor(name)
        if "symmetric" in described:
            says = described["symmetric"]
            require(says is True, "symmetric", says, "true, or nothing")
            values, name = self._whole(values, name, grid_size, inputs, upscale)
        key = (name, grid_size, inputs, scale)
        if key not in self._tables:
            self._tables[key] = Table(values, grid_size, inputs, scale)
        return self._tables[key]

    def _whole(
        self, rows: NDArray[Any], name: str, grid_size: int, inputs: int, upscale: int
    ) -> tuple[NDArray[Any], str]:
        """All rows of a symmetric table, and a name for them."""
        whole = UNPACKED.format(name, upscale)
        require(whole not in self._tensors, "tensor", repr(whole),
                f"a name that the unpacked {name} does not have")  # fmt: skip
        if whole not in self._unpacked:
            self._unpacked[whole] = unpacked_table(rows, grid_size, inputs, upscale)
        return self._unpacked[whole], whole
