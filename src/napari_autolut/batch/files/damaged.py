"""Images of a file whose pixels cannot be read: they are named, and the others are done.

Belongs here: which of several images those are, before anything is made of them. What a plate names
and does not hold is ``io/zarr/groups.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import NamedTuple

from napari_autolut.arrays import Progress
from napari_autolut.io import ImageFileError, SeriesInfo
from napari_autolut.io.files import OpenImages
from napari_autolut.util.text import first_names


class SoundSeries(NamedTuple):
    """Those of several images that can be read.

    Parameters
    ----------
    series : list of SeriesInfo
        At least one.
    words : str
        What is said of the others and why; empty where there are none.
    """

    series: list[SeriesInfo]
    words: str = ""


def sound_series(
    opened: OpenImages, chosen: Sequence[SeriesInfo]
) -> Generator[Progress, None, SoundSeries]:
    """Leave out what cannot be read of several images that stay on disk until they are worked on.

    All of their pixels are decoded once, a chunk at a time: far less work than what follows.

    Parameters
    ----------
    opened : OpenImages
        The file.
    chosen : sequence of SeriesInfo
        Images of it; one alone is not looked at.

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
        If none of them can be read.
    """
    if opened.check_one is None or len(chosen) == 1:
        return SoundSeries(list(chosen))
    errors: dict[str, ImageFileError] = {}
    sound = []
    for each in chosen:
        try:
            opened.check_one(each.index)
            sound.append(each)
        except ImageFileError as error:
            errors[each.name] = error
        yield Progress(0, len(chosen))
    if not errors:
        return SoundSeries(sound)
    first = next(iter(errors.values()))
    if not sound:
        raise first
    words = f"left out, damaged: {first_names(list(errors))} ({first.problem})"
    return SoundSeries(sound, words)
