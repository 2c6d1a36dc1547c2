"""A layer of napari as a stack, and the layer that its result is.

Belongs here: spacing in one unit, the result's place in the world, and a preview of one row. What
is computed is ``plan.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import Progress, is_dask
from napari_autolut.engine.threads import thread_count
from napari_autolut.isotropic.blur import EITHER, PSF
from napari_autolut.isotropic.plan import IsotropicPlan, Tables, plan_steps
from napari_autolut.isotropic.record import record_of
from napari_autolut.isotropic.sampling import Sampling, sampling_of
from napari_autolut.isotropic.stack import Stack, stack_of
from napari_autolut.isotropic.table import cubic_table
from napari_autolut.layers import (
    METADATA_KEY,
    NOT_TAKEN_OVER,
    LayerData,
    UnsupportedLayerError,
    layer_array,
    layer_id,
    memory_for,
    pixel_sizes,
    placement,
    require_image,
    unit_ratio,
)
from napari_autolut.util.boxes import Box

if TYPE_CHECKING:
    from napari.layers import Layer


SQUARE = 0.01
"""How far from 1 the ratio of a pixel's sides may be."""


class RowPreview(NamedTuple):
    """An xz slice, (slices, columns) or with colours behind: interpolated, and by the table."""

    cubic: NDArray[Any]
    result: NDArray[Any]


