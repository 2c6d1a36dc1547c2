"""From a napari layer to an array with axes, and from the result to a layer.

Belongs here: what is taken from a layer, which layers are refused, and everything a result layer
inherits. Where its pixels lie is computed in ``geometry.py``, its values in ``arrays.py``; what the
user presses is in ``widgets/``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_autolut._compat import share_contrast
from napari_autolut.arrays import Progress, plan, upscale_steps
from napari_autolut.catalogue import load_model
from napari_autolut.geometry import Plane, enlarged_plane, enlarged_transform
from napari_autolut.model import LutModel

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer

LayerData = tuple[Any, dict[str, Any], str]
ModelLike = str | os.PathLike[str] | LutModel
ValueRange = str | tuple[float, float] | None

METADATA_KEY = "napari_autolut"
TEXTURE_SIDE = 16384
"""Pixels along an edge that graphics cards show at once; larger results get a pyramid."""


class UnsupportedLayerError(TypeError):
    """A layer that cannot be upscaled: what it is, and what to do instead, in one sentence."""


def upscaled_layer_data(
    layer: Layer,
    model: ModelLike,
    *,
    value_range: ValueRange = None,
    level: int = 0,
    engine: str = "auto",
) -> LayerData:
    """Upscale an image layer into a layer that covers the same part of the world.

    Parameters
    ----------
    layer : napari image layer, 2-D or more, grey or RGB(A), plain, dask or multiscale
        Its last two axes (before the colours of an RGB layer) are enlarged.
    model : catalogue name, path or model
    value_range : which values the model sees as black and white
        None (chosen by data type), ``"dtype"``, ``"data"`` (its minimum and maximum),
        ``"contrast"`` (the layer's contrast limits) or (lo, hi) in the layer's own units.
    level : which level of a multiscale layer to start from
    engine : ``"auto"``, ``"fast"`` or ``"reference"``

    Returns
    -------
    (data, meta, "image")
        ``napari.layers.Layer.create(*result)`` makes the layer. A dask layer gives a lazy array. A
        result too large for one texture comes as a pyramid above the source's own levels.

    Raises
    ------
    UnsupportedLayerError
        if it is not an image layer, or its data are not real numbers
    UnknownModelError, ModelFileError
        if the model is not known or not valid
    ValueError
        if the value range does not fit
    """
    steps = upscaled_layer_steps(layer, model, value_range=value_range, level=level, engine=engine)
    while True:
        try:
            next(steps)
        except StopIteration as finished:
            result: LayerData = finished.value
            return result


def upscaled_layer_steps(
    layer: Layer,
    model: ModelLike,
    *,
    value_range: ValueRange = None,
    level: int = 0,
    engine: str = "auto",
) -> Generator[Progress, None, LayerData]:
    """Do :func:`upscaled_layer_data` in steps: yields after every tile, returns the layer data.

    Closing the generator cancels. Parameters and errors are those of :func:`upscaled_layer_data`.
    """
    upscaling = LayerUpscaling.of(layer, load_model(model), value_range=value_range, level=level)
    return (yield from upscaling.steps(engine))


def add_above(viewer: ViewerModel, source: Layer, layer_data: LayerData) -> Image:
    """Add a result to the viewer right above its source, and select it."""
    from napari.layers import Layer

    result = Layer.create(*layer_data)
    viewer.layers.insert(viewer.layers.index(source) + 1, result)
    share_contrast(source, result)
    viewer.layers.selection.active = result
    return result


@dataclass(frozen=True)
class LayerUpscaling:
    """All that is needed to upscale a layer, taken from it at one moment.

    Taken in the thread of the user interface, run in another one: :meth:`steps` never touches the
    layer again.

    Parameters
    ----------
    array : (..., H, W) or, with ``rgb``, (..., H, W, 3 or 4), in memory or dask
    coarser : the levels of the source below ``array``, largest first
    full_shape : shape of the source's level 0, to which its transform belongs
    state : the layer's own description, as ``Layer.as_layer_data_tuple`` gives it
    """

    array: Any
    rgb: bool
    coarser: tuple[Any, ...]
    full_shape: tuple[int, ...]
    state: Mapping[str, Any]
    model: LutModel
    value_range: ValueRange

    @classmethod
    def of(
        cls, layer: Layer | None, model: LutModel, *, value_range: ValueRange = None, level: int = 0
    ) -> LayerUpscaling:
        """Take what is needed from a layer; see :func:`upscaled_layer_data` for the errors."""
        image = require_image(layer)
        levels = list(image.data) if image.multiscale else [image.data]
        if not 0 <= level < len(levels):
            raise ValueError(f"level: found {level}, expected 0 to {len(levels) - 1}")
        return cls(
            array=_as_dask_if_chunked(levels[level]),
            rgb=bool(image.rgb),
            coarser=tuple(levels[level + 1 :]),
            full_shape=tuple(levels[0].shape),
            state=dict(image.as_layer_data_tuple()[1]),
            model=model,
            value_range=value_range,
        )

    @property
    def lazy(self) -> bool:
        """Whether the result is computed when it is looked at."""
        return hasattr(self.array, "dask")

    @property
    def spatial_axes(self) -> tuple[int, int]:
        """The two axes that grow, counted from the front."""
        rows = self.array.ndim - (3 if self.rgb else 2)
        return rows, rows + 1

    @property
    def result_shape(self) -> tuple[int, ...]:
        """Shape of the result, colours included."""
        shape, scale = self.array.shape, self.model.scale
        return tuple(n * scale if i in self.spatial_axes else n for i, n in enumerate(shape))

    @property
    def result_nbytes(self) -> int:
        """Size of the result in memory."""
        return math.prod(self.result_shape) * int(np.dtype(self.array.dtype).itemsize)

    def steps(self, engine: str = "auto") -> Generator[Progress, None, LayerData]:
        """Yield after every tile; return the result as layer data. A lazy one has no steps."""
        how: dict[str, Any] = {
            "spatial_axes": self.spatial_axes,
            "rgb": self.rgb,
            "value_range": self.value_range,
            "contrast_limits": self._contrast_limits,
        }
        if self.lazy:
            from napari_autolut.lazy import upscale_lazily

            data = upscale_lazily(self.array, plan(self.array, self.model, **how), engine)
        else:
            data = yield from upscale_steps(self.array[...], self.model, **how, engine=engine)
        return self._layer_data(data)

    @property
    def _contrast_limits(self) -> tuple[float, float] | None:
        """The layer's limits; an RGB layer is shown without any."""
        if self.rgb:
            return None
        low, high = self.state["contrast_limits"]
        return float(low), float(high)

    def _layer_data(self, data: Any) -> LayerData:
        large = max(data.shape[axis] for axis in self.spatial_axes) > TEXTURE_SIDE
        pyramid = large and self.model.scale > 1
        meta = {
            **self.state,
            **self._placement(),
            "name": self._name,
            "metadata": {**self.state["metadata"], METADATA_KEY: self._provenance()},
            "multiscale": pyramid,
            "visible": True,
        }
        for of_the_source_alone in ("locked_data_level", "auto_contrast"):
            meta.pop(of_the_source_alone, None)
        return ([data, self.array, *self.coarser] if pyramid else data), meta, "image"

    def _placement(self) -> dict[str, Any]:
        """Transform and cutting planes in the pixels of the result."""
        ndim = len(self.state["scale"])
        factor = np.divide(self.result_shape[:ndim], self.full_shape[:ndim])
        placed = enlarged_transform(
            self.state["scale"],
            self.state["translate"],
            factor,
            rotate=self.state["rotate"],
            shear=self.state["shear"],
        )
        in_view = np.concatenate([np.ones(3), factor])[-3:]
        planes = "experimental_clipping_planes"
        return {
            "scale": placed.scale,
            "translate": placed.translate,
            "plane": _moved(self.state["plane"], in_view),
            planes: [_moved(plane, in_view) for plane in self.state[planes]],
        }

    @property
    def _name(self) -> str:
        scale = self.model.scale
        larger = f" x{scale}" if scale > 1 else ""
        return f"{self.state['name']}{larger} ({self.model.name})"

    def _provenance(self) -> dict[str, Any]:
        return {
            "source": self.state["name"],
            "model": self.model.name,
            "scale": self.model.scale,
            "value_range": self.value_range,
            "version": version("napari-autolut"),
        }


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


def _moved(plane: Mapping[str, Any], factor: Any) -> dict[str, Any]:
    """A plane of napari's, in the order of its three displayed axes, in the result's pixels."""
    moved = enlarged_plane(
        Plane(plane["position"], plane["normal"], plane.get("thickness", 0.0)), factor
    )
    result = {**plane, "position": tuple(moved.position), "normal": tuple(moved.normal)}
    if "thickness" in plane:
        result["thickness"] = moved.thickness
    return result
