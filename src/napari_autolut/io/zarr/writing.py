"""Writing images that are in memory as OME-Zarr.

Belongs here: the whole of each at once. What is computed region by region goes to ``result.py``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from napari_autolut.io.image_file import ImageFile
from napari_autolut.io.zarr.collection import ZarrCollection, groups_of_series, numbered
from napari_autolut.io.zarr.microscope import beside_images
from napari_autolut.io.zarr.result import ZarrResult


def write_zarr(
    path: Path,
    images: ImageFile | Sequence[ImageFile],
    *,
    version: str = "0.5",
    overwrite: bool = False,
) -> None:
    """Write images that are in memory, with their coarser levels.

    Parameters
    ----------
    path : pathlib.Path
        The folder to make.
    images : ImageFile or sequence of ImageFile
        The image, or several, which lie in groups 0, 1, 2, ....
    version : {"0.5", "0.4"}, default "0.5"
        Of OME-Zarr.
    overwrite : bool, default False
        Replace a Zarr of that name.

    Raises
    ------
    ImageFileError, FileExistsError, OSError
        As :class:`ZarrResult`.
    """
    several = [images] if isinstance(images, ImageFile) else list(images)
    xml = beside_images(several)
    if len(several) == 1:
        _write(path, several[0], version, overwrite, xml)
        return
    names = numbered(len(several))
    groups, made = groups_of_series(names), {"in memory": os.getpid()}
    with ZarrCollection(path, names, groups, made, version=version,
                        overwrite=overwrite, xml=xml) as collection:  # fmt: skip
        for number, place in collection.missing():
            _write(place, several[number], version, overwrite=False)


def _write(path: Path, image: ImageFile, version: str, overwrite: bool, xml: bytes = b"") -> None:
    axes = image.axes.replace("S", "C") if image.rgb else image.axes
    with ZarrResult(path, image, {"in memory": os.getpid()}, version=version,
                    overwrite=overwrite) as result:  # fmt: skip
        result.lay_beside(xml)
        order = [axes.index(axis) for axis in result.plan.axes]
        for region in result.plan.regions(0):
            here = tuple(region[result.plan.axes.index(axis)] for axis in axes)
            result.write(region, np.asarray(image.data[here]).transpose(order))
        for _ in result.coarser_levels():
            pass
