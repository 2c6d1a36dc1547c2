"""The closed list of kernel shapes: what the compiler must know of a node's tables.

Belongs here: the sizes, as data, and how a table is padded up to one of them. A kernel is compiled
for nothing else, so that a fresh cache compiles a handful of functions. How many outputs become
one block (the upscaling factor), rotations, grid sizes and windows are told at run time.
"""

from __future__ import annotations

from typing import NamedTuple

from napari_autolut.compilation.vectors import static

COLUMNS = (1, 4, 8, 16)
"""Outputs per look-up. Rows of a table are padded with zeros; wider ones are cut into several."""

INPUTS = (4, 5)
"""Values that are looked up together. Further ones are always 0 and lead from a row to itself."""

MEMBERS = (1, 3, 4)
"""Filters that are summed together, so that a pixel is read once for all of them: four times four
sums of sixteen pixels leave registers for what is read."""

UPSCALES = {1: (1,), 4: (1, 2), 8: (1, 2), 16: (1, 2, 3, 4)}
"""Upscaling factors whose blocks fit into so many columns; all of them are in each kernel."""


class Shape(NamedTuple):
    """Sizes that are part of a kernel's type: a tuple's length is known when compiling.

    ``bits`` are those of a table's values, integers of 8 or 16 or floats of 32. Tables are given as
    bytes, so that kernels of all shapes have the same arguments.
    """

    columns: tuple[None, ...]
    inputs: tuple[None, ...]
    bits: tuple[None, ...] = ()


def shape_of(columns: int, inputs: int, bits: int) -> Shape:
    """The smallest shape that holds so many columns, 16 at most, and inputs."""
    wide, deep = (
        next(size for size in sizes if size >= wanted)
        for sizes, wanted in ((COLUMNS, columns), (INPUTS, inputs))
    )
    return Shape(static(wide), static(deep), static(bits))


def group_sizes(count: int) -> list[int]:
    """How so many filters are put together: alike if they can be, else as many as there are."""
    if count == 0:
        return []
    alike = [size for size in (4, 3) if count % size == 0]
    size = alike[0] if alike else max(size for size in MEMBERS if size <= count)
    return [size, *group_sizes(count - size)]
