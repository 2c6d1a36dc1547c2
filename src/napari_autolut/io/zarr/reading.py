"""Reading OME-Zarr: which image of a folder is meant, its pixels and what is said of it.

Belongs here: from a folder to an ``ImageFile``. Which folders are images is ``groups.py``, one
array's pixels are ``pixels.py``, the meaning of the JSON is ``layout.py``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import psutil
from numpy.typing import NDArray

from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.io.provenance import History, history_from_json
from napari_autolut.io.series import SeriesInfo, chosen_series
from napari_autolut.io.zarr.completeness import check_complete
from napari_autolut.io.zarr.describing import LABELS_KEY, OWN_KEY
from napari_autolut.io.zarr.early import as_in_arrays, in_order, in_words_of_today
from napari_autolut.io.zarr.folder import inside
from napari_autolut.io.zarr.groups import (
    images_of,
    is_listed_as_labels,
    said_of,
    series_names,
)
from napari_autolut.io.zarr.layout import Layout, parsed
from napari_autolut.io.zarr.level_order import CONTRADICTION, largest_first, levels_agree
from napari_autolut.io.zarr.microscope import Microscope, folder_with_xml
from napari_autolut.io.zarr.pixels import ZarrPixels
from napari_autolut.io.zarr.transforms import says_sizes
from napari_autolut.util.sizes import bytes_text
from napari_autolut.util.text import counted, first_names

UNNAMED = {2: "YX", 3: "ZYX", 4: "CZYX", 5: "TCZYX"}
"""Axes of arrays about which nothing is said; of colours it is the last one."""

NAMED = {"t": "T", "time": "T", "c": "C", "channel": "C", "z": "Z", "plane": "Z", "y": "Y",
         "row": "Y", "x": "X", "col": "X", "column": "X"}  # fmt: skip
"""Letters of axes that an array itself names, as xarray and scikit-image do."""

COLOUR_COUNTS = (3, 4)
"""Red, green, blue, and alpha where it is there."""


@dataclass(frozen=True)
class ZarrImage:
    """An image of a Zarr folder.

    Parameters
    ----------
    folder : pathlib.Path
        Of its group, or of its array where there is no group.
    layout : Layout
        What is said of it.
    levels : tuple of ZarrPixels
        Largest first; at least one.
    history : tuple of ProcessingStep
        What was done to it.
    remarks : tuple of str
        What there is to say of its pixels.
    labels : mapping of str to object, optional
        What is said of its values where they are numbers of things, such as their colours.
    """

    folder: Path
    layout: Layout
    levels: tuple[ZarrPixels, ...]
    history: History = ()
    remarks: tuple[str, ...] = ()
    labels: Mapping[str, Any] | None = None

    def with_data(self, data: Any) -> ImageFile:
        """What is said of the image, with its pixels in memory or on disk."""
        layout = self.layout
        return ImageFile(
            cast("NDArray[Any]", data),
            layout.axes,
            layout.pixel_size,
            layout.unit,
            origin=layout.origin,
            channels=layout.channels,
            history=self.history,
            not_kept=layout.not_kept,
            remarks=self.remarks,
            labels=self.labels is not None,
            metadata={LABELS_KEY: self.labels} if self.labels else {},
            name=layout.name,
        )


def read_zarr(
    path: Path, *, series: int | None = None, memmap_above: float = math.inf
) -> ImageFile:
    """Read the largest level of an OME-Zarr image, or a Zarr array.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    series : int, optional
        Which image of several, as :class:`OpenZarr` numbers them; by default the first.
    memmap_above : float, default math.inf
        Pixels beyond this many bytes stay on disk: the data then read what is indexed.

    Returns
    -------
    ImageFile
        The image.

    Raises
    ------
    ImageFileError
        If it is no Zarr that can be read, not complete, or too large for the memory.
    MissingDependencyError
        If zarr or yaozarrs is not installed.
    """
    return OpenZarr(path).read(series, memmap_above)


class OpenZarr:
    """A Zarr folder whose images are found once, and read one by one; errors as `read_zarr`.

    Parameters
    ----------
    path : pathlib.Path
        The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        folders, lost = images_of(path)
        self._images: list[ZarrImage] = []
        for folder in folders:
            try:
                self._images.append(_opened(folder))
            except ImageFileError as error:
                lost[folder] = error
        if not self._images:
            raise next(iter(lost.values()))
        names = sorted(each.relative_to(path).as_posix() for each in lost)
        self.lost = f"left out, not there or damaged: {first_names(names)}" if names else ""
        self.series = tuple(_info(n, each, path) for n, each in enumerate(self._images))

    def read(self, series: int | None = None, memmap_above: float = math.inf) -> ImageFile:
        """Read an image by its number, by default the first."""
        (chosen, *_) = chosen_series(self.path, self.series, series)
        image = _read(self.path, self._images[chosen.index], memmap_above)
        return self._microscope.described(image, self._images[chosen.index].folder.absolute())

    @cached_property
    def _microscope(self) -> Microscope:
        around = folder_with_xml(self.path)
        images = {
            each.folder.absolute(): (each.levels[0].shape, each.layout) for each in self._images
        }
        in_order = [around / name for name in series_names(around)]
        return Microscope(around, [around] if around in images else in_order, images)


