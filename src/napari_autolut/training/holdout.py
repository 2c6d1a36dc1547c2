"""What is held out to measure with, and why that tells the truth.

Belongs here: whole images that are like no other, and where there are none, a region or slices with
a gap to what is learned from. Which images are alike is ``likeness.py``; cutting pixels belongs to
the trainer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from napari_autolut.training.likeness import Likeness

FEW = 4
"""Scenes from which on one of them is held out as a whole; of fewer, regions of all are."""

HELD_OUT = 0.05
"""Fraction of the images that are held out."""

ONE_IN, MIN_HELD_OUT = 10, 5
"""Of fewer images one in ten is held out, until these are so many."""

MAX_PIXELS = 0.5
"""Fraction of all pixels that may be held out."""

MAX_DROPPED = 0.25
"""Fraction of the images that may be left out because they show a part of a held-out one."""

REGION = 0.15
"""Fraction of an image's rows, columns or slices that is held out where it is cut."""

GAP, MIN_REGION = 8, 16
"""LR pixels between what is learned from and a held-out region, and of the region at least."""

MIN_SLICES, GAP_SLICES = 5, 2
"""Slices of a stack that can be cut, and between what is learned from and what is held out."""


class Cut(NamedTuple):
    """An image in two parts with a gap between them.

    ``train`` and ``held_out`` are slices of its slice numbers, and of its LR rows and columns.
    """

    train: tuple[slice, slice, slice]
    held_out: tuple[slice, slice, slice]

    @property
    def is_of_slices(self) -> bool:
        """Whether whole slices are held out, and not a region of all of them."""
        return self.train[0] != self.held_out[0]


class Size(NamedTuple):
    """Slices of an image, and its LR rows and columns."""

    slices: int
    rows: int
    columns: int

    @property
    def pixels(self) -> int:
        """LR pixels, of one colour."""
        return self.slices * self.rows * self.columns


class Holdout(NamedTuple):
    """Numbers of the images that are learned from and held out, and how each of them is cut.

    ``cut`` says that images are cut, ``dropped`` which are in neither part. ``honest`` is False
    where held-out images could not be told from those that are learned from. Then ``can_be_cut``
    says that there is room to cut them, which is honest if it is known where each lies in a scene.
    """

    train: tuple[int, ...]
    held_out: tuple[int, ...]
    dropped: tuple[int, ...] = ()
    cut: bool = False
    honest: bool = True
    can_be_cut: bool = False


def held_out_count(images: int) -> int:
    """How many of so many images are held out: one, two from twenty on, and one in twenty."""
    return max(1, min(images // ONE_IN, MIN_HELD_OUT), round(images * HELD_OUT))


def choose(sizes: Sequence[Size], alike: Likeness, crop: int) -> Holdout:
    """Choose what is held out; the same images give the same choice.

    Parameters
    ----------
    sizes : sequence of Size
        Of the images, none a copy of another.
    alike : Likeness
        Of the same images.
    crop : int
        Rows and columns of the pieces that are learned from, in LR pixels.
    """
    everyone = tuple(range(len(sizes)))
    groups = alike.groups
    cut = Holdout(everyone, everyone, cut=True)
    can_be_cut = all(_can_be_cut([sizes[i] for i in group], crop) for group in groups)
    frames = alike.are_frames(groups)
    if len(groups) < FEW and can_be_cut and frames:
        return cut
    if len(groups) > 1 and (held := _whole_groups(sizes, groups)):
        return Holdout(tuple(i for i in everyone if i not in held), tuple(sorted(held)))
    if len(sizes) > 1 and (found := _apart(sizes, alike)):
        return found
    if can_be_cut and frames:
        return cut
    if len(sizes) > 1:
        order = np.random.default_rng(0).permutation(len(sizes)).tolist()
        count = held_out_count(len(sizes))
        train, held_out = (tuple(sorted(part)) for part in (order[count:], order[:count]))
        return Holdout(train, held_out, honest=False, can_be_cut=can_be_cut)
    return Holdout(everyone, ())


def _can_be_cut(sizes: Sequence[Size], crop: int) -> bool:
    """Whether images of one scene can be cut at one place."""
    return len({size[1:] for size in sizes}) == 1 and all(cuts(size, crop) for size in sizes)


def _whole_groups(sizes: Sequence[Size], groups: list[list[int]]) -> set[int]:
    """Images of some groups at random; none where every group is too much of the whole."""
    wanted = held_out_count(len(groups))
    allowed = MAX_PIXELS * sum(size.pixels for size in sizes)
    held: set[int] = set()
    for number in np.random.default_rng(0).permutation(len(groups)).tolist():
        pixels = sum(sizes[i].pixels for i in groups[number])
        if wanted and pixels <= allowed:
            held |= set(groups[number])
            wanted, allowed = wanted - 1, allowed - pixels
    return held


def _apart(sizes: Sequence[Size], alike: Likeness) -> Holdout | None:
    """Images at random, without those that show a part of them; None where they would be many."""
    count = len(sizes)
    order = np.random.default_rng(0).permutation(count).tolist()
    for held in order:
        near = set(alike.neighbours[[held]].indices.tolist())
        dropped = near - {held}
        pixels = sum(sizes[i].pixels for i in near)
        if len(dropped) <= MAX_DROPPED * count and pixels <= MAX_PIXELS * sum(
            size.pixels for size in sizes
        ):
            train = tuple(i for i in range(count) if i not in near)
            return Holdout(train, (held,), tuple(sorted(dropped)))
    return None


def cuts(size: Size, crop: int, gap: int = GAP) -> list[Cut]:
    """How an image can be cut: a region at one of its four sides, or else its last slices.

    Parameters
    ----------
    size : Size
        Of the image.
    crop : int
        LR rows and columns that are learned from at least.
    gap : int, default 8
        LR pixels between what is learned from and what is held out.
    """
    everything = slice(0, size.slices), slice(0, size.rows), slice(0, size.columns)
    found = []
    for axis in (1, 2):
        length = size[axis]
        region = max(MIN_REGION, round(REGION * length))
        if length < crop + gap + region or min(size[1:]) < crop:
            continue
        for train, held in (
            (slice(0, length - region - gap), slice(length - region, length)),
            (slice(region + gap, length), slice(0, region)),
        ):
            found.append(Cut(_replaced(everything, axis, train), _replaced(everything, axis, held)))
    if not found and size.slices >= MIN_SLICES and min(size[1:]) >= crop:
        last = size.slices - max(1, round(REGION * size.slices))
        train, held = slice(0, last - GAP_SLICES), slice(last, size.slices)
        found.append(Cut(_replaced(everything, 0, train), _replaced(everything, 0, held)))
    return found


def _replaced(
    box: tuple[slice, slice, slice], axis: int, part: slice
) -> tuple[slice, slice, slice]:
    first, rows, columns = (part if number == axis else each for number, each in enumerate(box))
    return first, rows, columns


def smallest_cut(crop: int) -> int:
    """LR rows or columns, whichever are more, from which on one image is enough."""
    return next(n for n in range(crop, 10 * crop) if cuts(Size(1, n, crop), crop))
