"""An image of a file that another package reads, before its pixels are read.

Belongs here: the type that all such readers give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from napari_autolut.io.image_file import ImageFile

RESCALED = "the factor and offset that make its values physical"
"""Of DICOM and NIfTI, whose values are those stored."""


@dataclass(frozen=True)
class Scene:
    """One image.

    Parameters
    ----------
    lengths : mapping of str to int
        Length of each axis.
    dtype : numpy.dtype
        Of its pixels.
    name : str
        What the file calls it.
    load : callable
        Gives the image, with pixels in memory or read where they are indexed.
    """

    lengths: Mapping[str, int]
    dtype: np.dtype[Any]
    name: str
    load: Callable[[], ImageFile]
