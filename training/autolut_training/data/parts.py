"""Pairs of HR and LR images in two parts: what is learned from, and what is held out.

Belongs here: cutting and choosing pairs. What is chosen, and why, is
``napari_autolut.training.holdout``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from napari_autolut.training.findings import copies_text
from napari_autolut.training.holdout import GAP, Cut, Size, choose, cuts, smallest_cut
from napari_autolut.training.images import TrainingDataError
from napari_autolut.training.likeness import likeness, signature
from napari_autolut.training.overlap import displacement
from napari_autolut.training.planes import Plane
from napari_autolut.util.text import first_names

NAMED = 5
"""Held-out images that are named, so that figures can be measured again."""

SAME_LR = 0.99995
"""Correlation of LR images from which pairs of one HR image are copies; types and ranges differ."""

OVERLAPPING = (
    "The images overlap or show one scene, of which no region can be held out in all of them: the "
    "figures on held-out images are better than those on others will be."
)

SEEN = (
    "Slices or frames show the same, or show it elsewhere, so that what is held out is in part "
    "learned from: figures are better than those on other images will be."
)

DRIFT_PLANES = 9
"""Planes of an image that are compared with its middle one."""


@dataclass(frozen=True, eq=False)
class Pair:
    """Planes of one image: HR (P, H * r, W * r) and LR (P, H, W), both in [0, 255].

    ``slices`` are the numbers of the planes' slices, (P,); by default each plane is one.
    """

    name: str
    hr: Plane
    lr: Plane
    slices: NDArray[np.intp] | None = None

    @property
    def slice_numbers(self) -> NDArray[np.intp]:
        """Numbers of the planes' slices."""
        return np.arange(len(self.lr)) if self.slices is None else self.slices

    @property
    def size(self) -> Size:
        """Slices, and LR rows and columns."""
        rows, columns = self.lr.shape[1:]
        return Size(int(self.slice_numbers.max()) + 1, rows, columns)


@dataclass(frozen=True, eq=False)
class Parts:
    """Pairs to learn from and held-out ones; what was skipped and what is to be said of it."""

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def split(pairs: Sequence[Pair], scale: int, crop: int) -> Parts:
    """Set copies aside and choose what is held out.

    Raises
    ------
    TrainingDataError
        If there is one image, and it is too small to hold a part of it out.
    """
    alike = likeness([signature(pair.hr) for pair in pairs])
    alike = alike._replace(copy_of=tuple(map(partial(_copy, pairs), pairs, alike.copy_of)))
    skipped = copies_text([pair.name for pair in pairs], alike.copy_of)
    own = [pair for pair, first in zip(pairs, alike.copy_of, strict=True) if first is None]
    chosen = choose([pair.size for pair in own], alike.originals, crop)
    if not chosen.held_out:
        raise TrainingDataError(_too_small(own[0], scale, crop, len(skipped)))
    skipped |= {own[i].name: "shows a part of a held-out image" for i in chosen.dropped}
    both: list[tuple[Pair, Pair]] = []
    differ = False
    if chosen.cut or chosen.can_be_cut:
        groups = alike.originals.groups
        both, differ = cut_at_one_place(own, groups, scale, crop, frames=chosen.cut)
    if chosen.cut or differ:
        first, second = zip(*both, strict=True)
        return Parts(first, second, skipped, (*(() if differ else (SEEN,)), _cut_note(own)))
    train, held_out = (tuple(own[i] for i in part) for part in (chosen.train, chosen.held_out))
    names = first_names([pair.name for pair in held_out], NAMED)
    said = f"Held out: {names}.", *(() if chosen.honest else (OVERLAPPING,))
    return Parts(train, held_out, skipped, said)


def _copy(pairs: Sequence[Pair], pair: Pair, first: int | None) -> int | None:
    """The pair that this one is a copy of; None where one HR image has another LR image."""
    if first is None or pairs[first].lr.shape != pair.lr.shape:
        return first
    likeness_of_both = np.corrcoef(pairs[first].lr.reshape(-1), pair.lr.reshape(-1))[0, 1]
    return None if likeness_of_both < SAME_LR else first


def _cut_note(pairs: Sequence[Pair]) -> str:
    what = "the image" if len(pairs) == 1 else "each image"
    return (
        f"A part of {what} is held out to measure with, with a gap to the rest: figures are for "
        "images like these; other images may be worse."
    )


