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

from autolut_training.data import Pair
from autolut_training.degradation import Degradation, as_dtype
from autolut_training.planes import Plane
from autolut_training.teachers import VALUES, both_ways, mixed
from autolut_training.validation import Enlarger


class AskedPlanes:
    """(P, H, W) planes, each made when it is first read: ``planes[p]`` or ``planes[p, y, x]``."""

    def __init__(self, count: int, make: Callable[[int], Plane]) -> None:
        self._count, self._make = count, make
        self._made: dict[int, Plane] = {}

    def __getitem__(self, index: Any) -> Plane:
        number, *place = index if isinstance(index, tuple) else (index,)
        plane = int(number)
        if plane not in self._made:
            self._made[plane] = self._make(plane)
        values: Plane = self._made[plane][tuple(place)]
        return values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        planes = np.stack([self[plane] for plane in range(self._count)])
        return planes if dtype is None else planes.astype(dtype)


@dataclass(frozen=True)
class TaughtPairs:
    """Makes pairs whose HR is mostly what a teacher makes of their LR.

    Parameters
    ----------
    teacher : is asked
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

    def _target(self, pair: Pair, plane: int) -> Plane:
        return mixed(pair.hr[plane], self._answer(pair.lr[plane]), self.share)

    def _answered(self, lr: Plane, plane: int) -> Plane:
        return as_dtype(self._answer(lr[plane]), lr.dtype)

    def _answer(self, lr: Plane) -> VALUES:
        """Mean of its answers to a plane as it is, mirrored, transposed, and both."""
        plane = lr.astype(np.float32)
        answers = both_ways(self.teacher, plane), both_ways(self.teacher, plane.T).T
        mean: VALUES = (answers[0] + answers[1]) / np.float32(2)
        return mean
