"""Which blur a table undoes: the one that is asked for or estimated, and how far that is sure.

Belongs here: the choice between mean, plane and Gaussian, and the words about it. What the stack's
spectra say is ``spectra.py``, learning is ``learning.py``.

Slices that a Gaussian blurred, and means of structures that are coarser along z by themselves, have
the same spectra. So have means, and single planes of structures that are coarser by as much. A
table for a Gaussian that never was is far worse than interpolation, so that a mean is taken unless
the Gaussian is wide. A table for means is worse where slices are planes. Where nobody says which
they are, it is learned for both. What is not sure is said.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays import estimate_noise
from napari_autolut.isotropic.blur import AUTO, AxialBlur
from napari_autolut.isotropic.learning import Learning, learn_steps
from napari_autolut.isotropic.measuring import gain_over_cubic
from napari_autolut.isotropic.pairs import Loss
from napari_autolut.isotropic.sampling import Sampling
from napari_autolut.isotropic.spectra import estimated_blur, finer_by, lacking_detail
from napari_autolut.isotropic.stack import Sample
from napari_autolut.isotropic.table import AxialTable, cubic_table
from napari_autolut.noise import NoiseModel
from napari_autolut.util.text import counted

SURE = 0.5
"""Certainty of a noise model from which it counts."""

MEANS = (0.75, 0.6, 0.5, 0.35)
"""Shares of means among what slices may be, between which held-out slices choose where that is not
known; the rest are single planes. Nothing in a stack tells one from the other: planes of structures
that are coarser along z look like means of finer ones."""

MOSTLY_MEANS = (0.75,)
"""The same where slices are said to be means, for few are that in full. Eleven stacks by 4 are 2.20
dB above cubic interpolation on average, and 0.37 where they are means over half a slice; with means
alone 2.35 above and 0.58 below.
"""

WORTH_OF_PLANES = 1.5
"""How much a gain for single planes counts beside one for means, which are more often right."""

PERHAPS_PLANES = (
    "structures look coarser along z than in the plane, and the result may be below cubic "
    'interpolation if slices are single planes, not means: then choose single planes ("planes")'
)

WIDE = 1.2
"""Estimated Gaussians, in distances of slices, from which one is believed. Five stacks thinned as
means looked like Gaussians of up to 0.95, and of 1 and more are those that were blurred by 0.5."""

FINER, PERHAPS_FINER = 3.0, 2.5
"""How much finer along z than behind a Gaussian that is given a stack is, from which that is not
undone, and from which it is doubted. Of nine stacks by 2, 3, 4 and 6 with no noise to that of 200
photons, 1 % and 5 % are so where the Gaussian is right (6 and 7 % with 30 photons). Where one of
0.75 or 1 distance is given for means and planes, 77 and 90 % are, and 81 and 92 %; by first
differences, 23 and 55 % were."""

FAR_WIDER = 1.9
"""A Gaussian that is given over the one that the stack looks like, from which it is doubted. Of 54
whose Gaussian is known (six stacks by 2, 4 and 5.5) it is up to 1.5 on 50, and 1.7 to 1.9 on four
that hold much noise or fine detail."""


def learned_steps(sample: Sample, sampling: Sampling, asked: AxialBlur | str) -> Learning:
    """Learn a table for the blur that is asked for or estimated, unless that cannot have been.

    Parameters
    ----------
    sample : Sample
        Of one channel.
    sampling : Sampling
        Slices before and after.
    asked : AxialBlur, "either" or "auto"
        A string where it is not known; "auto" to look for a wide Gaussian.

    Returns
    -------
    AxialTable
        With a remark where its blur is not sure.

    Yields
    ------
    Progress
    """
    column, whole, noise = sample.column, sampling.whole, _white_noise(sample.slices)
    known = asked if isinstance(asked, AxialBlur) else None
    if known is not None and known.sigma:
        return (yield from _given_steps(sample, sampling, known.sigma, noise))
    means, planes = _loss(column, whole, AxialBlur()), _loss(column, whole, AxialBlur(0.0))
    if known is not None and known.is_plane:
        return (yield from learn_steps(sample.slices, [planes], noise))
    looks_like = (estimated_blur(column, whole) if asked == AUTO else None) or means.blur
    if looks_like.sigma is not None and looks_like.sigma >= WIDE * whole:
        table = yield from learn_steps(sample.slices, [Loss(whole, looks_like)], noise)
        return _doubted(table, sample, means)
    shares = [(share, 1 - share) for share in (MEANS if known is None else MOSTLY_MEANS)]
    perhaps = [means, planes._replace(worth=WORTH_OF_PLANES if known is None else 0.0)]
    table = yield from learn_steps(sample.slices, perhaps, noise, shares)
    if table.is_cubic:
        return table
    remarks = [PERHAPS_PLANES] if means.detail else []
    if looks_like != means.blur:
        remarks.append(_perhaps_gaussian(looks_like, sampling))
    return replace(table, remark="; ".join(remarks), doubtful=means.detail > 0)


def _given_steps(
    sample: Sample, sampling: Sampling, sigma: float, noise: NoiseModel | None
) -> Learning:
    """Learn a table for a Gaussian that is given, unless the stack is finer than that."""
    column, whole = sample.column, sampling.whole
    blur = AxialBlur(sigma * sampling.scale)
    variance = 0.0 if noise is None else float(np.mean(noise.variance(column)))
    finer = finer_by(column, whole, blur, variance)
    if finer > FINER:
        note = (
            f"the stack is finer along z than a Gaussian of {counted(f'{sigma:.3g}', 'pixel')} "
            "would have left it; give a smaller psf, 'area' or 'auto'"
        )
        return cubic_table(whole, blur, note)
    looks_like = estimated_blur(column, whole) or AxialBlur()
    narrow = looks_like.sigma or whole / np.sqrt(12)
    doubtful = finer > PERHAPS_FINER or bool(blur.sigma and blur.sigma > FAR_WIDER * narrow)
    table = yield from learn_steps(sample.slices, [_loss(column, whole, blur)], noise)
    return _doubted(table, sample, _loss(column, whole, AxialBlur()), doubtful=doubtful)


def _loss(column: NDArray[np.float32], factor: int, blur: AxialBlur) -> Loss:
    """What slices have lost by a blur, and by what the structures themselves lack along z."""
    return Loss(factor, blur, lacking_detail(column, factor, blur))


def _perhaps_gaussian(blur: AxialBlur, sampling: Sampling) -> str:
    width = counted(f"{(blur.sigma or 0.0) / sampling.scale:.2g}", "pixel")
    return (
        f"slices may also be blurred by a Gaussian of {width}, unless structures are coarser along "
        f"z by themselves: a Gaussian of {width} undoes that"
    )


def _doubted(
    table: AxialTable, sample: Sample, means: Loss, *, doubtful: bool = True
) -> AxialTable:
    """Say what a table for a Gaussian costs where slices are means.

    Parameters
    ----------
    table : AxialTable
        The table.
    sample : Sample
        What it was learned from.
    means : Loss
        What slices lose otherwise.
    doubtful : bool, default True
        Whether that is a warning.
    """
    if table.is_cubic:
        return table
    gain = gain_over_cubic(table, sample.slices, means)
    if gain >= 0:
        return table
    remark = (
        f"{-gain:.1f} dB below cubic if slices are means of structures that are coarser along z by "
        'themselves: then choose the mean over the slice ("area")'
    )
    return replace(table, remark=remark, doubtful=doubtful)


def _white_noise(slices: NDArray[np.float32]) -> NoiseModel | None:
    """Noise of the slices in levels; None where it is not sure, or might as well be structure."""
    try:
        found = estimate_noise(slices)
    except ValueError:
        return None
    if found.is_none or found.is_correlated:
        return None
    return found if found.certainty >= SURE else None
