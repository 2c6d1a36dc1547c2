"""One value range for each channel over all files of a folder, as for a time series kept as files.

Belongs here: which files are read for it, and how much of each. The range of a single file is
``files/ranges.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import (
    Range,
    dtype_range,
    range_of_pixels,
    sampled_pixels,
)
from napari_autolut.batch.files.labels import word_on_regions
from napari_autolut.batch.files.ranges import (
    SetRanges,
    channels_of,
    finite_bounds,
    lazily,
    with_views,
)
from napari_autolut.batch.files.series import Errors, of_sound, read_sound, series_to_do, without
from napari_autolut.io import ImageFile, open_images
from napari_autolut.util.errors import FILE_ERRORS, error_message

MAX_FILES = 64
"""Files that are read for percentiles, evenly spread over all; for minimum and maximum, all are."""

MAX_VALUES = 2**20
"""Pixels of a channel of one file that count, evenly spread over its sample."""

MAX_POOLED = 2**24
"""The same of all files together, which are in memory at once."""


def ranges_of_set(
    paths: Sequence[Path], value_range: str | None = None, *, series: int | None = None
) -> SetRanges:
    """Find the ranges of a set of files.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Image files. Those that cannot be read do not count, nor do masks and label images that lie
        beside others: their values are no intensities.
    value_range : {"auto", "data"}, optional
        ``"auto"`` or None: percentiles 0.1 and 99.9 of a sample of up to 64 files, all values for
        8 bits. ``"data"``: minimum and maximum of all files.
    series : int, optional
        Which image of each file; by default all.

    Returns
    -------
    SetRanges
        The ranges.

    Raises
    ------
    ValueError
        If another range is asked for, no file can be read, or their types of pixels differ.
    """
    asked = value_range or "auto"
    if asked not in ("auto", "data"):
        raise ValueError(
            f"range from all files: found the range {value_range!r}, which is the same for all "
            'files anyway; expected "auto" or "data"'
        )
    if asked == "data":
        grey, colours = _pooled(paths, series, _limits)
        return SetRanges(tuple(map(_bounds, grey)), asked, tuple(map(_bounds, colours)))
    if len(paths) > MAX_FILES:
        paths = [paths[at] for at in np.linspace(0, len(paths) - 1, MAX_FILES).astype(int)]
    max_values = min(MAX_VALUES, MAX_POOLED // max(1, len(paths)))
    grey, colours = _pooled(paths, series, partial(_samples, max_values=max_values))
    return SetRanges(tuple(map(_automatic, grey)), asked, tuple(map(_automatic_of_rgb, colours)))


class _Values(NamedTuple):
    """Values of each channel of an image from a file."""

    path: Path
    of_channels: list[NDArray[Any]]
    dtype: np.dtype[Any]
    rgb: bool


ValuesOf = Callable[[ImageFile], list[Any]]
"""What gives the values of each channel."""

Pooled = list[NDArray[Any]]
"""Values of each channel of all images."""


def _pooled(
    paths: Sequence[Path], series: int | None, values_of: ValuesOf
) -> tuple[Pooled, Pooled]:
    """Values of all grey images, and of those of RGB, which must be of one type."""
    errors: list[str] = []
    of_files = partial(_of_files, paths, series, values_of, errors)
    found = _of_one_type(of_files(labels=False)) or _of_one_type(of_files(labels=True))
    if not found:
        why = "; ".join(errors[:1])
        raise ValueError(f"range from all files: found no file that can be read ({why})")
    grey = _together(each for each in found if not each.rgb)
    return grey, _together(each for each in found if each.rgb)


def _are_labels(image: ImageFile) -> bool:
    """Whether values are, or look like, numbers of regions; colours do not count by their look."""
    return image.labels or not (image.rgb or not word_on_regions(image))


def _of_files(
    paths: Sequence[Path], series: int | None, values_of: ValuesOf, errors: list[str], *,
    labels: bool,
) -> Iterator[_Values]:  # fmt: skip
    """Values of each image that will be done; of a file that will fail, its error."""
    for path in paths:
        try:
            with open_images(path) as opened:
                sound = series_to_do(path, opened, series)
                images, sound = read_sound(opened, sound, memmap_above=0)
                damaged = Errors()
                every = of_sound(partial(_values, path, values_of, labels), images, damaged)
                without(damaged, sound)
                of_file = [values for values in every.values() if values is not None]
        except FILE_ERRORS as error:
            errors.append(error_message(error))  # it fails again when it is its turn
        else:
            yield from of_file


def _values(path: Path, values_of: ValuesOf, labels: bool, image: ImageFile) -> _Values | None:
    """Values of an image; None of labels that do not count."""
    if not labels and _are_labels(image):
        return None
    return _Values(path, values_of(image), image.data.dtype.newbyteorder("="), image.rgb)


def _of_one_type(images: Iterable[_Values]) -> list[_Values]:
    every: list[_Values] = []
    for each in images:
        every.append(each)
        if each.dtype != (first := every[0]).dtype:
            raise ValueError(
                f"range from all files: found {each.dtype} in {each.path} and {first.dtype} in "
                f"{first.path}, expected one type; convert them, or do them apart"
            )
    return every


def _together(images: Iterable[_Values]) -> Pooled:
    of_channels = zip_longest(*(each.of_channels for each in images))  # some may have fewer
    return [np.concatenate([each for each in some if each is not None]) for some in of_channels]


def _bounds(values: NDArray[Any]) -> Range:
    if not values.size:
        return Range(0, 0)
    return Range(float(values.min()), float(values.max()))


def _automatic(values: NDArray[Any]) -> Range:
    return dtype_range(values.dtype) if values.dtype == np.uint8 else range_of_pixels(values)


def _automatic_of_rgb(values: NDArray[Any]) -> Range:
    found = _automatic(values)
    floats = values.dtype.kind == "f"
    return Range(0, 1) if floats and 0 <= found.lo <= found.hi <= 1 else found


def _limits(image: ImageFile) -> list[Any]:
    """Minimum and maximum of each channel; nothing of one without finite pixels."""
    data = lazily(image)
    found = (finite_bounds(each, rgb=image.rgb) for each in channels_of(image, data))
    return [np.array(bounds or ()) for bounds in found]


def _samples(image: ImageFile, max_values: int) -> list[Any]:
    """Pixels of each channel."""
    data = with_views(image)
    samples = []
    for each in channels_of(image, data):
        pixels = sampled_pixels(each, rgb=image.rgb)
        samples.append(pixels[:: max(1, pixels.size // max_values)])
    return samples
