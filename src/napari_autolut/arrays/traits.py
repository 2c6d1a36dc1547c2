"""What can be seen of an image without knowing it: ground, colours, stains, two values.

Belongs here: the sample that is looked at, and what it shows. What follows for the choice of a
table is ``model_choice.py``; for colours, ``luma.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.image import ALPHA, Axes
from napari_autolut.util.samples import middle, spread

SAMPLED_PLANES, SAMPLED_SIDE = 3, 1024
"""What is looked at of an image: so many planes, and the middle of large ones."""

SAMPLED_CHANNELS = 4
"""Channels that are looked at, evenly spread; of several, one plane or two each."""

DARK = 0.15
"""Where the median of an image with a dark ground lies at most, between its ends."""

BRIGHT, GREY, BLACK = 0.5, 0.003, 0.02
"""Where the bright end of a stained slide's darkest colour lies at least, and how many of its
pixels may be as no stain makes them: dark without a colour, and nearly black."""

STAINED, OTHERWISE = 0.7, 0.1
"""Fraction of the coloured pixels in which green is the darkest, as H&E absorbs it, and how many
may be brown beside them."""

GLASS, WHITE, BROWN, GREEN = 0.8, 0.2, 0.3, 0.005
"""The same bright end of a slide with brown stain, the fraction of its pixels that are white glass
at least, and of its coloured ones that are brown; hardly any are brightest in green."""

COLOUR_SIDE, COMMON_DETAIL = 256, 0.3
"""What is looked at of colours, and how far their steps from pixel to pixel correlate at least for
them to count as one image in colour: of 252 photographs nine in ten have 0.65 or more."""

FLAT, MIN_PIXELS = 0.9, 100
"""Fraction of pixels in flat areas that are as the next one, and how many tell of them."""

ENDS = 0.001, 0.999

Pieces = Sequence[NDArray[Any]]
"""Parts of planes, (h, w) or (h, w, 3 or 4)."""


def sampled_channels(array: Any, axes: Axes, side: int = SAMPLED_SIDE) -> dict[int, Pieces]:
    """Middles of planes, evenly spread along all axes, of some channels by their number.

    Reads them where the array is lazy; of an image without channels the number is 0.
    """
    planes = axes.spatial_last(array)
    names = axes.leading(array.ndim)
    leading = [array.shape[axis] for axis in names]
    place = None if axes.channel is None else names.index(axes.channel)
    channels = [0] if place is None else spread(leading[place], SAMPLED_CHANNELS).tolist()
    found: dict[int, Pieces] = {}
    for channel in channels:
        others = [length if axis != place else 1 for axis, length in enumerate(leading)]
        count, wanted = math.prod(others), max(1, SAMPLED_PLANES // len(channels))
        numbers = {count * (2 * n + 1) // (2 * wanted) for n in range(wanted)}
        pieces = []
        for number in sorted(numbers):
            index = [int(each) for each in np.unravel_index(number, others)] if others else []
            if place is not None:
                index[place] = channel
            plane = planes[tuple(index)]
            part = plane[tuple(middle(length, side) for length in plane.shape[:2])]
            pieces.append(np.asarray(part))
        found[channel] = pieces
    return found


def has_dark_ground(pieces: Pieces) -> bool:
    """Whether most pixels are dark, as between the cells of a fluorescence image."""
    values = np.concatenate([finite(piece) for piece in pieces])
    if not values.size:
        return False
    low, high = np.quantile(values, ENDS)
    return bool(high > low and (np.median(values) - low) < DARK * (high - low))


def has_two_values(pieces: Pieces) -> bool:
    """Whether no pixel lies between darkest and brightest, and there are both, as in a mask."""
    values = np.concatenate([finite(piece) for piece in pieces])
    if not values.size:
        return False
    low, high = values.min(), values.max()
    return bool(low < high and ((values == low) | (values == high)).all())


def has_flat_areas(pieces: Pieces) -> bool:
    """Whether integers hardly ever change from pixel to pixel, but for darkest and brightest ones.

    So it is with labels, and with drawings. Ground and saturated pixels do not count.
    """
    if pieces[0].dtype.kind == "f":
        return False
    low, high = min(each.min() for each in pieces), max(each.max() for each in pieces)
    between = [(each[:, :-1] > low) & (each[:, :-1] < high) for each in pieces]
    count = sum(int(each.sum()) for each in between)
    pairs = zip(pieces, between, strict=True)
    same = sum(int((each[:, :-1] == each[:, 1:])[inner].sum()) for each, inner in pairs)
    return count >= MIN_PIXELS and same > FLAT * count


def without_equal_colours(pieces: Pieces) -> Pieces | None:
    """One colour of each, where all three are the same: a grey image that was saved as RGB."""
    same = all(
        np.array_equal(piece[..., 0], piece[..., n], equal_nan=piece.dtype.kind == "f")
        for piece in pieces
        for n in (1, 2)
    )
    return [piece[..., 0] for piece in pieces] if same else None


def is_fluorescence_in_colour(pieces: Pieces) -> bool:
    """Whether colours on a dark ground have nothing in common, as channels saved as RGB."""
    brightest = [piece[..., :ALPHA].max(-1) for piece in pieces]
    return has_dark_ground(brightest) and not _common_detail(pieces)


def is_stained(pieces: Pieces) -> bool:
    """Whether colours are those of stains on a bright ground.

    Those of H&E absorb green the most; DAB is brown, and its counterstain blue.
    """
    pixels = np.concatenate([piece[..., :3].reshape(-1, 3) for piece in pieces]).astype(np.float64)
    pixels = pixels[np.isfinite(pixels).all(1)]
    if not len(pixels):
        return False
    top = np.iinfo(pieces[0].dtype).max if pieces[0].dtype.kind != "f" else max(1.0, pixels.max())
    pixels /= top
    ends, saturation = pixels.max(1), np.ptp(pixels, axis=1)
    bright, coloured = np.quantile(pixels, 0.99, axis=0).min(), saturation > 0.06
    grey, black = (ends < 0.5) & ~coloured, ends < 0.25
    if bright < BRIGHT or not coloured.any() or grey.mean() > GREY or black.mean() > BLACK:
        return False
    red, green, blue = pixels[coloured].T
    brown = ((red >= green) & (green >= blue)).mean()
    if ((green < red) & (green <= blue)).mean() > STAINED:
        return bool(brown < OTHERWISE)
    white = (pixels.min(1) > 0.72) & (saturation < 0.12)
    hardly_green = ((green > red) & (green > blue)).mean() < GREEN
    return bool(bright > GLASS and white.mean() > WHITE and brown > BROWN and hardly_green)


def has_common_detail(array: Any, axes: Axes) -> bool:
    """Whether colours change together from pixel to pixel, and are not those of stains.

    Looks at a small sample; reads it where the array is lazy.
    """
    (pieces,) = sampled_channels(array, axes, COLOUR_SIDE).values()
    return not is_stained(pieces) and _common_detail(pieces)


def _common_detail(pieces: Pieces) -> bool:
    steps = [np.diff(piece[..., :3].astype(np.float64), axis=1).reshape(-1, 3) for piece in pieces]
    products = sum(each.T @ each for each in steps)
    sizes = np.sqrt(np.diag(products))
    if not sizes.all():
        return False
    alike = products / np.outer(sizes, sizes)
    return bool(alike[np.triu_indices(3, 1)].min() > COMMON_DETAIL)


def finite(piece: NDArray[Any]) -> NDArray[np.float64]:
    """All finite values of a piece."""
    values = np.asarray(piece, np.float64).reshape(-1)
    return values[np.isfinite(values)]
