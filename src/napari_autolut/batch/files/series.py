"""Which images of a file are worked on, and what is said of the others.

Belongs here: that. Where pixels cannot be read, images are named and the others done. What a plate
names and does not hold is ``io/zarr/groups.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from napari_autolut.io import (
    READ_AS_TIFF,
    ImageFile,
    ImageFileError,
    PixelsError,
    SeriesInfo,
    chosen_series,
    damaged,
    files_of_set,
    left_out,
)
from napari_autolut.io.files import OpenImages
from napari_autolut.util.text import counted

Source = TypeVar("Source")
Made = TypeVar("Made")

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


def series_to_do(source: Path, opened: OpenImages, wanted: int | None) -> SoundSeries:
    """Choose images of a file before any of their pixels are read; as ``chosen_series``."""
    return SoundSeries(chosen_series(source, opened.series, wanted), opened.series, opened.lost)


def read_sound(
    opened: OpenImages, sound: SoundSeries, memmap_above: float, *, decoded: bool = False
) -> tuple[dict[int, ImageFile], SoundSeries]:
    """Read images of a file, and leave out what cannot be read of several.

    Parameters
    ----------
    opened : OpenImages
        The file.
    sound : SoundSeries
        What :func:`series_to_do` chose.
    memmap_above : float
        Pixels beyond this many bytes stay on disk.
    decoded : bool, default False
        Decode those of several images, too, a chunk at a time: for a result that can leave out none
        of them once it is begun.

    Returns
    -------
    images : dict of int to ImageFile
        Those that can be read, by their numbers.
    sound : SoundSeries
        The same.

    Raises
    ------
    ImageFileError
        If none of them can be read.
    """
    errors = Errors()
    read = list(readable(opened, sound, memmap_above, errors))
    numbers = [each.index for each in sound.series if each.index not in errors]
    images = dict(zip(numbers, read, strict=True))
    if decoded and len(sound.series) > 1:
        images = of_sound(_decoded, images, errors)
    return images, without(errors, sound)


def readable(
    opened: OpenImages, sound: SoundSeries, memmap_above: float, errors: Errors
) -> Iterator[ImageFile]:
    """Read images one after the other, and collect why others cannot be read.

    Parameters
    ----------
    opened : OpenImages
        The file.
    sound : SoundSeries
        What :func:`series_to_do` chose.
    memmap_above : float
        Pixels beyond this many bytes stay on disk, where none of them is decoded yet.
    errors : dict of int to ImageFileError
        Gets those of images that cannot be read.

    Yields
    ------
    ImageFile
    """
    for each in sound.series:
        try:
            image = opened.read(each.index, memmap_above)
        except ImageFileError as error:
            errors[each.index] = error
        else:
            yield image


def of_sound(
    make: Callable[[Source], Made], sources: Mapping[int, Source], errors: Errors
) -> dict[int, Made]:
    """Make something of each image, by their numbers, and collect whose pixels are damaged."""
    made = {}
    for number, each in sources.items():
        try:
            made[number] = make(each)
        except PixelsError as error:
            errors[number] = error
    return made


def _decoded(image: ImageFile) -> ImageFile:
    """The same image; PixelsError where its pixels lie on disk and are damaged."""
    check = getattr(image.data, "check", None)
    if check is not None:
        check()
    return image


def without(errors: Mapping[int, ImageFileError], sound: SoundSeries) -> SoundSeries:
    """Leave out images and say that they are damaged; the first error where none is left."""
    if not errors:
        return sound
    lost = "; ".join(filter(None, [sound.lost, damaged(sound.series, errors)]))
    left = [each for each in sound.series if each.index not in errors]
    return SoundSeries(left, left, lost)