@dataclass(frozen=True)
class LayerStack:
    """What is taken of a layer at one moment; all else is done without it, in another thread.

    Parameters
    ----------
    stack : Stack
        Its pixels, those of level 0.
    factor : float
        Distance of slices in pixels of the plane.
    state : mapping
        The layer's own description.
    rgb : bool
        Whether there are colours.
    source_id : str
        The layer's own number.
    """

    stack: Stack
    factor: float
    state: Mapping[str, Any]
    rgb: bool
    source_id: str

    @classmethod
    def of(
        cls, layer: Layer | None, *, z_axis: int | None = None, factor: float | None = None
    ) -> LayerStack:
        """Take a layer.

        Parameters
        ----------
        layer : napari.layers.Layer, optional
            An image with slices.
        z_axis : int, optional
            The axis of slices; by default the one before rows and columns.
        factor : float, optional
            Distance of slices in pixels of the plane; by default as the layer's scale says.

        Raises
        ------
        UnsupportedLayerError
            If it is no image of real numbers, or has no slices.
        ValueError
            If the axes do not fit, or pixels are not square.
        """
        image = require_image(layer, "make isotropic")
        if image.ndim < 3:
            raise UnsupportedLayerError(
                f"{image.name!r} is one plane; select a stack of slices to make isotropic."
            )
        array = layer_array(image.data[0] if image.multiscale else image.data)
        if not is_dask(array):
            array = np.asarray(array)
        stack = stack_of(array, z_axis, None, rgb=bool(image.rgb))
        state = dict(image.as_layer_data_tuple()[1])
        _check_square(state, *stack.axes[1:])
        found = layer_factor(state, stack.axes) if factor is None else factor
        return cls(stack, found, state, bool(image.rgb), layer_id(image))

    @property
    def sampling(self) -> Sampling:
        """Slices before and after.

        Raises
        ------
        ValueError
            If nothing is missing along z.
        """
        return sampling_of(int(self.stack.array.shape[-3]), self.factor)

    @property
    def result_nbytes(self) -> int:
        """Size of the result in memory."""
        array = self.stack.array
        shape = (*array.shape[:-3], self.sampling.result_slices, *array.shape[-2:])
        return int(math.prod(shape)) * int(np.dtype(array.dtype).itemsize)

    @property
    def lazy(self) -> bool:
        """Whether the result is computed when it is looked at: a lazy or a very large one."""
        return is_dask(self.stack.array) or not memory_for(self.result_nbytes).comfortable

    def plan_steps(
        self, psf: PSF = EITHER, table: Tables = None
    ) -> Generator[Progress, None, IsotropicPlan]:
        """Learn what is done, or take it from a table; as :func:`~.plan.plan_steps`."""
        return plan_steps(self.stack, self.factor, psf, table=table)

    def result_steps(self, plan: IsotropicPlan) -> Generator[Progress, None, LayerData]:
        """Compute the result; a lazy one has no steps."""
        data = self._lazily(plan) if self.lazy else (yield from plan.steps())
        return self._layer_data(data, plan)

    def _lazily(self, plan: IsotropicPlan) -> Any:
        from napari_autolut.layers.lazy_result import LazyResult  # loads dask

        return LazyResult.of(plan.lazily(), plan.stack.back(plan.stack.array))

    def preview(self, plan: IsotropicPlan, row: int, leading: tuple[int, ...] = ()) -> RowPreview:
        """Compute one row in all slices.

        Parameters
        ----------
        plan : IsotropicPlan
            What is done.
        row : int
            Number of the row.
        leading : tuple of int, optional
            Which volume, colours not counted; by default the first.
        """
        shape = tuple(self.stack.array.shape)
        box = Box(row, row + 1, 0, shape[-1])
        cubic = replace(plan, interpolations=tuple(
            replace(each, table=cubic_table(each.table.factor)) for each in plan.interpolations
        ))  # fmt: skip
        others = len(shape) - 3 - self.rgb
        at = (*leading, *(0,) * others)[:others]
        found = []
        for each in (cubic, plan):
            volumes = [v for v in each.stack.volumes if v[:others] == at]
            slab = each.interpolations[0].slab(box, shape[-2:], np.dtype(self.stack.array.dtype))
            rows = [each.compute(volume, slab, thread_count())[:, 0] for volume in volumes]
            found.append(np.stack(rows, axis=-1) if self.rgb else rows[0])
        return RowPreview(*found)

    def _layer_data(self, data: Any, plan: IsotropicPlan) -> LayerData:
        made = {
            "operation": "isotropic",
            "source": self.state["name"],
            "source_id": self.source_id,
            "factor": self.factor,
            "tables": record_of(plan),
            "version": version("napari-autolut"),
        }
        meta = {
            **self.look(self.state),
            "metadata": {**self.state["metadata"], METADATA_KEY: made},
            "multiscale": False,
            "visible": True,
        }
        return data, meta, "image"

    def outdated(self, layer: Any) -> str:
        """Say that slices of the layer are another distance apart by now; empty where they are not.

        A distance that was set by hand does not go by the layer's scale.
        """
        z, y, x = self.stack.axes
        if self._set_by_hand:
            return ""
        now = layer.as_layer_data_tuple()[1]
        distance = _spacing(now, z, x)
        if math.isclose(self.factor, distance) and abs(_spacing(now, y, x) - 1) <= SQUARE:
            return ""
        return (
            f"The pixel sizes of {layer.name!r} were changed during the run: slices are "
            f"{distance:.4g} px apart now, and the result is for {self.factor:.4g} px. Run again."
        )

    @property
    def _set_by_hand(self) -> bool:
        z, _, x = self.stack.axes
        alike = _alike(self.state.get("units"), z, x)
        return not (alike and math.isclose(self.factor, _spacing(self.state, z, x)))

    def look(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Give name, place and appearance of the result where the layer is described so."""
        ndim, (z, _, x) = len(state["scale"]), self.stack.axes
        scale, factor = np.array(state["scale"], np.float64), np.ones(ndim)
        factor[z] = self.sampling.exact_factor
        if self._set_by_hand:
            scale[z] *= self.factor / _spacing(state, z, x)
        spaced = {**state, "scale": scale}
        if not _alike(state.get("units"), z, x):  # the distance is one of pixels
            units = list(state["units"])
            units[z] = units[x]
            spaced["units"] = tuple(units)
        placed = placement(spaced, start=np.zeros(ndim), factor=factor)
        look = {**spaced, **placed, "name": f"{state['name']} (isotropic)"}
        return {key: look[key] for key in look if key not in NOT_TAKEN_OVER}


def layer_factor(state: Mapping[str, Any], axes: tuple[int, int, int]) -> float:
    """Distance of slices in pixels of the plane, whatever units the axes have.

    Parameters
    ----------
    state : mapping
        The layer's own description.
    axes : tuple of int
        Slices, rows and columns.

    Raises
    ------
    ValueError
        If the units of slices and pixels cannot be compared.
    """
    z, _, x = axes
    units: Any = state.get("units")
    if not _alike(units, z, x):
        raise ValueError(
            f"spacing: found slices in {units[z]} and pixels in {units[x]}, expected "
            "units of one kind; set those of the layer, or say how far apart slices are"
        )
    return _spacing(state, z, x)


def _check_square(state: Mapping[str, Any], y: int, x: int) -> None:
    height = _spacing(state, y, x)
    if abs(height - 1) > SQUARE:
        width = pixel_sizes(state)[x]
        raise ValueError(
            f"spacing: found pixels of {height * width:g} x {width:g} in the plane, expected "
            "square ones"
        )


def _spacing(state: Mapping[str, Any], own: int, other: int) -> float:
    """How many pixels of another axis one of an axis makes, in a layer that is described so."""
    units, sizes = state.get("units"), pixel_sizes(state)
    ratio = 1.0 if units is None else unit_ratio(units[own], units[other])
    return float(sizes[own] * ratio / sizes[other])


def _alike(units: Any, own: int, other: int) -> bool:
    """Whether units of two axes measure the same."""
    return units is None or bool(units[own].dimensionality == units[other].dimensionality)
