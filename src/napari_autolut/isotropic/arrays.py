"""Isotropic stacks of numpy and dask arrays: the public functions.

Belongs here: their options and what they say. What is done is ``plan.py``; layers of napari are
``layer.py``, files ``files.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from numpy.typing import ArrayLike, NDArray

from napari_autolut.arrays import ValueRange, finish, is_dask
from napari_autolut.arrays.value_range import warn_of_rounding
from napari_autolut.isotropic.blur import EITHER, PSF
from napari_autolut.isotropic.plan import IsotropicPlan, Tables, plan_steps
from napari_autolut.isotropic.sampling import Spacing
from napari_autolut.isotropic.stack import stack_of
from napari_autolut.isotropic.table import AxialTable
from napari_autolut.util.warning import warn

if TYPE_CHECKING:
    import dask.array as da


class IsotropicWarning(UserWarning):
    """Where a stack is no more than interpolated, or the result may be worse than that."""


@overload
def make_isotropic(
    stack: da.Array,
    spacing: Spacing,
    psf: PSF = EITHER,
    *,
    table: Tables = None,
    z_axis: int | None = None,
    channel_axis: int | None = None,
    rgb: bool = False,
    value_range: ValueRange = None,
) -> da.Array: ...


@overload
def make_isotropic(
    stack: ArrayLike,
    spacing: Spacing,
    psf: PSF = EITHER,
    *,
    table: Tables = None,
    z_axis: int | None = None,
    channel_axis: int | None = None,
    rgb: bool = False,
    value_range: ValueRange = None,
) -> NDArray[Any]: ...


def make_isotropic(
    stack: Any,
    spacing: Spacing,
    psf: PSF = EITHER,
    *,
    table: Tables = None,
    z_axis: int | None = None,
    channel_axis: int | None = None,
    rgb: bool = False,
    value_range: ValueRange = None,
) -> Any:
    """Fill in the slices that a stack lacks, with a table that is learned on its own slices.

    Slices are blurred and thinned along rows and columns as the stack is along z, and a table
    learns to undo that. It is applied along z in the xz and in the yz planes; the mean of both is
    taken.

    Parameters
    ----------
    stack : array_like, shape (..., Z, H, W) or, with ``rgb``, (..., Z, H, W, 3 or 4)
        Numpy or dask array of integers or floats; at least 2 slices.
    spacing : tuple of float (z, y, x) or float
        Distances of pixels in any one unit, or the distance of slices in pixels of the plane.
        Slices are further apart than pixels, and pixels are square.
    psf : "either", "area", "planes", "auto", float or ("gaussian", float), default "either"
        How a slice comes of finer ones. "area": it is their mean, and is sharpened. "planes": it is
        one of them, and nothing is sharpened. "either": not known, so that the result is to be no
        worse than cubic interpolation whichever it is. A number: they were blurred by a Gaussian
        of so many pixels of the plane (standard deviation) and then thinned. "auto": as "either",
        unless the stack looks as after a Gaussian of at least 1.2 distances of slices; the table
        says which one it looks like.
    table : str, path, AxialTable or sequence of AxialTable, optional
        A table learned before, as of another stack of the same microscope; nothing is learned then,
        and ``psf`` does not count.
    z_axis, channel_axis : int, optional
        The axis of slices, by default the third from last; and one of channels, each with a table
        of its own. All other axes are looped over.
    rgb : bool, default False
        Whether the last axis holds 3 or 4 colours.
    value_range : "auto", "dtype" or tuple of float, optional
        As for :func:`~napari_autolut.upscale`; values outside are interpolated.

    Returns
    -------
    ndarray or dask array
        Of the same dtype, with ``round(Z * z / x)`` slices. They reach exactly as far in the world
        as those of ``stack``: they are ``Z * z / slices`` apart. Lazy for dask, of which a sample
        is read to learn from.

    Raises
    ------
    TypeError
        For bool, complex, object and text arrays: labels cannot be interpolated.
    ValueError
        If the spacing says that nothing is missing along z, or something does not fit.
    ModelFileError
        If ``table`` is no valid file of tables.

    Warns
    -----
    IsotropicWarning
        Where cubic interpolation is used, since a table cannot be learned or is no better, and
        where the result may be worse than that.
    IntensityWarning
        If integers are beyond 2**53.

    Notes
    -----
    Learning from a stack's own slices: Weigert et al., MICCAI 2017. Filters for each structure,
    from normal equations: Romano, Isidoro and Milanfar, IEEE Trans. Computational Imaging 3(1),
    2017.

    Examples
    --------
    >>> import numpy as np
    >>> z, y, x = np.mgrid[:12, :48, :48]
    >>> stack = np.uint8(127 + 100 * np.sin(x / 4 + z) * np.cos(y / 3))
    >>> make_isotropic(stack, spacing=(0.4, 0.1, 0.1)).shape
    (48, 48, 48)
    """
    source = stack_of(stack, z_axis, channel_axis, rgb=rgb)
    plan = finish(plan_steps(source, spacing, psf, table=table, value_range=value_range))
    warn_of_tables(plan)
    for each in plan.interpolations:
        warn_of_rounding(source.array.dtype, each.limits)
    return plan.lazily() if is_dask(source.array) else finish(plan.steps())


def learn_axial_tables(
    stack: Any,
    spacing: Spacing,
    psf: PSF = EITHER,
    *,
    z_axis: int | None = None,
    channel_axis: int | None = None,
    rgb: bool = False,
    value_range: ValueRange = None,
) -> tuple[AxialTable, ...]:
    """Learn what :func:`make_isotropic` would, and keep it: a table for each channel.

    Parameters
    ----------
    stack : array_like
        As for :func:`make_isotropic`, and so are all other options.
    spacing : tuple of float (z, y, x) or float
        Distances of pixels.
    psf : "either", "area", "planes", "auto", float or ("gaussian", float), default "either"
        How a slice comes of finer ones.
    z_axis, channel_axis : int, optional
        The axis of slices, and one of channels.
    rgb : bool, default False
        Whether the last axis holds colours.
    value_range : "auto", "dtype" or tuple of float, optional
        Intensities of the levels 0 and 255.

    Returns
    -------
    tuple of AxialTable
        For ``table=``, and for :func:`save_axial_tables`.
    """
    source = stack_of(stack, z_axis, channel_axis, rgb=rgb)
    return finish(plan_steps(source, spacing, psf, value_range=value_range)).tables


def warn_of_tables(plan: IsotropicPlan) -> None:
    """Say where no more than cubic interpolation is used, and where the result may be worse."""
    for note in dict.fromkeys(each.note for each in plan.tables if each.note):
        text = f"slices are filled in by cubic interpolation: {note}"
        warn(text, IsotropicWarning)
    doubts = [f"{each.blur}: {each.remark}" for each in plan.tables if each.doubtful]
    for text in dict.fromkeys(doubts):
        warn(text, IsotropicWarning)
