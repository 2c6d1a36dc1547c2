"""Writing an image that is in memory as OME-Zarr.

Belongs here: the whole image at once. What is computed region by region goes to ``result.py``.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from napari_autolut.io.image_file import ImageFile
from napari_autolut.io.zarr.result import ZarrResult


def write_zarr(
    path: Path, image: ImageFile, *, version: str = "0.5", overwrite: bool = False
) -> None:
    """Write an image that is in memory, with its coarser levels.

    Parameters
    ----------
    path : pathlib.Path
        The folder to make.
    image : ImageFile
        The image.
    version : {"0.5", "0.4"}, default "0.5"
        Of OME-Zarr.
    overwrite : bool, default False
        Replace a Zarr of that name.

    Raises
    ------
    ImageFileError, FileExistsError, OSError
        As :class:`ZarrResult`.
    """
    axes = image.axes.replace("S", "C") if image.rgb else image.axes
    with ZarrResult(path, image, {"in memory": os.getpid()}, version=version,
                    overwrite=overwrite) as result:  # fmt: skip
        order = [axes.index(axis) for axis in result.plan.axes]
        data = np.asarray(image.data).transpose(order)
        for region in result.plan.regions(0):
            result.write(region, data[region])
        for _ in result.coarser_levels():
            pass
