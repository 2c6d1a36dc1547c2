"""One noisy plane enlarged: stabilise, a table that knows the noise, unbiased inverse.

Belongs here: what happens to finite intensities of a plane or of a tile with its halo. Which
channels are noisy, and how, is ``task.py``.

An image that is denoised first has lost what its noise and its finest detail share. Tables that
were trained on noisy images keep it. Each of them is for one deviation of the noise; images are
scaled until theirs is that one.

They see less around each pixel than a denoiser does, and err elsewhere: the mean of both answers is
better than either. The denoised image is enlarged as a clean one is, by the model's table for clean
images and in part by bicubic interpolation. Light models have no tables for noise: that answer is
all of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.bicubic import enlarged
from napari_autolut.arrays.denoiser import Denoiser
from napari_autolut.arrays.smoothing import SMOOTH_RADIUS, averaged, smooth
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel
from napari_autolut.noise import Levels, NoiseModel
from napari_autolut.noise.far_pixels import MENDED_RADIUS, mended
from napari_autolut.noise.outliers import Outliers
from napari_autolut.util.boxes import next_multiple
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS


@dataclass(frozen=True, eq=False)
class PartlyInterpolated:
    """What is done to planes without noise that a table would make sharper: some interpolation.

    Parameters
    ----------
    table : LutModel
        A model.
    value_range : Range
        Pixel values that stand for its 0 and 255.
    interpolated : float
        How much bicubic interpolation counts, from 0 to 1.
    outliers : Outliers, optional
        Single pixels that are interpolated whatever is done to the others.
    """

    table: LutModel
    value_range: Range
    interpolated: float
    outliers: Outliers | None = None

    @property
    def step(self) -> int:
        """Rows and columns of which tiles begin at a multiple."""
        return self.table.step

    @property
    def noise(self) -> NoiseModel | None:
        """What makes the same of the image again; None where there is no noise."""
        return NoiseModel(0.0, 0.0, softness=self.interpolated) if self.interpolated else None

    @property
    def halo(self) -> int:
        """Pixels on each side that a result depends on."""
        return max(self.table.halo, BICUBIC_RADIUS) + MENDED_RADIUS

    def __call__(self, plane: NDArray[Any], engine: PlaneEngine) -> NDArray[np.float64]:
        """Enlarge a plane of finite intensities; see :class:`NoisyEnlarger`."""
        pixels = np.asarray(plane, np.float64)
        if self.interpolated == 1:
            return enlarged(pixels, self.table.scale)
        values = mended(pixels, self.outliers.places(pixels)) if self.outliers else pixels
        unit = self.value_range.unit
        inside = np.clip((values - self.value_range.lo) / unit, 0.0, 255.0)
        own = (1 - self.interpolated) * unit
        result = enlarged(values - own * inside, self.table.scale)
        looked_up = engine(self.table, inside.astype(np.float32))
        result += np.multiply(looked_up, own, dtype=np.float64)
        return with_interpolated(result, pixels, values)


class DenoisedShare(NamedTuple):
    """The denoised answer beside that of a table.

    Parameters
    ----------
    denoiser : Denoiser
        What takes the noise away.
    enlarger : PartlyInterpolated
        What makes the denoised plane larger.
    share : float
        How much the answer counts, from 0 to 1.
    """

    denoiser: Denoiser
    enlarger: PartlyInterpolated
    share: float

    @property
    def halo(self) -> int:
        """Pixels on each side that the answer depends on."""
        return self.denoiser.halo + self.enlarger.halo


@dataclass(frozen=True, eq=False)
class NoisyEnlarger:
    """What is done to noisy planes, settled before the first one.

    Parameters
    ----------
    table : LutModel or None
        A model for white noise of the deviation of ``levels``; None where the denoised answer
        counts alone.
    levels : Levels
        How intensities become its levels.
    denoised : DenoisedShare
        The denoised answer, beside that of the table or alone.
    outliers : Outliers, optional
        Single pixels that are interpolated, as denoising leaves them.
    """

    table: LutModel | None
    levels: Levels
    denoised: DenoisedShare
    outliers: Outliers | None = None

    @property
    def noise(self) -> NoiseModel:
        """The noise that was found or given."""
        return self.levels.given

    @property
    def halo(self) -> int:
        """Pixels on each side that a result depends on."""
        table = table_halo(self.table) if self.table else 0
        return next_multiple(max(table, self.denoised.halo), self.step)

    @property
    def step(self) -> int:
        """Rows and columns of which tiles begin at a multiple."""
        used = self.denoised.denoiser, self.denoised.enlarger, self.table
        return max(each.step for each in used if each)

    def __call__(
        self,
        plane: NDArray[Any],
        engine: PlaneEngine,
        denoised: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """Enlarge a plane of finite intensities.

        Parameters
        ----------
        plane : ndarray, shape (H, W)
            Intensities, or a tile of them with its halo, which begins at multiples of :attr:`step`.
        engine : PlaneEngine
            What runs the table.
        denoised : ndarray of float64, shape (H, W), optional
            What :meth:`seen` gave, denoised together with other colours.

        Returns
        -------
        ndarray of float64, shape (H * r, W * r)
            Expected intensities.
        """
        values = np.asarray(plane, np.float64)
        result = self._enlarged(self.seen(values), denoised, engine)
        padding, scale = self.levels.padding, self.denoised.enlarger.table.scale
        if padding is None:
            return result
        return padding.put_back(values.repeat(scale, 0).repeat(scale, 1), result)

    def seen(self, plane: NDArray[Any]) -> NDArray[np.float64]:
        """What a detector saw, and its darkest intensity where it saw nothing."""
        values = np.asarray(plane, np.float64)
        return self.levels.padding.filled(values) if self.levels.padding else values

    def _enlarged(
        self,
        seen: NDArray[np.float64],
        denoised: NDArray[np.float64] | None,
        engine: PlaneEngine,
    ) -> NDArray[np.float64]:
        denoiser, enlarger, share = self.denoised
        clean = denoiser(seen, engine) if denoised is None else denoised
        kept = clean
        if self.outliers:
            places = self.outliers.places(seen)
            seen, kept = mended(seen, places), mended(clean, places)
        result = enlarger(kept, engine)
        if self.table and share < 1:
            result *= share
            looked_up = self._looked_up(self.table, seen, engine)
            looked_up *= 1 - share
            result += looked_up
        return with_interpolated(result, clean, kept)

    def _looked_up(
        self, table: LutModel, values: NDArray[np.float64], engine: PlaneEngine
    ) -> NDArray[np.float64]:
        """The table's answer."""
        scale = table.scale
        levels = self.levels(values)
        inside = np.clip(levels, 0.0, 255.0)
        clean = np.asarray(engine(table, inside.astype(np.float32)), np.float64)
        if not np.array_equal(inside, levels):
            clean += enlarged(levels - inside, scale)
        result = self.levels.expected(clean)
        # Tables are not exactly without bias; over many pixels the noisy mean is.
        result += enlarged(smooth(values - averaged(result, scale)), scale)
        return result


def table_halo(table: LutModel) -> int:
    """Pixels on each side that a table's answer depends on, with what keeps its mean."""
    return max(table.halo, BICUBIC_RADIUS) + SMOOTH_RADIUS + BICUBIC_RADIUS


def with_interpolated(
    result: NDArray[np.float64], plane: NDArray[np.float64], kept: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What was made of a part of a plane, and what was left out of it interpolated."""
    if kept is not plane:
        result += enlarged(plane - kept, len(result) // len(plane))
    return result
