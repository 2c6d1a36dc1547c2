"""The task of denoising: an array, its axes, and what is done to each of its channels.

Belongs here: a block of planes of any dtype, with holes. What is done to finite intensities is
``arrays/denoiser/plane.py``, how it is chosen ``channels.py``; executors are those of upscaling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from numpy.typing import NDArray

from napari_autolut.arrays import ArrayTask, Axes, Block
from napari_autolut.arrays.denoiser import ColourDenoiser, Denoiser
from napari_autolut.arrays.holes import inpainted_around, put_values
from napari_autolut.arrays.task import parts_of
from napari_autolut.denoising.channels import DenoisingModel, Noise, denoisers_for
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel
from napari_autolut.util.boxes import Box, next_multiple


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
    colours : ColourDenoiser, optional
        What takes their place where colours are denoised together.
    """

    denoisers: tuple[Denoiser | None, ...]
    colours: ColourDenoiser | None = None

    @classmethod
    def of(
        cls,
        array: Any,
        axes: Axes,
        noise: Noise = "auto",
        strength: float = 1.0,
        model: DenoisingModel | None = None,
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
        model : str, os.PathLike, LutModel or sequence of them, optional
            As for :func:`napari_autolut.denoise`.

        Returns
        -------
        DenoisingTask
            For the whole array or, with :meth:`on`, parts of it.

        Raises
        ------
        ValueError
            If noise, strength or model do not fit.
        """
        return cls(array, axes, *denoisers_for(array, axes, noise, strength, model))

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
        """Rows and columns of which a part of the array must begin at a multiple."""
        return max((each.step for each in self._used), default=1)

    @property
    def halo_radius(self) -> int:
        """Pixels around a block that its result depends on; twice as many where NaN are filled."""
        return self._halo * (2 if self.array.dtype.kind == "f" else 1)

    def of_channels(self, channels: slice) -> Self:
        """The task with the denoisers of some channels."""
        return replace(self, denoisers=parts_of(self.denoisers, channels))

    def compute(self, block: Block, out: NDArray[Any], engine: PlaneEngine) -> None:
        """Compute the result of a block; see :meth:`ArrayTask.compute`."""
        planes, results = self._stacked(self._planes(block)), self._stacked(out)
        first = 0
        if self.colours is not None:
            first = len(self.colours.colours)
            self._denoise(planes[:first], block.box, self.colours, engine, results[:first])
        for number in range(first, len(planes)):
            denoiser = self.one_of(self.denoisers, block, number)
            plane, result = planes[number : number + 1], results[number : number + 1]
            if denoiser is None:
                result[...] = plane[:, *block.box.slices]
            else:
                self._denoise(plane, block.box, denoiser, engine, result)

    def _denoise(
        self,
        planes: NDArray[Any],
        box: Box,
        denoiser: Denoiser | ColourDenoiser,
        engine: PlaneEngine,
        out: NDArray[Any],
    ) -> None:
        """Denoise one box of one plane or of colours; NaN and infinite pixels stay."""
        outer, pixels = inpainted_around(planes, box, denoiser.limits, self._halo, self.step)
        values = denoiser(pixels if isinstance(denoiser, ColourDenoiser) else pixels[0], engine)
        put_values(values.reshape(pixels.shape), planes, box, outer, out)

    @property
    def models(self) -> list[LutModel]:
        """Every model that is used."""
        return list(dict.fromkeys(model for each in self._used for model in each.models))

    @property
    def _used(self) -> Sequence[Denoiser]:
        each_alone = [each for each in self.denoisers if each is not None]
        return each_alone if self.colours is None else self.colours.along

    @property
    def _halo(self) -> int:
        return next_multiple(max((each.halo for each in self._used), default=0), self.step)
