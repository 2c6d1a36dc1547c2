"""Near-duplicates among images: copies, frames of one scene, crops that overlap.

Belongs here: the signature of an image, and whose signatures match. What is held out because of it
is ``holdout.py``.

A figure on held-out images is a lie where the trainer has seen them. It may have under another
name, in another type, mirrored, as a negative, a frame earlier, or as part of a crop that overlaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter, minimum_filter, rotate
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from napari_autolut.training.overlap import overlapping, small_version

SIDE = 32
"""Rows and columns of the small image that is compared."""

SAME_SCENE, SAME_IMAGE, SAME_PIXELS = 0.9, 0.999, 0.99999
"""Correlation of two small images from which they show one scene, and from which one image: with
the same landmarks, and where there are hardly any."""

SAME_ROTATED = 0.8
"""The same of the discs within two small images, one of which is rotated by some degrees: of 736
images of 40 sources, unrelated pairs reach 0.86 once, and 0.43 as a rule."""

ANGLES = (-9.0, -7.5, -6.0, -4.5, -3.0, -1.5, 1.5, 3.0, 4.5, 6.0, 7.5, 9.0)
"""Degrees by which copies may be rotated, as by a registration."""

SHADING_SIGMA = 4.0
"""Blur of the small image that is taken off: shading alone makes no two images alike."""

PATCH = 4
"""Pixels on each side of a landmark that tell it from others."""

MAX_LANDMARKS = 4096
"""Of one image."""

MIN_SHARED_FRACTION, MIN_SHARED = 0.04, 10
"""Fraction and number of landmarks that images share at least where they overlap."""

MAX_OWNERS = 64
"""Images that may have a landmark: one of more images tells nothing."""

ROWS_AT_ONCE = 512
"""Images that are compared with all others together."""

MAX_MIRRORED = 3000
"""Up to so many images are compared with each other rotated and mirrored, too."""

_WEIGHTS = np.random.default_rng(0).integers(
    -(2**62), 2**62, (2 * PATCH + 1) * 2 * PATCH, dtype=np.int64
)


class Signature(NamedTuple):
    """What is compared of an image.

    Parameters
    ----------
    size : tuple of int
        Planes, rows and columns.
    small : ndarray, shape (32, 32)
        Its middle plane without shading, of mean 0 and norm 1; of norm 0 where that is flat.
    landmarks : ndarray of int64
        Numbers of bright spots with the order of intensities around each: the same in every image
        that shows them, whatever its type and range.
    view : ndarray of float32
        Its middle plane made smaller, as ``overlap.py`` compares it.
    """

    size: tuple[int, ...]
    small: NDArray[np.float32]
    landmarks: NDArray[np.int64]
    view: NDArray[np.float32]


class Likeness(NamedTuple):
    """What is alike among N images.

    Parameters
    ----------
    copy_of : tuple of int or None
        For each image the first one that is the same, or None.
    neighbours : sparse array of bool, shape (N, N)
        Which pairs show the same scene, in whole or in part; the diagonal is true.
    frames : sparse array of bool, shape (N, N)
        Which pairs show the whole of it alike, so that a region of one is that of the other.
    """

    copy_of: tuple[int | None, ...]
    neighbours: csr_array
    frames: csr_array

    @property
    def groups(self) -> list[list[int]]:
        """Connected components of neighbours; each group, and all of them, in order."""
        count, labels = connected_components(self.neighbours, directed=False)
        return sorted(np.flatnonzero(labels == number).tolist() for number in range(count))

    def are_frames(self, groups: list[list[int]]) -> bool:
        """Whether each group is one image, or frames or slices of one scene."""
        parts = connected_components(self.frames, directed=False, return_labels=False)
        return int(parts) == len(groups)

    @property
    def originals(self) -> Likeness:
        """The same of the images that are no copies."""
        own = [number for number, first in enumerate(self.copy_of) if first is None]
        parts = (each[own][:, own] for each in (self.neighbours, self.frames))
        return Likeness((None,) * len(own), *parts)


def signature(planes: NDArray[Any]) -> Signature:
    """Give what is compared of an image.

    Parameters
    ----------
    planes : ndarray, shape (P, H, W)
        Intensities.
    """
    plane = np.asarray(planes[len(planes) // 2], np.float32)
    return Signature(planes.shape, _small(plane), _landmarks(plane), small_version(plane))


def likeness(signatures: Sequence[Signature]) -> Likeness:
    """Compare every image with every other."""
    count = len(signatures)
    if not count:
        return Likeness((), csr_array((0, 0), dtype=bool), csr_array((0, 0), dtype=bool))
    small = np.stack([each.small for each in signatures])
    flat = small.reshape(count, -1)
    others = (
        [each.reshape(count, -1).T for each in _mirrored(small)] if count <= MAX_MIRRORED else []
    )
    sizes = np.array([each.size for each in signatures])
    counts = np.array([len(each.landmarks) for each in signatures])
    in_common = _shared_landmarks(signatures, counts)
    copy_of: list[int | None] = []
    near, whole = [_found_overlapping(signatures), _found_rotated(small)], []
    for first in range(0, count, ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        correlation = flat[rows] @ flat.T
        shared, fewer = in_common[rows].toarray(), np.minimum.outer(counts[rows], counts)
        frames = np.abs(correlation) >= SAME_SCENE  # a negative shows the same
        alike = frames | (shared >= np.maximum(MIN_SHARED, MIN_SHARED_FRACTION * fewer))
        for other in others:
            alike |= np.abs(flat[rows] @ other) >= SAME_SCENE
        near.append(_places(alike, first))
        whole.append(_places(frames, first))
        same = (sizes[rows, None] == sizes[None]).all(2) & (correlation >= SAME_IMAGE)
        same &= np.where(fewer < MIN_SHARED, correlation >= SAME_PIXELS, shared >= 0.5 * fewer)
        copy_of += [_first_before(each, number) for number, each in enumerate(same, first)]
    return Likeness(tuple(copy_of), _pairs(near, count), _pairs(whole, count))


def _found_overlapping(signatures: Sequence[Signature]) -> NDArray[np.intp]:
    """(pairs, 2) numbers of images that overlap in noise, where no landmark is the same."""
    found = np.array([*overlapping([each.view for each in signatures])], np.intp).reshape(-1, 2)
    return np.concatenate([found, found[:, ::-1]])


def _found_rotated(small: NDArray[np.float32]) -> NDArray[np.intp]:
    """(pairs, 2) numbers of images that show the same, rotated by some degrees."""
    if len(small) > MAX_MIRRORED:
        return np.zeros((0, 2), np.intp)
    straight, best = _discs(small), np.zeros((len(small), len(small)), np.float32)
    for angle in ANGLES:
        rotated = rotate(small, angle, axes=(1, 2), reshape=False, order=1, mode="nearest")
        np.maximum(best, np.abs(straight @ _discs(rotated).T), out=best)
    return np.argwhere(np.maximum(best, best.T) >= SAME_ROTATED)


def _discs(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """What lies within a circle of (N, 32, 32) images, as rows of mean 0 and norm 1."""
    middle = (SIDE - 1) / 2
    inside = np.hypot(*(np.mgrid[:SIDE, :SIDE] - middle)) < middle - 1.5
    values = small[:, inside]
    centred = values - values.mean(1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    result: NDArray[np.float32] = centred / np.maximum(norms, 1e-6)
    return result


def _places(found: NDArray[np.bool_], first: int) -> NDArray[np.intp]:
    """(pairs, 2) numbers of images; rows begin at ``first``."""
    rows, columns = np.nonzero(found)
    return np.stack([rows + first, columns], 1)


def _pairs(found: Sequence[NDArray[np.intp]], count: int) -> csr_array:
    """A table of (pairs, 2), and of every image with itself."""
    places = np.concatenate([*found, np.repeat(np.arange(count)[:, None], 2, 1)]).T
    return csr_array((np.ones(places.shape[1], bool), tuple(places)), shape=(count, count))


def _first_before(same: NDArray[np.bool_], number: int) -> int | None:
    before = np.flatnonzero(same[:number])
    return int(before[0]) if before.size else None


def _small(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of 32 x 32 parts of a plane, of fewer where it is smaller, without shading."""
    rows, columns = (np.linspace(0, n, SIDE, endpoint=False).astype(int) for n in plane.shape)
    sums = np.add.reduceat(np.add.reduceat(plane.astype(np.float64), rows, 0), columns, 1)
    heights, widths = (
        np.maximum(np.diff([*starts, size]), 1)
        for starts, size in zip((rows, columns), plane.shape, strict=True)
    )
    means = sums / np.outer(heights, widths)
    detail = means - gaussian_filter(means, SHADING_SIGMA, mode="nearest")
    detail -= detail.mean()
    norm = float(np.linalg.norm(detail))
    result: NDArray[np.float32] = (detail / norm if norm > 1e-6 else 0 * detail).astype(np.float32)
    return result


