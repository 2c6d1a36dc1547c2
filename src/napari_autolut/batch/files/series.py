"""Which images of a file are worked on, and what is said of the others.

Belongs here: that, before anything is made of them. Where pixels cannot be read, images are named
and the others done. What a plate names and does not hold is ``io/zarr/groups.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from napari_autolut.arrays import Progress
from napari_autolut.io import (
    READ_AS_TIFF,
    ImageFile,
    ImageFileError,
    SeriesInfo,
    chosen_series,
    files_of_set,
    left_out,
)
from napari_autolut.io.files import OpenImages
from napari_autolut.util.text import counted, first_names

Errors = dict[int, ImageFileError]
"""Why images cannot be read, by their numbers."""


class SoundSeries(NamedTuple):
    """Those of a file's images that are worked on.

    Parameters
    ----------
    series : list of SeriesInfo
        At least one.
    among : sequence of SeriesInfo
        Of which they were chosen; the same where some are damaged, which is said alone.
    lost : str
        What is not there or damaged; empty where nothing is.
    """

    series: list[SeriesInfo]
    among: Sequence[SeriesInfo]
    lost: str

    def note(self, source: Path) -> str:
        """What :func:`series_note` says of them."""
        return series_note(source, self.among, self.series)


def series_note(source: Path, found: Sequence[SeriesInfo], chosen: Sequence[SeriesInfo]) -> str:
    """What there is to say of a file with several images, or of an image in several files."""
    files = len(files_of_set(source)) if source.suffix.lower() in READ_AS_TIFF else 0
    words = [f"from {counted(files, 'file')}"] if files else []
    words += [f"{len(chosen)} series"] if len(chosen) > 1 else []
    return "; ".join([*words, *filter(None, [left_out(found, chosen)])])


def sound_series(
    source: Path, opened: OpenImages, wanted: int | None
) -> Generator[Progress, None, SoundSeries]:
    """Choose images of a file, and leave out what cannot be read of several that stay on disk.

    All pixels of several are decoded once, a chunk at a time: far less work than what follows.

    Parameters
    ----------
    source : Path
        The file, for the messages.
    opened : OpenImages
        The same.
    wanted : int or None
        Number of one image, which is not looked at before; None for all, as ``chosen_series``.

    Returns
    -------
    SoundSeries
        What is left.

    Yields
    ------
    Progress

    Raises
    ------
    ImageFileError
        If none of them can be read, or there is no such image.
    """
    chosen = chosen_series(source, opened.series, wanted)
    if opened.check_one is None or len(chosen) == 1:
        return SoundSeries(chosen, opened.series, opened.lost)
    errors = Errors()
    for each in chosen:
        try:
            opened.check_one(each.index)
        except ImageFileError as error:
            errors[each.index] = error
        yield Progress(0, len(chosen))
    return without(errors, SoundSeries(chosen, opened.series, opened.lost))


def read_sound(
    opened: OpenImages, sound: SoundSeries, memmap_above: float = math.inf
) -> tuple[list[ImageFile], SoundSeries]:
    """Read images of a file, and leave out what cannot be read of several.

    Parameters
    ----------
    opened : OpenImages
        The file.
    sound : SoundSeries
        What :func:`sound_series` chose.
    memmap_above : float, default math.inf
        Pixels beyond this many bytes stay on disk.

    Returns
    -------
    images : list of ImageFile
        Those that can be read.
    sound : SoundSeries
        The same.

    Raises
    ------
    ImageFileError
        If none of them can be read.
    """
    errors = Errors()
    images = list(readable(opened, sound, memmap_above, errors))
    return images, without(errors, sound)


def readable(
    opened: OpenImages, sound: SoundSeries, memmap_above: float, errors: Errors
) -> Iterator[ImageFile]:
    """Read images one after the other, and collect why others cannot be read, by their numbers."""
    for each in sound.series:
        try:
            image = opened.read(each.index, memmap_above)
        except ImageFileError as error:
            errors[each.index] = error
        else:
            yield image


def without(errors: Mapping[int, ImageFileError], sound: SoundSeries) -> SoundSeries:
    """Leave out images and say that they are damaged; the first error where none is left."""
    if not errors:
        return sound
    first = next(iter(errors.values()))
    left = [each for each in sound.series if each.index not in errors]
    if not left:
        raise first
    names = [each.name or str(each) for each in sound.series if each.index in errors]
    damaged = f"left out, damaged: {first_names(names)} ({first.problem})"
    lost = "; ".join(filter(None, [sound.lost, damaged]))
    return SoundSeries(left, left, lost)
