"""An OME-Zarr while it is written: region by region, and resumed after a kill.

Belongs here: regions, and the record of those that are finished. The temporary folder is
``unfinished.py``, how arrays lie on disk ``levels.py``; what is in them is computed by ``batch``.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from napari_autolut.io.image_file import ImageFile
from napari_autolut.io.zarr.describing import written_axes
from napari_autolut.io.zarr.folder import LABELS, is_marked
from napari_autolut.io.zarr.levels import (
    Plan,
    Region,
    coarser,
    create,
    create_group,
    every_second,
    halved,
    opened_for_writing,
)
from napari_autolut.io.zarr.microscope import lay_beside
from napari_autolut.io.zarr.pixels import ZarrPixels
from napari_autolut.io.zarr.tasks import end_tasks
from napari_autolut.io.zarr.unfinished import UnfinishedZarr, named
from napari_autolut.util.atomic import flush
from napari_autolut.util.in_use import patiently, remove_file
from napari_autolut.util.paths import fitting_names, image_name
from napari_autolut.util.sizes import bytes_text, free_on_disk

FINISHED = ".napari-autolut-finished"
"""In the temporary folder: which regions are written."""

COMPRESSED = 4
"""How much smaller than its pixels a result may become; else the disk counts as too small."""


class ZarrResult:
    """A result that is being written; a context manager that gives it its name at the end.

    Work that was killed, cancelled or ran out of disk is resumed where it stopped, if the same is
    asked for again. What ended in bad input leaves nothing behind.

    Parameters
    ----------
    path : pathlib.Path
        The final name.
    image : ImageFile
        What it will hold; of its pixels only shape and dtype are used.
    made : mapping of str to object
        Plain values for JSON that say from what and how: only work of the same is resumed.
    scale : int, default 1
        Regions begin at multiples of it.
    version : {"0.5", "0.4"}, default "0.5"
        Of OME-Zarr.
    overwrite : bool, default False
        Replace a Zarr of that name.

    Raises
    ------
    ImageFileError
        If OME-Zarr has no such axes, or another process writes the same.
    OSError
        If the disk has no room.
    """

    def __init__(
        self,
        path: Path,
        image: ImageFile,
        made: Mapping[str, Any],
        *,
        scale: int = 1,
        version: str = "0.5",
        overwrite: bool = False,
    ) -> None:
        axes = written_axes(path, image)
        lengths = image.lengths | ({"C": image.lengths["S"]} if image.rgb else {})
        self.path, self.plan = path, Plan.of(axes, [lengths[a] for a in axes], scale, version)
        self._image = image
        kind = {
            "shape": list(image.data.shape),
            "axes": image.axes,
            "dtype": str(image.data.dtype),
            "version": version,
        }
        inside = len(self.plan.longest_path)
        made = {**made, **kind}
        self._unfinished = UnfinishedZarr(path, made, overwrite=overwrite, inside=inside)
        self._folder = self._unfinished.folder
        self._others = [axis for axis in image.axes if axis not in "YXS"]
        self._finished: dict[str, int] = {}
        self.resumed = False

    def __enter__(self) -> Self:
        """Make the temporary folder, or resume one of the same."""
        _check_room(self.path, self._image.data.nbytes)
        self.resumed = self._unfinished.open()
        try:
            if self.resumed:
                self._finished = self._read_finished()
            else:
                with _named(self.path):
                    name = self._image.name or image_name(self.path)
                    create(self._folder, self._image, self.plan, name)
                    self._unfinished.begun()
            names = [self._folder / str(level) for level in range(len(self.plan.shapes))]
            with _named(self.path):
                self._arrays = [patiently(partial(opened_for_writing, name)) for name in names]
            self._pixels = [ZarrPixels(name) for name in names]
        except BaseException:
            self._unfinished.discard()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the result its name; after an error keep what may be resumed."""
        if error is None:
            try:
                self._check_whole()
            except OSError as failure:
                self._unfinished.stop(failure, worth_keeping=self._is_described())
                raise
            self._unfinished.publish()
            remove_file(self.path / FINISHED)
        else:
            self._unfinished.stop(error, worth_keeping=bool(self._finished))

    @property
    def side(self) -> int:
        """Rows and columns of a region of the first level."""
        return self.plan.side

    @property
    def region_count(self) -> int:
        """Number of regions of all levels."""
        return sum(self.plan.region_count(level) for level in range(len(self.plan.shapes)))

    # --- regions ------------------------------------------------------------------------------

    def region(self, planes: Sequence[int], rows: slice, columns: slice) -> Region:
        """Where a part of a plane lies in the arrays.

        ``planes`` is an index along the image's axes that are neither spatial nor colours.
        """
        places = {
            axis: slice(at, at + 1) for axis, at in zip(self._others, planes, strict=True)
        } | {"Y": rows, "X": columns}
        if self._image.rgb:
            places["C"] = slice(0, self._image.lengths["S"])
        return tuple(places[axis] for axis in self.plan.axes)

    def is_finished(self, region: Region, level: int = 0) -> bool:
        """Whether a region was written before, and its files are as large as they were then."""
        size = self._finished.get(_key(level, region))
        return size is not None and size == self._size(level, region)

    def write(self, region: Region, values: NDArray[Any], level: int = 0) -> None:
        """Write a region, which is made of whole shards or chunks, and remember that.

        ``values`` have the axes of the arrays; those of length 1 may be missing.
        """
        self._unfinished.check_there()
        files = self._pixels[level].files_of(region)
        for file in files:  # of a write that was broken off; zarr would read them
            remove_file(file)
        values = values.reshape([part.stop - part.start for part in region])
        with _named(self.path):
            self._arrays[level][region] = values
            for file in files:  # what is remembered is there
                flush(file)
            key, size = _key(level, region), self._size(level, region)
            self._finished[key] = size
            patiently(partial(self._remember, f"{key} {size}\n"))

    def _remember(self, line: str) -> None:
        with (self._folder / FINISHED).open("a", encoding="ascii") as stream:
            stream.write(line)

    def coarser_levels(self) -> Iterator[None]:
        """Make the coarser levels from the first, which must be complete; yields at each region."""
        reduce = every_second if self._image.labels else halved
        for level in range(1, len(self.plan.shapes)):
            finer, shape = self._pixels[level - 1], self.plan.shapes[level - 1]
            for region in self.plan.regions(level):
                if not self.is_finished(region, level):
                    self.write(region, coarser(finer, region, shape, reduce), level)
                yield

    def _size(self, level: int, region: Region) -> int:
        files = self._pixels[level].files_of(region)
        return sum(file.stat().st_size for file in files if file.is_file())

    def missing_labels(self, names: Sequence[str]) -> list[tuple[int, Path]]:
        """Make the group of labels of the image; numbers of those that are not there, and where.

        Parameters
        ----------
        names : sequence of str
            Of the labels, changed where a disk would not take them; without any no group is made.

        Returns
        -------
        list of (int, Path)
            Where each is to be written, as a result of its own.
        """
        around, own = self._folder / LABELS, fitting_names(names)
        if own and not is_marked(around):
            new = self.plan.version == "0.5"
            said: dict[str, Any] = {LABELS: own}
            said = {"ome": {"version": self.plan.version, **said}} if new else said
            create_group(around, new, said)
        places = enumerate(around / name for name in own)
        return [(number, place) for number, place in places if not place.exists()]

    def lay_beside(self, xml: bytes) -> None:
        """Lay OME-XML beside the pixels; empty is none."""
        with _named(self.path):
            lay_beside(self._folder, xml, self.plan.version)

    # --- the temporary folder -----------------------------------------------------------------

    def _check_whole(self) -> None:
        """Check before it gets its name that all is there still; the rest is done when resumed."""
        with _named(self.path):
            if not self._is_described() or any(each.missing() for each in self._pixels):
                raise self._unfinished.vanished()
            for left_over in self._folder.rglob("*.partial"):
                remove_file(left_over)

    def _is_described(self) -> bool:
        return all(map(is_marked, (self._folder, *(each.folder for each in self._pixels))))

    def _read_finished(self) -> dict[str, int]:
        try:
            text = patiently(partial((self._folder / FINISHED).read_text, "ascii"))
        except (OSError, UnicodeDecodeError):
            return {}
        lines = (line for line in text.splitlines(keepends=True) if line.endswith("\n"))
        pairs = [line.rstrip("\n").rpartition(" ") for line in lines]
        return {key: int(size) for key, _, size in pairs if size.isdecimal()}


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say of which result a disk is full, and let no other chunks be written behind our back."""
    try:
        with named(path):
            yield
    except (KeyboardInterrupt, OSError):
        end_tasks()
        raise


def _key(level: int, region: Region) -> str:
    return f"{level}/" + ".".join(str(part.start) for part in region)


def _check_room(path: Path, needed: int) -> None:
    """Refuse what cannot fit, however well it is compressed."""
    free = free_on_disk(path.parent)
    if needed // COMPRESSED > free:
        problem = (
            f"found {bytes_text(free)} free on the disk, and the pixels are {bytes_text(needed)}"
        )
        raise OSError(errno.ENOSPC, f"{problem}; make room or write elsewhere", str(path))
