"""The value range of each channel of a file, whether its pixels are in memory or on disk.

Belongs here: what is read of a file on disk to find them. How a range is chosen is
``arrays/value_range.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_autolut.arrays import Range, ValueRange, resolve_range
from napari_autolut.arrays.value_range import sampled_range
from napari_autolut.io import ImageFile
from napari_autolut.util.dask_graphs import as_dask
from napari_autolut.util.text import all_digits, counted

DASK_CHUNK = 2048
"""Longest side of what small chunks are joined to, in pixels."""


@dataclass(frozen=True)
class SetRanges:
    """Ranges that hold for every file of a set.

    Parameters
    ----------
    ranges : tuple of Range
        One for each grey channel; files may have fewer of them.
    asked : str
        What was asked for: ``"auto"`` or ``"data"``.
    of_colours : tuple of Range, optional
        The same for files of RGB, which grey files beside them say nothing of.
    """

    ranges: tuple[Range, ...]
    asked: str
    of_colours: tuple[Range, ...] = ()

    @property
    def words(self) -> str:
        """What was asked for and what it came to, for the record of a result."""
        kinds = filter(None, (_limits(self.ranges), _limits(self.of_colours)))
        return f"{self.asked} of all files: {'; of RGB '.join(kinds)}"

    def of(self, channels: int, *, rgb: bool = False) -> tuple[Range, ...]:
        """Give the ranges of a file of the set, which has so many channels, of RGB or grey.

        Raises
        ------
        ValueError
            If no file that was read for the ranges had so many.
        """
        known = self.of_colours if rgb else self.ranges
        if channels > len(known):
            found = counted(channels, "RGB channel" if rgb else "grey channel")
            raise ValueError(
                f"found {found}, expected at most {len(known)}, as in the files that the common "
                "range was taken from; do this file on its own"
            )
        return known[:channels]


def _limits(ranges: Iterable[Range]) -> str:
    return "; ".join(f"{all_digits(each.lo)} to {all_digits(each.hi)}" for each in ranges)


FileRange = ValueRange | SetRanges
"""What may be asked for files."""


def channel_ranges(image: ImageFile, value_range: FileRange) -> tuple[Range, ...]:
    """One range for each channel, or one where there are none.

    Parameters
    ----------
    image : ImageFile
        In memory, mapped, or on disk.
    value_range : {"auto", "dtype", "data"}, tuple of float or SetRanges, optional
        As for :func:`~napari_autolut.arrays.resolve_range`; ``"data"`` reads all of a file. Those
        of a set are taken as they are.

    Returns
    -------
    tuple of Range
        The limits.
    """
    data = with_views(image)
    channels, lazy = channels_of(image, data), hasattr(data, "dask")
    if isinstance(value_range, SetRanges):
        return value_range.of(len(channels), rgb=image.rgb)
    return tuple(_range(each, value_range, image.rgb, lazy) for each in channels)


def channels_of(image: ImageFile, data: Any) -> list[Any]:
    """Views of the pixels, one for each channel or all where there is no such axis.

    Rows and columns are last: samples are of planes.
    """
    axes = [axis for axis in image.axes if axis not in "CYXS"] + [*"YX", *"S" * image.rgb]
    channel = ["C"] * ("C" in image.axes)
    data = data.transpose([image.axes.index(axis) for axis in channel + axes])
    return [data[number] for number in range(data.shape[0])] if channel else [data]


def _range(channel: Any, value_range: ValueRange, rgb: bool, lazy: bool) -> Range:
    if not lazy:
        return resolve_range(channel, value_range, rgb=rgb)
    if value_range == "data":
        return Range(*(finite_bounds(channel, rgb=rgb) or (0, 0)))
    if value_range in (None, "auto") and channel.dtype != np.uint8:
        return sampled_range(channel, rgb=rgb)
    return resolve_range(channel, value_range, rgb=rgb)


def finite_bounds(data: Any, *, rgb: bool = False) -> tuple[float, float] | None:
    """Smallest and largest intensity of a dask array, read chunk by chunk; None without any.

    Of colours, a fourth one is alpha: neither it nor what it hides counts.
    """
    import dask.array as da

    colours = data[..., :3] if rgb else data
    finite = da.isfinite(colours)
    if rgb and data.shape[-1] == 4:
        finite &= data[..., 3:] != 0
    lowest = da.where(finite, colours.astype(np.float64), math.inf).min()
    highest = da.where(finite, colours.astype(np.float64), -math.inf).max()
    lo, hi = (float(each) for each in da.compute(lowest, highest))
    return (lo, hi) if lo <= hi else None


def with_views(image: ImageFile) -> Any:
    """Give pixels of which parts are views: those that are read in chunks are not, but of dask."""
    return lazily(image) if hasattr(image.data, "chunks") else image.data


def lazily(image: ImageFile) -> Any:
    """Pixels as a dask array, to go over all of them."""
    return as_dask(image.data, 2 + image.rgb, DASK_CHUNK)
