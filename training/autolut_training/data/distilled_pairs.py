"""Pseudo-labels: HR images that a network makes, each plane when it is first learned from.

Belongs here: which images the network enlarges, each once, and how its result and the HR image
become a target. Source: knowledge distillation (Hinton, Vinyals and Dean 2015).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from autolut_training.data.parts import Pair
from napari_autolut.training.degradation import Degradation, as_dtype
from napari_autolut.training.planes import Plane

Values = NDArray[np.float32]

MADE_AT_ONCE = 8
"""Planes that the network enlarges at once, where all of an image are read."""


class LazyPlanes:
    """(P, H, W) planes, each made when it is first read: ``planes[p]`` or ``planes[p, y, x]``.

    ``make`` gets the numbers of planes; where all are read, several are made together.
    """

    def __init__(self, count: int, make: Callable[[list[int]], Plane]) -> None:
        self._count, self._make = count, make
        self._made: dict[int, Plane] = {}

    def __getitem__(self, index: Any) -> Plane:
        number, *place = index if isinstance(index, tuple) else (index,)
        plane = int(number)
        if plane not in self._made:
            (self._made[plane],) = self._make([plane])
        values: Plane = self._made[plane][tuple(place)]
        return values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        missing = [plane for plane in range(self._count) if plane not in self._made]
        for first in range(0, len(missing), MADE_AT_ONCE):
            some = missing[first : first + MADE_AT_ONCE]
            self._made |= zip(some, self._make(some), strict=True)
        planes = np.stack([self._made[plane] for plane in range(self._count)])
        return planes if dtype is None else planes.astype(dtype)


@dataclass(frozen=True)
class PseudoLabels:
    """Makes pairs whose HR is mostly what a network makes of their LR.

    Parameters
    ----------
    network : callable
        Enlarges (N, H, W) float32 planes in [0, 255].
    weight : float
        Fraction of its result in the targets of images whose HR is known; the rest is HR.
    """

    network: Callable[[Values], Values]
    weight: float

    def pairs(self, known: Sequence[Pair]) -> Iterator[Pair]:
        """The same images with targets."""
        for pair in known:
            planes = LazyPlanes(len(pair.lr), partial(self._target, pair))
            yield Pair(pair.name, cast("Plane", planes), pair.lr)

    def extra_downscales(
        self, images: Sequence[Pair], factors: Sequence[int], scale: int, degradation: Degradation
    ) -> Iterator[Pair]:
        """HR images made smaller by ``factors`` below the scale: LR images whose HR nobody knows.

        They are blurred as LR is, in pixels of what they become.
        """
        for factor in factors:
            sigma = degradation.sigma * factor / scale
            worse = replace(degradation, sigma=sigma)
            for image in images:
                height, width = (size - size % factor for size in image.hr.shape[1:])
                lr = worse.downscale(image.hr[:, :height, :width], factor)
                planes = LazyPlanes(len(lr), partial(self._labels_of, lr))
                yield Pair(f"{image.name} by {factor}", cast("Plane", planes), lr)

    def _target(self, pair: Pair, planes: list[int]) -> Plane:
        return as_dtype(
            (1 - self.weight) * pair.hr[planes] + self.weight * self._labels(pair.lr[planes]),
            pair.hr.dtype,
        )

    def _labels_of(self, lr: Plane, planes: list[int]) -> Plane:
        return as_dtype(self._labels(lr[planes]), lr.dtype)

    def _labels(self, lr: Plane) -> Values:
        """Mean of its results for planes as they are, mirrored, transposed, and both."""
        planes = lr.astype(np.float32)
        transposed = np.swapaxes(self._with_mirrored(np.swapaxes(planes, 1, 2)), 1, 2)
        mean: Values = (self._with_mirrored(planes) + transposed) / np.float32(2)
        return mean

    def _with_mirrored(self, planes: Values) -> Values:
        """Means of the results for planes and for their mirror images, mirrored back.

        A network treats a mirrored image a little differently; the mean of both is nearer to the
        truth.
        """
        there, back = np.split(self.network(np.concatenate([planes, planes[..., ::-1]])), 2)
        mean: Values = (there + back[..., ::-1]) / np.float32(2)
        return mean
