"""The task of denoising: an array, its axes, and what is done to each of its channels.

Belongs here: a block of planes of any dtype, with holes. What is done to finite intensities is
``planes.py``, how it is chosen ``settling.py``; executors are those of upscaling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from numpy.typing import NDArray

from napari_autolut.arrays import (
    ArrayTask,
    Axes,
    Block,
    ModelLike,
    inpainted,
    non_finite_mask,
    to_dtype,
)
from napari_autolut.denoising.planes import Denoiser
from napari_autolut.denoising.settling import Noise, settle
from napari_autolut.engine import PlaneEngine
from napari_autolut.util.boxes import Box


@dataclass(frozen=True, eq=False)
class DenoisingTask(ArrayTask):
    """A denoising, decided before its first pixel is computed.

    Parameters
    ----------
    array : array_like
        As for :class:`ArrayTask`.
    axes : Axes
        What its axes are.
    denoisers : tuple of Denoiser or None
        One for all planes, or one for each colour or position of the channel axis; None leaves
        planes as they are.
    """

    denoisers: tuple[Denoiser | None, ...]

    @classmethod
    def of(
        cls,
        array: Any,
        axes: Axes,
        noise: Noise = "auto",
        strength: float = 1.0,
        model: ModelLike | None = None,
    ) -> Self:
        """Settle what is done to an array; its noise is found where it is not given.

        Parameters
        ----------
        array : array_like
            Of a real dtype; of a lazy one a sample is computed where noise is to be found.
        axes : Axes
            What its axes are.
        noise : "auto", NoiseModel or sequence of NoiseModel
            As for :func:`napari_autolut.denoise`.
        strength : float
            Times the noise's standard deviation.
        model : str, os.PathLike or LutModel, optional
            Table for white noise; by default the shipped one that fits each channel.

        Returns
        -------
        DenoisingTask
            For the whole array or, with :meth:`on`, parts of it.

        Raises
        ------
        ValueError
            If noise, strength or model do not fit.
        """
        return cls(array, axes, settle(array, axes, noise, strength, model))

    def on(self, array: Any, start: Sequence[int] = ()) -> Self:
        """The same task on another array; see :meth:`ArrayTask.on`."""
        channel, denoisers = self.axes.channel, self.denoisers
        if channel is not None and start and not self.uniform:
            first = start[channel]
            denoisers = denoisers[first : first + array.shape[channel]]
        return replace(self, array=array, denoisers=denoisers)

    @property
    def scale(self) -> int:
        """Images stay as large as they are."""
        return 1

    @property
    def uniform(self) -> bool:
        """Whether all planes have one noise."""
        return len(self.denoisers) == 1

    @property
    def step(self) -> int:
        """Side of the largest squares that are averaged."""
        return max((each.square for each in self._used), default=1)

    @property
    def halo_radius(self) -> int:
        """Pixels around a block that its result depends on; twice as many where NaN are filled."""
        return self._halo * (2 if self.array.dtype.kind == "f" else 1)

    def of_planes(self, block: Block) -> DenoisingTask:
        """The task with the one denoiser of a block's planes, or with those of its colours."""
        if self.axes.rgb:
            return self
        return replace(self, denoisers=(self._denoiser(block, 0),))

    def compute(self, block: Block, out: NDArray[Any], engine: PlaneEngine) -> None:
        """Compute the result of a block; see :meth:`ArrayTask.compute`."""
        planes, results = self._stacked(self._planes(block)), self._stacked(out)
        for colour, (plane, result) in enumerate(zip(planes, results, strict=True)):
            denoiser = self._denoiser(block, colour)
            if denoiser is None:
                result[...] = plane[block.box.slices]
            else:
                self._denoise(plane, block.box, denoiser, engine, result)

    def _denoise(
        self,
        plane: NDArray[Any],
        box: Box,
        denoiser: Denoiser,
        engine: PlaneEngine,
        out: NDArray[Any],
    ) -> None:
        """Denoise one box of a plane; NaN and infinite pixels stay."""
        height, width = plane.shape
        outer = box.grown(self._halo, (height, width)).aligned(self.step, (height, width))
        pixels = plane[outer.slices]
        if non_finite_mask(pixels) is not None:
            wide = outer.grown(self._halo, (height, width))
            filled = inpainted(plane[wide.slices], denoiser.limits, self._halo)
            pixels = filled[outer.within(wide).slices]
        values = denoiser(pixels, engine)[box.within(outer).slices]
        out[...] = to_dtype(values, plane.dtype)
        mask = non_finite_mask(plane[box.slices])
        if mask is not None:
            out[mask] = plane[box.slices][mask]

    def _denoiser(self, block: Block, colour: int) -> Denoiser | None:
        if self.axes.rgb:
            return self.denoisers[colour]
        if self.axes.channel is None or self.uniform:
            return self.denoisers[0]
        channel = block.planes[self.axes.leading(self.array.ndim).index(self.axes.channel)]
        assert isinstance(channel, int)
        return self.denoisers[channel]

    @property
    def _used(self) -> Sequence[Denoiser]:
        return [each for each in self.denoisers if each is not None]

    @property
    def _halo(self) -> int:
        halo = max((each.halo for each in self._used), default=0)
        return -(-halo // self.step) * self.step
