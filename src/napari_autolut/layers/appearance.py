"""Where a shown layer lies and what it looks like, in napari's names, for another one to take over.

Belongs here: the names, and taking over what they stand for. What follows from a place is
``geometry.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Layer

PLACE = ("rotate", "shear", "affine", "units", "axis_labels")
"""Besides pixel size and origin, which differ between an image and its result."""

COLOURS = ("colormap", "contrast_limits", "gamma")
"""What values of grey images are shown as."""


def take_over(layer: Layer, other: Layer, attributes: Iterable[str]) -> None:
    """Give a layer what another one has; what is the same already is left, else it is drawn anew.

    Parameters
    ----------
    layer, other : napari.layers.Layer
        Of the same kind, with as many axes.
    attributes : iterable of str
        Their names; which napari does not have are left out.
    """
    for attribute in attributes:
        value = getattr(other, attribute, None)
        if not np.array_equal(np.asarray(value), np.asarray(getattr(layer, attribute, None))):
            setattr(layer, attribute, value)
