"""Isotropic stacks that are larger than memory, written while they are computed.

Belongs here: squares of all slices, into tiles of a TIFF or regions of an OME-Zarr. What a result
is and says of itself is ``files.py``; how tiles and regions are stored is ``io``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Progress
from napari_autolut.engine.threads import thread_count
from napari_autolut.io import ImageFile
from napari_autolut.isotropic.plan import IsotropicPlan
from napari_autolut.isotropic.table_file import tables_digest
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.boxes import Box, grid_boxes, whole

TIFF_SIDE = 256
"""Side of the tiles of a large TIFF: all of their slices are in memory together."""

Write = Callable[[tuple[int, ...], Box, NDArray[Any]], None]
"""Takes a part of a plane: place along the other axes, rows and columns, pixels."""


def write_tiff_tiles(
    out: Path, plan: IsotropicPlan, result: ImageFile, *, overwrite: bool
) -> Generator[Progress, None, None]:
    """Write the tiles of a TIFF as they are computed."""
    from napari_autolut.io.tiff.tiles import TiledTiff  # tifffile takes its time

    with (
        atomic_write(out, overwrite=overwrite) as temporary,
        TiledTiff(temporary, [result], TIFF_SIDE) as tiles,
    ):
        yield from _write_regions(plan, result, TIFF_SIDE, tiles.write)


def write_zarr_regions(
    source: Path, out: Path, plan: IsotropicPlan, result: ImageFile, *, overwrite: bool
) -> Generator[Progress, None, None]:
    """Write the regions of a Zarr as they are computed, then its coarser levels."""
    from napari_autolut.batch.files.zarr_results import check_apart, source_identity
    from napari_autolut.io.zarr.result import ZarrResult

    check_apart(source, out)
    made = {"operation": "isotropic", "tables": tables_digest(plan.tables),
            "factor": plan.sampling.factor, **source_identity(source)}  # fmt: skip
    with ZarrResult(out, result, made, overwrite=overwrite) as regions:

        def write(place: tuple[int, ...], box: Box, values: NDArray[Any]) -> None:
            channels_first = np.moveaxis(values, -1, 0) if result.rgb else values
            regions.write(regions.region(place, *box.slices), channels_first)

        yield from _write_regions(plan, result, regions.plan.side, write)
        for _ in regions.coarser_levels():
            pass


def _write_regions(
    plan: IsotropicPlan, result: ImageFile, side: int, write: Write
) -> Generator[Progress, None, None]:
    """Compute squares of all slices, and hand over each slice of each."""
    others = [axis for axis in result.axes if axis not in "YXS"]
    shape = result.lengths["Y"], result.lengths["X"]
    boxes = list(grid_boxes(whole(shape), side))
    groups = list(_groups(plan, result))
    total = len(boxes) * len(groups)
    for done, (box, group) in enumerate(((b, g) for b in boxes for g in groups), 1):
        parts = [_square(plan, volume, box) for volume in group]
        values = np.stack(parts, axis=-1) if result.rgb else parts[0]
        leading = iter(group[0])
        found = {axis: next(leading) for axis in others if axis != "Z"}
        for z, plane in enumerate(values):
            write(tuple(z if axis == "Z" else found[axis] for axis in others), box, plane)
        yield Progress(done, total)


def _groups(plan: IsotropicPlan, result: ImageFile) -> Iterator[list[tuple[int, ...]]]:
    """Volumes that belong together: the colours of one, else each for itself."""
    volumes, together = plan.stack.volumes, plan.stack.channels if result.rgb else 1
    yield from (volumes[i : i + together] for i in range(0, len(volumes), together))


def _square(plan: IsotropicPlan, volume: tuple[int, ...], box: Box) -> NDArray[Any]:
    """All slices of a square, computed in parts that fit into memory."""
    height, width = box.bottom - box.top, box.right - box.left
    dtype = np.dtype(plan.stack.array.dtype)
    result = np.empty((plan.sampling.result_slices, height, width), dtype.newbyteorder("="))
    interpolation = plan.interpolations[plan.stack.channel_of(volume)]
    for slab in interpolation.slabs(box, plan.stack.array.shape[-2:], dtype):
        index: Any = (slice(None), *slab.box.within(box).slices)
        result[index] = plan.compute(volume, slab, thread_count())
    return result
