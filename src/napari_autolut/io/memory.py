"""Whether an image fits into memory, asked before it is decoded.

Belongs here: the question and its sentence. What a format may declare is checked by its reader.
"""

from __future__ import annotations

from pathlib import Path

import psutil

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.util.sizes import bytes_text


def check_memory(
    path: Path,
    nbytes: float,
    what: str = "its pixels need",
    remedy: str = "use a machine with more, or crop it",
) -> None:
    """Check that so many bytes are free.

    Parameters
    ----------
    path : pathlib.Path
        The file, for the message.
    nbytes : float
        What its pixels need, decoded.
    what, remedy : str, optional
        What needs them, and what to do about it, for the message.

    Raises
    ------
    ImageFileError
        If they are not.
    """
    free = psutil.virtual_memory().available
    if nbytes > free:
        sizes = f"{bytes_text(nbytes)} of memory, and {bytes_text(free)} are free"
        raise ImageFileError(path, f"{what} {sizes}; {remedy}")
