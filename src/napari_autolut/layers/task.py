"""A layer's task: what is taken from it at one moment to upscale it, and the layer that results.

Belongs here: which layers are refused, what is taken from one, and what its result inherits. Values
come from ``arrays``, places from ``geometry.py``; adding results to a viewer is ``upscaling.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut.arrays import Axes, Progress, Range, Task, check_image, resolve_range, run
from napari_autolut.engine import plane_engine
from napari_autolut.engine.threads import limits as machine_limits
from napari_autolut.layers.geometry import placement
from napari_autolut.layers.placing import layer_id
from napari_autolut.layers.provenance import METADATA_KEY, LayerData, Provenance
from napari_autolut.layers.pyramid import PYRAMID_SIDE, coarser_levels, in_chunks
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import tile_count

if TYPE_CHECKING:
    from napari.layers import Layer

ValueRange = str | tuple[float, float] | None


class UnsupportedLayerError(TypeError):
    """A layer that cannot be upscaled: what it is, and what to do instead, in one sentence."""


@dataclass(frozen=True)
class LayerTask:
    """All that is needed to upscale a layer, taken from it at one moment.

    Taken in the thread of the user interface, run in another one: :meth:`steps` never touches the
    layer again.

    Parameters
    ----------
    array : array_like, shape (..., H, W) or, with ``rgb``, (..., H, W, 3 or 4)
        In memory or dask.
    rgb : bool
        Whether the last axis holds colours.
    coarser : tuple of array_like
        The levels of the source below ``array``, largest first.
    full_shape : tuple of int
        Shape of the source's level 0, to which its transform belongs.
    state : mapping
        The layer's own description, as ``Layer.as_layer_data_tuple`` gives it.
    model : LutModel
        The look-ups to do.
    value_range : str or tuple of float, optional
        What was asked for.
    spatial_axes : tuple of int
        Rows and columns, counted from the front.
    index : mapping of int to int
        Position on other axes of the one slice that is wanted; axes without one are whole.
    lazy : bool
        Whether the result is computed when it is looked at.
    source_id : str
        The layer's own number.
    """

    array: Any
    rgb: bool
    coarser: tuple[Any, ...]
    full_shape: tuple[int, ...]
    state: Mapping[str, Any]
    model: LutModel
    value_range: ValueRange
    spatial_axes: tuple[int, int]
    index: Mapping[int, int]
    lazy: bool
    source_id: str

    @classmethod
    def of(
        cls,
        layer: Layer | None,
        model: LutModel,
        *,
        value_range: ValueRange = None,
        level: int = 0,
        spatial_axes: tuple[int, int] | None = None,
        index: Mapping[int, int] | None = None,
        lazy: bool = False,
    ) -> LayerTask:
        """Take what is needed from a layer; see :func:`upscaled_layer_data` for the errors.

        ``spatial_axes`` are by default the last two that hold no colours; a lazy source gives
        a lazy result whatever ``lazy`` says. An ``index`` of a spatial axis does not count.
        """
        image = require_image(layer)
        levels = list(image.data) if image.multiscale else [image.data]
        if not 0 <= level < len(levels):
            raise ValueError(f"level: found {level}, expected 0 to {len(levels) - 1}")
        array = _as_dask_if_chunked(levels[level])
        axes = spatial_axes or (image.ndim - 2, image.ndim - 1)
        if len(set(axes)) != 2 or not set(axes) <= set(range(image.ndim)):
            raise ValueError(
                f"spatial axes: found {axes}, expected two different ones from 0 to "
                f"{image.ndim - 1}; choose two axes of {image.name!r}"
            )
        return cls(
            array=array,
            rgb=bool(image.rgb),
            coarser=tuple(levels[level + 1 :]),
            full_shape=tuple(levels[0].shape),
            state=dict(image.as_layer_data_tuple()[1]),
            model=model,
            value_range=value_range,
            spatial_axes=axes,
            index={axis: at for axis, at in (index or {}).items() if axis not in axes},
            lazy=hasattr(array, "dask") or lazy,
            source_id=layer_id(image),
        )

    @property
    def source_shape(self) -> tuple[int, ...]:
        """Shape of what is upscaled, colours included."""
        shape = self.array.shape
        return tuple(1 if axis in self.index else n for axis, n in enumerate(shape))

    @property
    def result_shape(self) -> tuple[int, ...]:
        """Shape of the result, colours included."""
        scale = self.model.scale
        return tuple(
            n * scale if axis in self.spatial_axes else n
            for axis, n in enumerate(self.source_shape)
        )

    @property
    def result_nbytes(self) -> int:
        """Size of the result in memory."""
        return math.prod(self.result_shape) * int(np.dtype(self.array.dtype).itemsize)

    @property
    def tiles(self) -> int:
        """Steps of work; none for a lazy result."""
        if self.lazy:
            return 0
        shape = self.source_shape
        rows, columns = self.spatial_axes
        planes = math.prod(shape) // (shape[rows] * shape[columns])
        return planes * tile_count((shape[rows], shape[columns]), machine_limits().tile_size)

    def sharing_limits(self, other: LayerTask | None) -> LayerTask:
        """The same, knowing the limits of another one already if they are the same."""
        if (
            other is not None
            and other.array is self.array
            and (other.value_range, other.rgb) == (self.value_range, self.rgb)
            and self.value_range != "contrast"
            and "limits" in vars(other)
        ):
            vars(self)["limits"] = other.limits
        return self

    @cached_property
    def limits(self) -> Range:
        """The range of the whole layer, which a slice or a part of it has too; may read it all."""
        shown = None
        if not self.rgb:  # an RGB layer is shown without any
            low, high = self.state["contrast_limits"]
            shown = float(low), float(high)
        whole = self.array if hasattr(self.array, "dask") else self.array[...]
        return resolve_range(whole, self.value_range, shown, rgb=self.rgb)

    @cached_property
    def task(self) -> Task:
        """What is done to the whole array, settled once."""
        check_image(self.array.shape, np.dtype(self.array.dtype))
        return Task(self.array, Axes(self.spatial_axes, self.rgb), (self.limits,), self.model)

    def steps(self, engine: str = "auto") -> Generator[Progress, None, LayerData]:
        """Yield after every tile; return the result as layer data. A lazy one has no steps."""
        source = self._cut(self.array)
        if self.lazy:
            data = self._lazily(source, engine)
        else:
            side = machine_limits().tile_size
            data = yield from run(self.task.on(source), plane_engine(engine), tile_size=side)
        return self._layer_data(self._levels(data, source, engine))

    def _cut(self, level: Any) -> Any:
        """The wanted slice of a level, with all axes."""
        cuts = [slice(None)] * len(level.shape)
        for axis, at in self.index.items():
            here = at * level.shape[axis] // self.array.shape[axis]
            cuts[axis] = slice(here, here + 1)
        return level[tuple(cuts)]

    def _lazily(self, source: Any, engine: str) -> Any:
        from napari_autolut.arrays.lazy import computed_lazily

        source = in_chunks(source, self.spatial_axes, self.rgb)
        return computed_lazily(self.task.on(source), engine)

    def _levels(self, data: Any, source: Any, engine: str) -> list[Any]:
        """The result and, where it is large, what is shown of it from afar.

        That is the source, which is coarser than the result; and where it is not, the result in
        larger steps, or the model on the source in larger steps where nothing is to be computed
        that is not looked at.
        """
        axes = self.spatial_axes
        if max(data.shape[axis] for axis in axes) <= PYRAMID_SIDE:
            return [data]
        if self.model.scale == 1 and not self.lazy:
            return [data, *coarser_levels(data, axes, PYRAMID_SIDE)]
        levels = [source, *(self._cut(level) for level in self.coarser)]
        levels += coarser_levels(levels[-1], axes, PYRAMID_SIDE)
        if self.model.scale == 1:
            levels = [self._lazily(level, engine) for level in levels[1:]]
        return [data, *levels]

    def _layer_data(self, levels: list[Any]) -> LayerData:
        state = self.state
        ndim = len(state["scale"])
        whole = [1 if axis in self.index else n for axis, n in enumerate(self.full_shape)]
        placed = placement(
            state,
            start=[self.index.get(axis, 0) for axis in range(ndim)],
            factor=np.divide(self.result_shape[:ndim], whole[:ndim]),
        )
        meta = {
            **state,
            **placed,
            "name": self._name,
            "metadata": {**state["metadata"], METADATA_KEY: self._provenance()},
            "multiscale": len(levels) > 1,
            "visible": True,
        }
        for of_the_source_alone in ("locked_data_level", "auto_contrast"):
            meta.pop(of_the_source_alone, None)
        return (levels if len(levels) > 1 else levels[0]), meta, "image"

    @property
    def _name(self) -> str:
        at = ", ".join(str(at) for _, at in sorted(self.index.items()))
        larger = f" x{self.model.scale}" if self.model.scale > 1 else ""
        return f"{self.state['name']}{f' [{at}]' if at else ''}{larger} ({self.model.name})"

    def _provenance(self) -> dict[str, Any]:
        return Provenance(
            source=self.state["name"],
            model=self.model.name,
            model_date=self.model.card.date,
            scale=self.model.scale,
            value_range=self.value_range,
            limits=(self.limits.lo, self.limits.hi),
            spatial_axes=self.spatial_axes,
            index=dict(self.index),
            lazy=self.lazy,
            source_id=self.source_id,
        ).as_metadata()


def require_image(layer: Layer | None) -> Any:
    """Refuse, with what to do instead, whatever is no image of real numbers."""
    from napari.layers import Image, Labels

    if layer is None:
        raise UnsupportedLayerError("No layer to upscale: open an image and select its layer.")
    if isinstance(layer, Labels):
        raise UnsupportedLayerError(
            f"{layer.name!r} is a Labels layer, and label numbers cannot be interpolated: it lines "
            "up with an upscaled image as it is; where its array must be larger too, enlarge it by "
            "nearest neighbour (np.repeat along rows and columns)."
        )
    if not isinstance(layer, Image):
        raise UnsupportedLayerError(
            f"{layer.name!r} is a {type(layer).__name__} layer; select an Image layer to upscale."
        )
    if np.dtype(layer.dtype).kind not in "uif":
        raise UnsupportedLayerError(
            f"{layer.name!r} holds {layer.dtype} values; convert it to integers or floats first."
        )
    return layer


def _as_dask_if_chunked(data: Any) -> Any:
    """What comes in chunks (dask, zarr, xarray) as dask; all else as it is."""
    if getattr(data, "chunks", None) is None:
        return data
    import dask.array

    return dask.array.asarray(data) if hasattr(data, "dask") else dask.array.from_array(data)