def _read(path: Path, image: ZarrImage, memmap_above: float) -> ImageFile:
    pixels, *coarser = image.levels
    words = check_complete(pixels, coarser)
    if words:
        image = replace(image, remarks=(*image.remarks, words))
    if pixels.nbytes > memmap_above:
        return image.with_data(pixels)
    free = int(psutil.virtual_memory().available)
    if pixels.nbytes >= free:
        problem = f"holds {bytes_text(pixels.nbytes)}, and {bytes_text(free)} of memory are free"
        raise ImageFileError(path, f"{problem}; write the result as .zarr, from disk to disk")
    return image.with_data(pixels[...])


def _info(index: int, image: ZarrImage, path: Path) -> SeriesInfo:
    pixels = image.levels[0]
    lengths = dict(zip(image.layout.axes, pixels.shape, strict=True))
    name = "" if image.folder == path else image.folder.relative_to(path).as_posix()
    return SeriesInfo(index, lengths, pixels.dtype, name)


def open_zarr(path: Path) -> ZarrImage:
    """Open the first image of a Zarr folder without reading pixels; errors as `read_zarr`."""
    return _opened(images_of(path).folders[0])


def _opened(path: Path) -> ZarrImage:
    """Open the image of a group or array."""
    ome, version, said = said_of(path)
    if "multiscales" in ome:
        return replace(_image(path, ome, version), history=_history(said))
    return _array(path)


def _image(path: Path, ome: dict[str, Any], version: int) -> ZarrImage:
    ordered = largest_first(path, ome)
    today, order = in_order(in_words_of_today(path, ordered, version))
    layout = as_in_arrays(parsed(path, today, version), order)
    first = ordered["multiscales"][0]
    if not says_sizes(first, first["datasets"]):  # the levels' sizes among one another are no sizes
        layout = replace(layout, pixel_size={})
    levels = tuple(ZarrPixels(inside(path, name)) for name in layout.levels)
    for name, level in zip(layout.levels, levels, strict=True):
        if level.ndim != len(layout.axes):
            problem = f"found {counted(level.ndim, 'axis', 'axes')} in the array {name}, expected"
            advice = "as its description names; copy it again"
            raise ImageFileError(path, f"{problem} {len(layout.axes)}, {advice}")
    said = ome.get(LABELS_KEY, {} if is_listed_as_labels(path) else None)
    labels = said if isinstance(said, dict) or said is None else {}
    agree = levels_agree(layout, levels)
    remarks = layout.remarks if agree else (*layout.remarks, CONTRADICTION)
    return ZarrImage(path, layout, levels, remarks=remarks, labels=labels)


def _history(said: dict[str, Any]) -> History:
    own = said.get(OWN_KEY)
    return history_from_json(json.dumps(own.get("history"))) if isinstance(own, dict) else ()


def _array(path: Path) -> ZarrImage:
    """An array without any description."""
    pixels = ZarrPixels(path)
    if pixels.ndim not in UNNAMED:
        raise ImageFileError(
            path, f"found an array of {counted(pixels.ndim, 'axis', 'axes')}, expected 2 to 5"
        )
    layout = Layout(_axes_of_array(pixels), {}, {}, None, (), ("",))
    return ZarrImage(path, layout, (pixels,))


def _axes_of_array(pixels: ZarrPixels) -> str:
    """Axes as an array names them; else as everywhere: three or four at the end are colours."""
    names = [name.lower().removesuffix("s") for name in pixels.axis_names]
    letters = "".join(NAMED.get(name, "?") for name in names)
    is_rgb = pixels.ndim > 2 and pixels.shape[-1] in COLOUR_COUNTS
    if "?" not in letters and {"Y", "X"} <= set(letters) and len(set(letters)) == pixels.ndim:
        return f"{letters[:-1]}S" if is_rgb and letters.endswith("C") else letters
    return f"{UNNAMED[pixels.ndim - 1]}S" if is_rgb else UNNAMED[pixels.ndim]
