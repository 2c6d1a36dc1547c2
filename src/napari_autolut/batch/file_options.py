"""How files are read and written, whatever is done to their images: options of every file's work.

Belongs here: these options as data. What they do is in the modules that take them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileOptions:
    """Which image of a file is wanted, and how its result is written.

    Parameters
    ----------
    series : int, optional
        The one image of a file with several that is wanted; by default all but thumbnails, labels
        and overviews, as series of one TIFF.
    zarr_version : {"0.5", "0.4"}, default "0.5"
        Of OME-Zarr, where the result is one. It is written region by region, and what was killed
        is resumed where it was.
    overwrite : bool, default False
        Replace a result that exists.
    """

    series: int | None = None
    zarr_version: str = "0.5"
    overwrite: bool = False


NEW_FILES = FileOptions()
"""All images of a file, into one that does not exist yet."""
