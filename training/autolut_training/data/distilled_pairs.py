"""Images with targets that a network makes, each plane when it is first learned from.

Belongs here: which images a network is asked about, and that it is asked once. Its answer and the
HR image become a target as with finished tables, see ``teachers.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from autolut_training.data.dataset import Pair
from autolut_training.data.degradation import Degradation, as_dtype
from autolut_training.data.planes import Plane
from autolut_training.data.teachers import VALUES, both_ways, mixed
from autolut_training.report.validation import Enlarger

TOGETHER = 8
"""Planes that a teacher is asked about at once, where all of an image are read."""


class AskedPlanes:
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
        for first in range(0, len(missing), TOGETHER):
            some = missing[first : first + TOGETHER]
            self._made |= zip(some, self._make(some), strict=True)
        planes = np.stack([self._made[plane] for plane in range(self._count)])
        return planes if dtype is None else planes.astype(dtype)


@dataclass(frozen=True)
class TaughtPairs:
    """Makes pairs whose HR is mostly what a teacher makes of their LR.

    Parameters
    ----------
    teacher : is asked about (N, H, W) planes at once
    share : part of its answers in the targets of images whose HR is known; the rest is HR
    """

    teacher: Enlarger
    share: float

    def pairs(self, known: Sequence[Pair]) -> Iterator[Pair]:
        """The same images with targets."""
        for pair in known:
            planes = AskedPlanes(len(pair.lr), partial(self._target, pair))
            yield Pair(pair.name, cast("Plane", planes), pair.lr)

    def further(
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
                lr = worse.shrunk(image.hr[:, :height, :width], factor)
                planes = AskedPlanes(len(lr), partial(self._answered, lr))
                yield Pair(f"{image.name} by {factor}", cast("Plane", planes), lr)

    def _target(self, pair: Pair, planes: list[int]) -> Plane:
        return mixed(pair.hr[planes], self._answers(pair.lr[planes]), self.share)

    def _answered(self, lr: Plane, planes: list[int]) -> Plane:
        return as_dtype(self._answers(lr[planes]), lr.dtype)

    def _answers(self, lr: Plane) -> VALUES:
        """Mean of its answers to planes as they are, mirrored, transposed, and both."""
        planes = lr.astype(np.float32)
        turned = np.swapaxes(both_ways(self.teacher, np.swapaxes(planes, 1, 2)), 1, 2)
        mean: VALUES = (both_ways(self.teacher, planes) + turned) / np.float32(2)
        return mean
