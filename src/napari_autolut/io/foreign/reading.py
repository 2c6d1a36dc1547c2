"""Reading files through other packages: one scene after another, whoever reads it.

Belongs here: the choice of the reader, and errors of any type as one sentence. What bioio gives is
``bioio.py``, what napari plugins give ``plugins.py``.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.io.decoding import quotable
from napari_autolut.io.foreign.bioio import bioio_scenes
from napari_autolut.io.foreign.dicom.reading import dicom_scenes
from napari_autolut.io.foreign.metaimage import metaimage_scenes
from napari_autolut.io.foreign.mrc import mrc_scenes
from napari_autolut.io.foreign.nifti import nifti_scenes
from napari_autolut.io.foreign.nrrd import nrrd_scenes
from napari_autolut.io.foreign.plugins import plugin_scenes
from napari_autolut.io.foreign.scene import Scene
from napari_autolut.io.foreign_kinds import unread
from napari_autolut.io.image_file import ImageFile, ImageFileError, in_native_order
from napari_autolut.io.memory import check_memory
from napari_autolut.io.series import SeriesInfo, chosen_series
from napari_autolut.io.suffixes import suffix_of
from napari_autolut.util.library_lines import silent_libraries

Reader = Callable[[Path], Sequence[Scene]]

READERS: tuple[Reader, ...] = (
    mrc_scenes,
    nifti_scenes,
    nrrd_scenes,
    metaimage_scenes,
    dicom_scenes,
    bioio_scenes,
    plugin_scenes,
)
"""Each gives the images of a file, or none where it does not know such files."""

LOGGERS = ("bioio", "bioio_base", "bioio_bioformats", "bioio_czi", "bioio_dv", "bioio_lif",
           "bioio_nd2", "bioio_sldy", "liffile", "nd2", "pydicom", "xsdata")  # fmt: skip

REMEDY = "copy it again, or save it as OME-TIFF in a program that opens it"

for _name in LOGGERS:  # what matters in their warnings is an error of reading here
    logging.getLogger(_name).addHandler(logging.NullHandler())


class OpenForeign:
    """A file that another package reads: its images are found once, and read one by one.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Raises
    ------
    ImageFileError
        Here and in ``read``, if no reader is installed, with what to install, or the reader fails.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with _errors_of(path):
            self._scenes = _scenes(path)
            self.series = tuple(_infos(self._scenes))

    def read(self, series: int | None = None, memmap_above: float = math.inf) -> ImageFile:
        """Read one image, by default the first, with what the reader gives of sizes and channels.

        Pixels beyond so many bytes are read where they are indexed, if the reader can.
        """
        path = self.path
        with _errors_of(path):
            image = self._scenes[chosen_series(path, self.series, series)[0].index].load()
            if image.data.nbytes > memmap_above:
                lazy = hasattr(image.data, "dask")
                return replace(image, data=_read_safely(path, image.data)) if lazy else image
            check_memory(path, image.data.nbytes)
            return replace(image, data=in_native_order(np.asarray(image.data)))


def _scenes(path: Path) -> Sequence[Scene]:
    """The images of a file, by the first reader that can read it."""
    if not path.stat().st_size:
        raise ImageFileError(path, "found an empty file")
    failures: list[Exception] = []
    for reader in READERS:
        try:
            scenes = reader(path)
        except (ImageFileError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - others' code; another may do better
            failures.append(error)
            continue
        if scenes:
            return scenes
    if failures:
        raise failures[0]
    with path.open("rb") as stream:
        start = stream.read(4)
    raise ImageFileError(path, unread(suffix_of(path), start))


def _infos(scenes: Sequence[Scene]) -> list[SeriesInfo]:
    return [
        SeriesInfo(index, scene.lengths, scene.dtype, scene.name)
        for index, scene in enumerate(scenes)
    ]


def _read_safely(path: Path, pixels: Any) -> Any:
    """Pixels of a reader, each chunk of which may be damaged when its turn comes."""
    import dask.array as da

    source, meta = _LaterRead(path, pixels), np.empty((0,) * pixels.ndim, pixels.dtype)
    # One chunk at a time: some readers close the file behind each, whoever else reads it.
    return da.from_array(source, chunks=pixels.chunks, name=False, lock=True, meta=meta)


class _LaterRead:
    """A dask array whose errors are one sentence, and whose reader prints nothing.

    The chunk that was read last is held: tiles of a plane are asked for one after another, and a
    reader gives the whole plane for each.
    """

    def __init__(self, path: Path, pixels: Any) -> None:
        self.path, self.pixels = path, pixels
        self.shape, self.dtype, self.ndim = pixels.shape, pixels.dtype, pixels.ndim
        self._last: tuple[str, NDArray[Any]] | None = None

    def __getitem__(self, index: Any) -> NDArray[Any]:
        if self._last is None or self._last[0] != str(index):
            self._last = None  # two planes may be more than the memory holds
            with _one_sentence(self.path), silent_libraries():
                found = np.asarray(self.pixels[index].compute(scheduler="synchronous")).view()
            found.setflags(write=False)
            self._last = str(index), found
        return self._last[1]


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Whatever a reader raises, in one sentence that names the file; its warnings are left out."""
    with _one_sentence(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _one_sentence(path: Path) -> Iterator[None]:
    try:
        yield
    except ImageFileError:
        raise
    except MemoryError as error:
        raise ImageFileError(path, "not enough memory to read it") from error
    except Exception as error:  # readers are others' code, and each has types of its own
        words = quotable(f"{type(error).__name__}: {error}")
        problem = f"its reader could not read it ({words})"
        raise ImageFileError(path, f"{problem}; {REMEDY}") from error
