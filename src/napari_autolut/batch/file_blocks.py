"""The pieces that a file's image is computed in, and this process as what computes them.

Belongs here: one range a channel, the pictures of a stack, and pieces of pictures. Reading and
writing is ``file_upscaling.py``; other processes are ``cluster.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.jobs import Job, finish, run, warn_of_missing
from napari_autolut.arrays.upscaling import check_image, plan
from napari_autolut.arrays.value_range import missing
from napari_autolut.engine import PlaneEngine, plane_engine
from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.model.graph import LutModel
from napari_autolut.util.boxes import Box, grid_boxes, whole
from napari_autolut.util.memmap import release


class Block(NamedTuple):
    """A piece of one picture: where the picture is in its stack, and rows and columns of it."""

    place: tuple[int, ...]
    box: Box


Computed = Generator[tuple[Block, NDArray[Any]], None, None]
"""Blocks, in any order, with their enlarged pixels: (rows, columns) or (rows, columns, colours)."""


@dataclass(frozen=True, eq=False)
class FilePlan:
    """What is to be done to an image from a file.

    Parameters
    ----------
    image : the source
    result : what it becomes; of its data only shape and dtype count
    jobs : one for each channel, or one for all; their images are single pictures
    scale : how many times as large the result is
    """

    image: ImageFile
    result: ImageFile
    jobs: tuple[Job, ...]
    scale: int

    @property
    def pictures(self) -> NDArray[Any]:
        """The source, with rows and columns (and colours) last."""
        return self.pictures_of(self.image.data)

    def pictures_of(self, data: NDArray[Any]) -> NDArray[Any]:
        """View data with the image's axes as pictures: rows and columns (and colours) last."""
        return _pictures(data, self.image.axes)

    def job_number(self, place: tuple[int, ...]) -> int:
        """Which of the jobs is done to a picture."""
        channel = self.image.axes.replace("Y", "").replace("X", "").find("C")
        return place[channel] if channel >= 0 else 0

    def blocks(self, side: int) -> Iterator[Block]:
        """All pieces, picture after picture, of at most ``side`` source pixels a side."""
        pictures = self.pictures
        others = pictures.ndim - (3 if self.image.rgb else 2)
        height, width = pictures.shape[others : others + 2]
        for place in np.ndindex(pictures.shape[:others]):
            for box in grid_boxes(whole((height, width)), side):
                yield Block(place, box)


class BlockRunner(Protocol):
    """Computes blocks of a plan."""

    def run(self, plan: FilePlan, blocks: Sequence[Block]) -> Computed:
        """Compute all blocks; closing the generator stops the work."""
        ...


def plan_file(
    path: Any,
    image: ImageFile,
    model: LutModel,
    value_range: str | tuple[float, float] | None = None,
) -> FilePlan:
    """Settle what is to be done to each channel.

    Channels often differ by orders of magnitude, so each has a value range of its own; the slices
    and frames of a channel share one.

    Raises
    ------
    ImageFileError
        if the image, which came from ``path``, is of a type that has no intensities
    ValueError
        if the value range does not fit
    """
    try:
        check_image(image.data.shape, image.data.dtype)
    except TypeError as error:
        raise ImageFileError(path, str(error)) from error
    pictures = _pictures(image.data, image.axes)
    others = image.axes.replace("Y", "").replace("X", "")
    channels = [pictures]
    if "C" in others:
        channels = list(np.moveaxis(pictures, others.index("C"), 0))
    spatial = (-3, -2) if image.rgb else (-2, -1)
    jobs = [
        plan(channel, model, spatial_axes=spatial, rgb=image.rgb, value_range=value_range)
        for channel in channels
    ]
    shape = [
        length * (model.scale if axis in "YX" else 1)
        for axis, length in zip(image.axes, image.data.shape, strict=True)
    ]
    # Shape and type without the memory.
    stand_in = np.broadcast_to(np.zeros((), image.data.dtype.newbyteorder("=")), shape)
    return FilePlan(
        image,
        image.enlarged(stand_in, model.scale),
        tuple(replace(job, spatial_axes=(0, 1)) for job in jobs),
        model.scale,
    )


@dataclass(frozen=True)
class Here:
    """Computes blocks in this process, with the threads that the engine uses."""

    engine: str = "auto"

    def run(self, plan: FilePlan, blocks: Sequence[Block]) -> Computed:
        """Compute the blocks in their order."""
        engine = plane_engine(self.engine)
        pictures = plan.pictures
        for block in warned(plan, blocks):
            if block.box.left == 0:
                release(pictures)
            job = plan.jobs[plan.job_number(block.place)]
            yield block, enlarged_block(job, pictures[block.place], block.box, engine)


def enlarged_block(job: Job, picture: NDArray[Any], box: Box, engine: PlaneEngine) -> NDArray[Any]:
    """Compute one piece of a picture in one go."""
    side = max(box.bottom - box.top, box.right - box.left)
    return finish(run(job, picture, engine, tile_size=side, region=box, warn=False))


def warned(plan: FilePlan, blocks: Sequence[Block]) -> Iterator[Block]:
    """Give the blocks, and warn at the first with NaN or infinite pixels."""
    said = False
    for block in blocks:
        if not said and missing(plan.pictures[block.place][block.box.slices]) is not None:
            said = True
            warn_of_missing()
        yield block


def _pictures(data: NDArray[Any], axes: str) -> NDArray[Any]:
    order = [axes.index(axis) for axis in axes if axis not in "YXS"]
    order += [axes.index(axis) for axis in "YXS" if axis in axes]
    return data.transpose(order)
