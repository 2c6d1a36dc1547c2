"""Images with targets that a network makes, each when it is first learned from.

Belongs here: which images a network is asked about, and that it is asked once. Its answer and the
HR image become a target as with finished tables, see ``teachers.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from autolut_training.data import Pair
from autolut_training.degradation import Degradation
from autolut_training.planes import Plane
from autolut_training.teacher_network import VALUES, TeacherNetwork
from autolut_training.teachers import mixed

BICUBIC = Degradation()


@dataclass(frozen=True, eq=False)
class Further:
    """HR images made smaller, but less so than LR: larger LR images, whose HR nobody knows.

    ``factors`` are whole numbers below the scale.
    """

    images: Sequence[Pair] = ()
    factors: Sequence[int] = ()
    degradation: Degradation = BICUBIC

    def plane(self, number: int, plane: int, factor: int) -> Plane:
        """(H, W) LR."""
        hr = self.images[number].hr[plane : plane + 1]
        height, width = (size - size % factor for size in hr.shape[1:])
        made: Plane = self.degradation.shrunk(hr[:, :height, :width], factor)[0]
        return made


class TaughtPairs(Sequence[Pair]):
    """Single planes whose HR is mostly what a network makes of their LR.

    Parameters
    ----------
    network : finished; asked about a plane and its mirror image
    pairs : LR and HR
    share : part of the network's answer in their targets, the rest is HR
    further : images for which its answer is all there is
    """

    def __init__(
        self,
        network: TeacherNetwork,
        pairs: Sequence[Pair],
        share: float,
        further: Further | None = None,
    ) -> None:
        self._network, self._pairs, self._share = network, pairs, share
        self._further = further or Further()
        self._places = [(i, p, 1) for i, pair in enumerate(pairs) for p in range(len(pair.lr))]
        self._places += [
            (i, p, factor)
            for i, pair in enumerate(self._further.images)
            for p in range(len(pair.hr))
            for factor in self._further.factors
        ]
        self._made: dict[int, Pair] = {}

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> list[Pair]: ...
    def __getitem__(self, index: int | slice) -> Pair | list[Pair]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        if index not in self._made:
            self._made[index] = self._pair(*self._places[index])
        return self._made[index]

    def _pair(self, number: int, plane: int, factor: int) -> Pair:
        if factor > 1:
            lr = self._further.plane(number, plane, factor)
            answer = self._answer(lr)
            return Pair("", mixed(answer, answer, 1.0, lr.dtype)[None], lr[None])
        pair = self._pairs[number]
        lr, hr = pair.lr[plane], pair.hr[plane]
        return Pair(pair.name, mixed(hr, self._answer(lr), self._share, hr.dtype)[None], lr[None])

    def _answer(self, lr: Plane) -> VALUES:
        plane = lr.astype(np.float32)
        mirrored = self._network.answer(plane[:, ::-1])[:, ::-1]
        mean: VALUES = np.mean((self._network.answer(plane), mirrored), axis=0)
        return mean
