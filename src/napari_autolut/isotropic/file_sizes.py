"""Distances of a file's slices and pixels: those that are needed, and those of the result.

Belongs here: what follows from what a file says and what the user says. Layers are ``layer.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from napari_autolut.io import ImageFile
from napari_autolut.isotropic.sampling import Spacing

NO_SIZE = "no pixel size is known: the result's are cubes of the source's pixels in the plane"
"""What is said of a result without sizes."""


def spacing_of(image: ImageFile, given: Spacing | None) -> Spacing:
    """The distances that are given, else those of the file.

    Raises
    ------
    ValueError
        If there are none.
    """
    if given is not None:
        return given
    missing = [axis for axis in "ZYX" if axis not in image.pixel_size]
    if missing:
        raise ValueError(
            f"found no pixel size along {' and '.join(missing)}, expected the distances of slices, "
            'rows and columns; give them, as with --spacing "0.5,0.1,0.1"'
        )
    return tuple(image.pixel_size[axis] for axis in "ZYX")


def isotropic_sizes(image: ImageFile, factor: float, given: Spacing | None) -> dict[str, float]:
    """Sizes of a stack's pixels, in the proportions that it is taken to have.

    What the file lacks follows from what it has; where that is nothing, distances are as they were
    given, in a unit that nobody said.

    Parameters
    ----------
    image : ImageFile
        The stack.
    factor : float
        Distance of slices over that of pixels in the plane.
    given : tuple of float or float, optional
        What the user says.

    Returns
    -------
    dict of str to float
        By axis; none along space where nothing is known.
    """
    sizes = dict(image.pixel_size)
    if not {"Z", "Y", "X"} & set(sizes) and isinstance(given, Sequence):
        return sizes | {axis: float(size) for axis, size in zip("ZYX", given, strict=True)}
    in_plane = sizes.get("X") or sizes.get("Y") or sizes.get("Z", 0.0) / factor
    if not in_plane:
        return sizes
    sizes = {"Y": in_plane, "X": in_plane} | sizes
    return sizes | {"Z": sizes["X"] * factor}