def _mirrored(small: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The other seven orientations of (N, 32, 32) images."""
    rotated = [np.rot90(small, rotation, (1, 2)) for rotation in range(4)]
    return [*rotated[1:], *(np.ascontiguousarray(each[:, ::-1]) for each in rotated)]


def _landmarks(plane: NDArray[np.float32]) -> NDArray[np.int64]:
    """Landmarks of a plane, sorted; the lowest numbers where there are too many."""
    if min(plane.shape) <= 2 * PATCH + 1:
        return np.zeros(0, np.int64)
    highest = (plane == maximum_filter(plane, 5)) & (plane > minimum_filter(plane, 5))
    highest[:PATCH] = highest[-PATCH:] = False
    highest[:, :PATCH] = highest[:, -PATCH:] = False
    rows, columns = np.nonzero(highest)
    around = np.arange(-PATCH, PATCH + 1)
    patches = plane[rows[:, None, None] + around[:, None], columns[:, None, None] + around]
    order = np.sign(np.diff(patches, axis=2)).astype(np.int64).reshape(len(rows), -1)
    textured = (order != 0).mean(1) > 0.5
    numbers = np.unique(order[textured] @ _WEIGHTS)
    # The same ones in every image, wherever they lie in it.
    return numbers[np.argsort(numbers * 0x9E3779B97F4A7C1 % 2**31, kind="stable")[:MAX_LANDMARKS]]


def _shared_landmarks(signatures: Sequence[Signature], counts: NDArray[np.int64]) -> csr_array:
    """How many landmarks images share, (N, N)."""
    landmarks = np.concatenate([each.landmarks for each in signatures])
    kinds, columns = np.unique(landmarks, return_inverse=True)
    images = np.repeat(np.arange(len(counts)), counts)
    telling = np.bincount(columns, minlength=1)[columns] <= MAX_OWNERS
    has = csr_array(
        (np.ones(int(telling.sum()), np.int64), (images[telling], columns[telling])),
        shape=(len(counts), max(1, len(kinds))),
    )
    return has @ has.T
