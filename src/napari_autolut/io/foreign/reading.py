"""Reading files through other packages: one scene after another, whoever reads it.

Belongs here: the choice of the reader, and errors of any type as one sentence. What bioio gives is
``bioio.py``, what napari plugins give ``plugins.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_autolut.io.foreign.bioio import bioio_scenes
from napari_autolut.io.foreign.kinds import missing_reader
from napari_autolut.io.foreign.plugins import plugin_scenes
from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.image_file import ImageFile, ImageFileError, native
from napari_autolut.io.series import SeriesInfo, chosen_series

READERS: tuple[Callable[[Path], Sequence[Scene]], ...] = (bioio_scenes, plugin_scenes)
"""Each gives the images of a file, or none where it does not know such files."""


def read_foreign(
    path: Path, *, series: int | None = None, memmap_above: float = math.inf
) -> ImageFile:
    """Read an image of a file that another package reads.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    series : int, optional
        Which image of several, as :func:`foreign_series` numbers them; by default the first.
    memmap_above : float, default math.inf
        Pixels beyond this many bytes are read where they are indexed, if the reader can.

    Returns
    -------
    ImageFile
        With axes, pixel sizes and channels as far as the reader gives them.

    Raises
    ------
    ImageFileError
        If no reader is installed, with what to install, or the reader fails.
    """
    with _errors_of(path):
        scenes = _scenes(path)
        infos = _infos(scenes)
        image = scenes[chosen_series(path, infos, series)[0].index].load()
        if isinstance(image.data, np.ndarray) or image.data.nbytes > memmap_above:
            return image
        return replace(image, data=native(np.asarray(image.data)))


def foreign_series(path: Path) -> tuple[SeriesInfo, ...]:
    """List the images of a file that another package reads; errors as :func:`read_foreign`."""
    with _errors_of(path):
        return tuple(_infos(_scenes(path)))


def _scenes(path: Path) -> Sequence[Scene]:
    for reader in READERS:
        scenes = reader(path)
        if scenes:
            return scenes
    raise ImageFileError(path, missing_reader(path.suffix.lower()))


def _infos(scenes: Sequence[Scene]) -> list[SeriesInfo]:
    return [
        SeriesInfo(index, scene.lengths, scene.dtype, scene.name)
        for index, scene in enumerate(scenes)
    ]


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Whatever a reader raises, in one sentence that names the file."""
    try:
        yield
    except (ImageFileError, MemoryError):
        raise
    except Exception as error:  # readers are others' code, and each has types of its own
        words = " ".join(f"{type(error).__name__}: {error}".split())
        raise ImageFileError(path, f"its reader could not read it ({words[:300]})") from error
