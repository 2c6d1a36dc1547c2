"""Scores of images, their means, and which images no mean can count.

Belongs here: what becomes of an image on which methods cannot be told apart. One blank image makes
every mean PSNR infinite, and one NaN makes it NaN. Measuring is in ``scenes.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from napari_autolut.evaluation.pairs import EvaluationError

Result = TypeVar("Result")

EQUAL = "at least one method gets it exactly, so that its PSNR is infinite"


@dataclass(frozen=True)
class Score:
    """How near a result is to the HR image.

    Parameters
    ----------
    psnr : float
        PSNR on luma in dB; infinite for equal images.
    ssim : float
        SSIM on luma.
    """

    psnr: float
    ssim: float


@dataclass(frozen=True)
class LeftOut:
    """An image that does not count in the means.

    Parameters
    ----------
    image : str
        Its name.
    reason : str
        Why, in words.
    """

    image: str
    reason: str

    def __str__(self) -> str:
        return f"{self.image}: {self.reason}; it does not count in the means"


def parted(
    found: Iterable[Result | LeftOut],
) -> tuple[tuple[Result, ...], tuple[LeftOut, ...]]:
    """Part what was measured from images that could not be.

    Raises
    ------
    EvaluationError
        If nothing was measured; it says what is wrong with the first image.
    """
    results: list[Result] = []
    left_out: list[LeftOut] = []
    for each in found:
        if isinstance(each, LeftOut):
            left_out.append(each)
        else:
            results.append(each)
    if not results:
        raise EvaluationError(f"found nothing to measure: {left_out[0].image}: "
                              f"{left_out[0].reason}")  # fmt: skip
    return tuple(results), tuple(left_out)


def equal_images(images: Sequence[str], scores: Sequence[Sequence[Score]]) -> tuple[LeftOut, ...]:
    """Find images that some method got exactly, unless that is so of all.

    Parameters
    ----------
    images : sequence of str
        Their names.
    scores : sequence of sequence of Score
        Those of each method, for all images.
    """
    infinite = [any(math.isinf(s.psnr) for s in of_image) for of_image in zip(*scores, strict=True)]
    if all(infinite):
        return ()
    return tuple(LeftOut(i, EQUAL) for i, out in zip(images, infinite, strict=True) if out)


def mean_score(
    images: Sequence[str], scores: Sequence[Score], left_out: Sequence[LeftOut] = ()
) -> Score:
    """Means of both figures over the images that are not left out."""
    others = {each.image for each in left_out}
    counted = [s for image, s in zip(images, scores, strict=True) if image not in others]
    count = len(counted)
    return Score(sum(s.psnr for s in counted) / count, sum(s.ssim for s in counted) / count)