def _too_small(pair: Pair, scale: int, crop: int, copies: int) -> str:
    _, rows, columns = pair.size
    min_side, side = crop * scale, smallest_cut(crop) * scale
    also = f" and {copies} of its copies" if copies else ""
    return (
        f"{pair.name}: found this image alone{also}, {columns * scale} x {rows * scale} pixels, "
        f"expected at least {side} x {min_side} to hold a part of it out, or another image"
    )


def cut_at_one_place(
    pairs: Sequence[Pair],
    groups: Sequence[Sequence[int]],
    scale: int,
    crop: int,
    *,
    frames: bool = True,
) -> tuple[list[tuple[Pair, Pair]], bool]:
    """Each pair in two parts; those of one group at the same place, which is the liveliest.

    The gap between them is as wide as what they show moves. Also says whether both parts show
    different things. They do not where there is no room for that gap, nor in slices that show the
    same. Nor do images of one scene that are no ``frames`` of each other: nobody knows how far
    apart they are.
    """
    parts: dict[int, tuple[Pair, Pair]] = {}
    differ = True
    for group in groups:
        members = [pairs[number] for number in group]
        middle = members[len(members) // 2]
        found, known = drift(members)
        moved = math.ceil(found / scale)
        wide = cuts(middle.size, crop, GAP + moved)
        gap = GAP + moved if wide and not wide[0].is_of_slices else GAP
        possible = cuts(middle.size, crop, gap)
        place = max(range(len(possible)), key=lambda n: _liveliness(middle, possible[n]))
        differ &= gap == GAP + moved and not _goes_on(middle, possible[place])
        differ &= known or frames
        for number in group:
            pair = pairs[number]
            cut = cuts(pair.size, crop, gap)[place]
            parts[number] = (_part(pair, cut.train, scale), _part(pair, cut.held_out, scale))
    return [parts[number] for number in range(len(pairs))], differ


def _goes_on(pair: Pair, cut: Cut) -> bool:
    """Whether slices that are held out show what the last one that is learned from does."""
    if not cut.is_of_slices:
        return False
    places = (cut.train[0].stop - 1, cut.held_out[0].start)
    last, first = (pair.hr[int(np.argmax(pair.slice_numbers == n))] for n in places)
    return displacement(last, first) is not None


def drift(pairs: Sequence[Pair]) -> tuple[int, bool]:
    """HR pixels by which planes of one scene are displaced at most, and whether all could be told.

    Those that could not may show the same elsewhere, or turned over.
    """
    planes = [
        pair.hr[number]
        for pair in pairs
        for number in np.unique(np.linspace(0, len(pair.hr) - 1, DRIFT_PLANES).astype(int))
    ]
    middle = planes[len(planes) // 2]
    found = [displacement(middle, plane) for plane in planes if plane.shape == middle.shape]
    known = np.array([each for each in found if each is not None]).reshape(-1, 2)
    return int(np.ptp(known, axis=0).max()) if len(known) else 0, len(known) == len(planes)


def _liveliness(pair: Pair, cut: Cut) -> float:
    _, rows, columns = cut.held_out
    return float(np.std(pair.lr[len(pair.lr) // 2, rows, columns], dtype=np.float64))


def _part(pair: Pair, box: tuple[slice, slice, slice], scale: int) -> Pair:
    slices, rows, columns = box
    numbers = pair.slice_numbers
    inside = (numbers >= slices.start) & (numbers < slices.stop)
    first, last = int(inside.argmax()), len(inside) - int(inside[::-1].argmax())
    # Neighbouring planes are a view of the image, others are copied.
    chosen = slice(first, last) if inside[first:last].all() else inside
    large = (slice(part.start * scale, part.stop * scale) for part in (rows, columns))
    hr_rows, hr_columns = large
    return Pair(
        pair.name,
        pair.hr[chosen, hr_rows, hr_columns],
        pair.lr[chosen, rows, columns],
        numbers[chosen] - slices.start,
    )


def pixels_of(pairs: Sequence[Pair]) -> int:
    """Pixels of all planes of the large images."""
    return sum(pair.hr.size for pair in pairs)


def check_size(planes: Plane, min_side: int) -> None:
    """Refuse planes with fewer rows or columns than a crop has."""
    _, height, width = planes.shape
    if min(height, width) < min_side:
        raise TrainingDataError(
            f"{width} x {height} pixels, expected at least {min_side} x {min_side}"
        )
