"""What is taken from a layer at one moment to compute on it, and the layer that results.

Belongs here: which pixels are meant, and what a result inherits, whatever is computed. Upscaling is
``task.py``, denoising ``denoising.py``. Which layers are refused is ``taking.py``, places come from
``geometry.py``, and adding results to a viewer is ``placing.py``.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from napari_autolut.arrays import ArrayTask, Progress, Range, few_pixels, run, warm_up
from napari_autolut.engine import plane_engine
from napari_autolut.engine.threads import limits as machine_limits
from napari_autolut.layers.geometry import placement
from napari_autolut.layers.pixels import same_pixels
from napari_autolut.layers.provenance import METADATA_KEY, NOT_TAKEN_OVER, LayerData
from napari_autolut.layers.pyramid import PYRAMID_SIDE, coarser_levels, in_chunks
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import tile_count
from napari_autolut.util.grid import Scale, enlarged_length


class Denoising(NamedTuple):
    """Work of a model for which the noise is found, and taken away where there is some."""

    model: LutModel


Work = LutModel | Denoising | str
"""What is done to pixels, as far as its speed is concerned: a model, or a word."""


@dataclass(frozen=True)
class LayerSource(ABC):
    """All that is needed of a layer, taken from it at one moment.

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
    spatial_axes : tuple of int
        Rows and columns, counted from the front.
    index : mapping of int to int
        Position on other axes of the one slice that is wanted; axes without one are whole.
    lazy : bool
        Whether the result is computed when it is looked at.
    source_id : str
        The layer's own number.
    fingerprint : bytes
        By which it is known whether pixels in memory have been changed since.
    """

    array: Any
    rgb: bool
    coarser: tuple[Any, ...]
    full_shape: tuple[int, ...]
    state: Mapping[str, Any]
    spatial_axes: tuple[int, int]
    index: Mapping[int, int]
    lazy: bool
    source_id: str
    fingerprint: bytes

    def of_the_same_pixels(self, other: LayerSource) -> bool:
        """Whether two tasks, taken at two moments, read the same values from the same array."""
        return other.fingerprint == self.fingerprint and same_pixels(other.array, self.array)

    # --- what is done, which each kind says -----------------------------------------------------

    warns = True
    """Whether a run warns of pixels that are NaN or infinite."""

    like_its_source = True
    """Whether a lazy result may be seen as its source until it is computed."""

    coarser_as_it_is = False
    """Whether a result of the same size is seen from afar as its source's own coarser levels."""

    @property
    @abstractmethod
    def scale(self) -> Scale:
        """How many times as large the result is, before its size is rounded."""

    @property
    @abstractmethod
    def work(self) -> Work:
        """What is done, as far as its speed is concerned."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What is done in a word, for the names of results."""

    @property
    @abstractmethod
    def margin(self) -> int:
        """Pixels around a place that its result may depend on, before anything is settled."""

    @property
    def follows_contrast(self) -> bool:
        """Whether the result depends on the layer's contrast limits."""
        return False

    @property
    def known_limits(self) -> Range | None:
        """The range of values that is used, where there is one and it has been found already."""
        return None

    @property
    @abstractmethod
    def task(self) -> ArrayTask:
        """What is done to the whole array, settled once; may read from it."""

    @abstractmethod
    def settled_as(self, other: Self | None) -> Self:
        """The same, with what another one has settled already where that is the same."""

    @abstractmethod
    def provenance(self) -> dict[str, Any]:
        """How the result is made, in plain values."""

    # --- which pixels ---------------------------------------------------------------------------

    @property
    def start(self) -> tuple[int, ...]:
        """The first pixel of what is wanted, on each axis but that of colours."""
        return tuple(self.index.get(axis, 0) for axis in range(len(self.state["scale"])))

    def part(self, array: Any, start: Sequence[int]) -> ArrayTask:
        """The task on a part of the array that begins at a pixel."""
        return self.task.on(array, start)

    @property
    def source_shape(self) -> tuple[int, ...]:
        """Shape of what is wanted, colours included."""
        shape = self.array.shape
        return tuple(1 if axis in self.index else n for axis, n in enumerate(shape))

    @property
    def result_shape(self) -> tuple[int, ...]:
        """Shape of the result, colours included."""
        scale = self.scale
        return tuple(
            enlarged_length(n, scale) if axis in self.spatial_axes else n
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

    @property
    def pixels(self) -> int:
        """Pixels that go through tables, each colour counted; alpha does not."""
        shape = self.source_shape
        return math.prod(shape[:-1]) * min(shape[-1], 3) if self.rgb else math.prod(shape)

    # --- a run ----------------------------------------------------------------------------------

    def warm_up(self) -> None:
        """Compute a few pixels, so that whoever looks at a lazy result does not wait for more.

        Threads and napari's own window wait while kernels are compiled.
        """
        few = few_pixels(self.cut(self.array), self.spatial_axes, self.rgb)
        warm_up(self.part(few, self.start))

    def steps(self, engine: str = "auto") -> Generator[Progress, None, LayerData]:
        """Yield after every tile; return the result as layer data. A lazy one has no steps."""
        source = self.cut(self.array)
        if self.lazy:
            data = self._lazily(source, engine)
        else:
            side = machine_limits().tile_size
            data = yield from run(
                self.part(source, self.start), plane_engine(engine), tile_size=side, warn=self.warns
            )
        return self.layer_data(self._levels(data, source, engine))

    def cut(self, level: Any) -> Any:
        """The wanted slice of a level, with all axes."""
        cuts = [slice(None)] * len(level.shape)
        for axis, at in self.index.items():
            here = at * level.shape[axis] // self.array.shape[axis]
            cuts[axis] = slice(here, here + 1)
        return level[tuple(cuts)]

    def _lazily(self, source: Any, engine: str) -> Any:
        from napari_autolut.arrays.lazy import computed_lazily
        from napari_autolut.layers.lazy_result import LazyResult  # loads dask

        chunked = in_chunks(source, self.spatial_axes, self.rgb)
        result = computed_lazily(self.part(chunked, self.start), engine)
        return LazyResult.of(result, source) if self.like_its_source else result

    def _levels(self, data: Any, source: Any, engine: str) -> list[Any]:
        """The result and, where it is large, what is shown of it from afar.

        That is the source, where it is coarser than the result. Else it is the result in larger
        steps; where only what is looked at is computed, the model on the source in larger steps.
        """
        axes = self.spatial_axes
        if max(data.shape[axis] for axis in axes) <= PYRAMID_SIDE:
            return [data]
        if self.scale == 1 and not self.lazy:
            return [data, *coarser_levels(data, axes, PYRAMID_SIDE)]
        levels = [source, *(self.cut(level) for level in self.coarser)]
        levels += coarser_levels(levels[-1], axes, PYRAMID_SIDE)
        if self.scale == 1:
            levels = levels[1:]
            if not (self.coarser and self.coarser_as_it_is):
                levels = [self._lazily(level, engine) for level in levels]
        return [data, *(getattr(level, "origin", level) for level in levels)]  # see read_apart.py

    def layer_data(self, levels: list[Any]) -> LayerData:
        """Describe the result, with its levels, as ``Layer.create`` takes it."""
        meta = {
            **self.look(self.state),
            "metadata": {**self.state["metadata"], METADATA_KEY: self.provenance()},
            "multiscale": len(levels) > 1,
            "visible": True,
        }
        return (levels if len(levels) > 1 else levels[0]), meta, "image"

    def look(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Give name, place and appearance of the result where the layer is described so."""
        ndim = len(state["scale"])
        shapes = self.array.shape, self.full_shape
        level, whole = (np.array(each[:ndim], np.float64) for each in shapes)
        factor = np.multiply(self.result_shape[:ndim], level) / (self.source_shape[:ndim] * whole)
        placed = placement(state, start=np.multiply(self.start, whole) / level, factor=factor)
        look = {**state, **placed, "name": self._named_after(state["name"])}
        return {key: look[key] for key in look if key not in NOT_TAKEN_OVER}

    @property
    def name(self) -> str:
        """Name of the result."""
        return self._named_after(self.state["name"])

    def _named_after(self, source: str) -> str:
        at = ", ".join(str(at) for _, at in sorted(self.index.items()))
        larger = f" x{self.scale:g}" if self.scale > 1 else ""
        return f"{source}{f' [{at}]' if at else ''}{larger} ({self.label})"
