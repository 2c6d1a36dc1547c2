"""Why noise that was found may not be right, or not for all of an image.

Belongs here: which sentences a user should read before noise is taken away, by denoising or by
enlarging. How each of them is known is a module of its own; Python warns of them, and docks and the
shell show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from napari_autolut.noise.evenness import uneven_doubt
from napari_autolut.noise.few_levels import few_levels_doubt
from napari_autolut.noise.filtered import filtered_doubt, softness_doubt
from napari_autolut.noise.interlaced import interlaced_doubt
from napari_autolut.noise.jpeg import jpeg_doubt
from napari_autolut.noise.model import NoiseModel, NoiseWarning
from napari_autolut.noise.outliers import Outliers
from napari_autolut.noise.rows import line_doubt
from napari_autolut.noise.waves import wave_doubt
from napari_autolut.util.warning import warn

NO_NOISE = NoiseModel(0.0, 0.0)

UNSURE = 0.3
"""Certainty of a noise model below which it may be structure."""


def doubts(
    planes: Sequence[NDArray[Any]], noise: NoiseModel, outliers: Outliers | None = None
) -> tuple[str, ...]:
    """Say what speaks against the noise that was found in an image.

    Parameters
    ----------
    planes : sequence of ndarray, shape (H, W)
        A sample of its planes in its own type, one or more.
    noise : NoiseModel
        The noise that was found in them.
    outliers : Outliers, optional
        What was left out of it.

    Returns
    -------
    tuple of str
        Sentences; none where nothing speaks against it.
    """
    apart = outliers.doubt if outliers else ""
    combs = interlaced_doubt(planes)
    if noise.is_none:
        return tuple(filter(None, [apart, combs]))
    cause = softness_doubt(noise) or jpeg_doubt(planes, noise)
    if not cause and noise.certainty < UNSURE:
        cause = (
            "the image has so much structure that the noise found in it may be structure; compare, "
            "or give the noise yourself"
        )
    if not cause:
        cause = (filtered_doubt if noise.is_correlated else uneven_doubt)(planes, noise)
    lines = combs or ("" if noise.is_correlated else line_doubt(planes, noise))
    waves = "" if combs else wave_doubt(planes, noise)
    return tuple(filter(None, (apart, few_levels_doubt(planes, noise), cause, lines, waves)))


def warn_of_doubts(
    planes: Sequence[NDArray[Any]],
    noise: NoiseModel,
    outliers: Outliers | None = None,
    *,
    taken_away: bool = True,
) -> None:
    """Warn of the same.

    Parameters
    ----------
    planes, noise, outliers : sequence of ndarray, NoiseModel, Outliers
        As for :func:`doubts`.
    taken_away : bool, default True
        Whether the noise is taken away. Noise that stays may still have gone through a filter.

    Warns
    -----
    NoiseWarning
        In the words of :func:`doubts`.
    """
    if taken_away:
        found = doubts(planes, noise, outliers)
    else:
        found = (*doubts(planes, NO_NOISE, outliers), *filter(None, [softness_doubt(noise)]))
    for doubt in found:
        warn(doubt, NoiseWarning)
