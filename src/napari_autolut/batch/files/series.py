"""Which images of a file are worked on, and what is said of the others.

Belongs here: that, before anything is made of them. Where pixels cannot be read, images are named
and the others done. What a plate names and does not hold is ``io/zarr/groups.py``.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NamedTuple

from napari_autolut.arrays import Progress
from napari_autolut.io import (
    READ_AS_TIFF,
    ImageFileError,
    SeriesInfo,
    chosen_series,
    files_of_set,
    left_out,
)
from napari_autolut.io.files import OpenImages
from napari_autolut.util.text import counted, first_names


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
        return SoundSeries(sound, opened.series, opened.lost)
    first = next(iter(errors.values()))
    if not sound:
        raise first
    damaged = f"left out, damaged: {first_names(list(errors))} ({first.problem})"
    lost = "; ".join(filter(None, [opened.lost, damaged]))
    return SoundSeries(sound, sound, lost)
