"""Results of a file's images: described before they are there, then computed.

Belongs here: all of them in memory, or tile by tile of a TIFF. OME-Zarrs are ``zarr_results.py``;
what is done to an image is ``tasks.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from napari_autolut.arrays import NearestTask, Progress, UpscalingTask
from napari_autolut.batch.files.executors import BlockExecutor
from napari_autolut.engine.threads import limits
from napari_autolut.io import ImageFile
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.boxes import grid_boxes

FileTask = UpscalingTask | NearestTask
"""What enlarges an image, or labels."""


def expected_result(task: FileTask, image: ImageFile) -> ImageFile:
    """Describe the result of a task, with shape and type but without the memory."""
    shape, dtype = task.result_shape(task.whole), image.data.dtype.newbyteorder("=")
    return image.enlarged(
        np.broadcast_to(np.zeros((), dtype), shape), task.grid.rows, task.grid.columns
    )


def into_memory(
    tasks: Sequence[FileTask], results: Sequence[ImageFile], executor: BlockExecutor
) -> Generator[Progress, None, list[ImageFile]]:
    """Compute all of the results."""
    blocks = [list(task.blocks(list(grid_boxes(task.whole, limits().tile_size)))) for task in tasks]
    done, total = 0, sum(map(len, blocks))
    computed = []
    for task, result, of_task in zip(tasks, results, blocks, strict=True):
        data = np.empty(result.data.shape, result.data.dtype)
        with closing(executor.run(task, of_task)) as running:
            for block, values in running:
                task.target(data, block, task.whole)[...] = values
                done += 1
                yield Progress(done, total)
        computed.append(replace(result, data=data))
    return computed


def into_tiles(
    tasks: Sequence[FileTask],
    results: Sequence[ImageFile],
    executor: BlockExecutor,
    out: Path,
    overwrite: bool,
) -> Generator[Progress, None, None]:
    """Compute tiles of the results and write each at once."""
    from napari_autolut.io.tiff.tiles import TiledTiff, tile_side  # tifffile takes its time

    side = tile_side(tasks[0].grid.unit)
    squares = [dict(task.squares(side)) for task in tasks]
    done, total = 0, sum(map(len, squares))
    with (
        atomic_write(out, overwrite=overwrite) as temporary,
        TiledTiff(temporary, results, side) as tiles,
    ):
        for series, (task, of_task) in enumerate(zip(tasks, squares, strict=True)):
            with closing(executor.run(task, of_task)) as running:
                for block, values in running:
                    place, square = cast("tuple[int, ...]", block.planes), of_task[block]
                    pixels = task.cut_to(square, block, values)
                    tiles.write(place, square, pixels, series=series)
                    done += 1
                    yield Progress(done, total)
