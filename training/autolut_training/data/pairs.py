"""LR images that are there already: a second folder with images that belong to the HR images.

Belongs here: one scale for all of them, and one unit for the values of a pair. Whether its images
lie on each other is ``alignment.py``; which files belong together, ``training/images.py``.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from autolut_training.data.alignment import aligned
from autolut_training.data.dataset import Dataset, check_usable, notes
from autolut_training.data.parts import Pair, check_size, split
from napari_autolut.arrays import Range
from napari_autolut.io import FileImage, images_of_pair
from napari_autolut.training.images import (
    READ_ERRORS,
    TrainingDataError,
    pair_files,
    pair_scale,
    skip_reason,
)
from napari_autolut.training.planes import Plane, Stack, in_range, whole_channels
from napari_autolut.util.paths import name_within
from napari_autolut.util.text import counted

SMOOTH = 2.0
"""LR pixels of blur before values are compared."""

MIN_CORRELATION = 0.2

SAME_UNITS = 1.0, 0.0
"""Gain and offset of HR values that are in the units of LR already."""


def scale_of_pairs(folder: str | Path, lr_folder: str | Path) -> int:
    """Scale of the first pair that can be read; errors as :func:`read_pairs`."""
    files, _ = pair_files(Path(folder), Path(lr_folder))
    problem = ""
    for hr_path, lr_path in files.items():
        try:
            pair = images_of_pair(hr_path, Path(folder), lr_path, Path(lr_folder))[0]
            hr, lr = (whole_channels(each.read()).flat[0] for each in pair)
            return scale_of(hr, lr)
        except READ_ERRORS as error:
            problem = f"{hr_path.name}: {skip_reason(error, hr_path)}"
    raise TrainingDataError(f"{folder}: found no pair that can be used; {problem}")


def read_pairs(
    folder: str | Path,
    lr_folder: str | Path,
    scale: int,
    *,
    crop: int,
) -> Dataset:
    """Read HR images and the LR images that belong to them.

    Parameters
    ----------
    folder, lr_folder : str or Path
        Searched recursively; files belong together by their names.
    scale : int
        Upscaling factor r; HR images may have up to r - 1 more rows and columns than r times those
        of LR.
    crop : int
        Smallest usable LR side in pixels.

    Raises
    ------
    TrainingDataError
        If a folder is missing, pairs have other scales, or LR images lie beside their HR images; or
        if there is too little to learn from and to measure with.
    """
    root = Path(folder)
    files, skipped = pair_files(root, Path(lr_folder))
    pairs = []
    for hr_path, lr_path in files.items():
        name = name_within(root, hr_path)
        try:
            both = images_of_pair(hr_path, root, lr_path, Path(lr_folder))
        except READ_ERRORS as error:
            skipped[name] = skip_reason(error, hr_path)
            continue
        for hr, lr in both:
            try:
                pair = _pair(hr, lr, scale)
                check_size(pair.lr, crop)
                pairs.append(pair)
            except _OtherScaleError:
                raise
            except READ_ERRORS as error:
                skipped[hr.name] = skip_reason(error, hr.path)
    check_usable(root, len(pairs), len(files), skipped)
    pairs, beside, note = aligned(pairs, scale)
    skipped |= beside
    check_usable(root, len(pairs), len(files), skipped)
    parts = split(pairs, scale, crop)
    return Dataset(
        parts.train,
        parts.held_out,
        (),
        {**skipped, **parts.skipped},
        (note, *parts.notes, *notes(parts.train)),
    )


class _OtherScaleError(TrainingDataError):
    """Pairs of several scales: none of them is the wrong one."""


def scale_of(hr: Stack, lr: Stack) -> int:
    """The scale of (P, H, W) stacks.

    Raises
    ------
    TrainingDataError
        If they are no stacks of one scale from 1 to 4.
    """
    scale = pair_scale(hr.shape[1:], lr.shape[1:])
    planes, lr_planes = len(hr), len(lr)
    if planes != lr_planes:
        raise TrainingDataError(
            f"{counted(planes, 'slice or colour', 'slices and colours')}, and the small image of "
            f"the pair has {lr_planes}; expected as many"
        )
    return scale


def _pair(hr_image: FileImage, lr_image: FileImage, scale: int) -> Pair:
    name = hr_image.name
    hr_channels, lr_channels = whole_channels(hr_image.read()), whole_channels(lr_image.read())
    hr_stacks, lr_stacks = hr_channels.flat, lr_channels.flat
    if len(hr_stacks) != len(lr_stacks):
        raise TrainingDataError(
            f"{counted(len(hr_stacks), 'channel')}, and the small image of the pair has "
            f"{len(lr_stacks)}; expected as many"
        )
    both = [
        _in_one_range(*each, scale, name)
        for each in zip(hr_stacks, lr_stacks, lr_channels.ranges, strict=True)
    ]
    hr, lr = (np.concatenate(side) for side in zip(*both, strict=True))
    return Pair(name, hr, lr, hr_channels.slice_numbers)


def _in_one_range(
    hr: Stack, lr: Stack, range_: Range, scale: int, name: str
) -> tuple[Plane, Plane]:
    """A channel of both in [0, 255] of the LR image's range, as a table gives its result.

    Other instruments have other units: HR values are brought to those of LR by the straight line
    that fits best.
    """
    if (found := scale_of(hr, lr)) != scale:
        raise _OtherScaleError(
            f"{name}: found a scale of {found} between HR and LR, expected {scale} as asked for or "
            "as the first pair has it; train on pairs of one scale"
        )
    hr = hr[:, : lr.shape[1] * scale, : lr.shape[2] * scale]
    gain, offset = fitted_line(hr, lr, scale)
    if hr.dtype == lr.dtype == np.uint8 and (gain, offset) == SAME_UNITS:
        return in_range(hr, range_), in_range(lr, range_)
    limits = Range((range_.lo - offset) / gain, (range_.hi - offset) / gain)
    return in_range(hr, limits, clip=False), in_range(lr, range_)


def fitted_line(hr: Stack, lr: Stack, scale: int) -> tuple[float, float]:
    """Gain and offset with which binned HR values come closest to LR; those of none, where nearly.

    Raises
    ------
    TrainingDataError
        If they have nothing to do with each other.
    """
    rows, columns = lr.shape[1:]
    blocks = hr[len(hr) // 2].astype(np.float64).reshape(rows, scale, columns, scale)
    # Noise and blur are no matter of units: what counts is light and dark at large.
    binned = gaussian_filter(blocks.mean((1, 3)), SMOOTH)
    coarse = gaussian_filter(lr[len(lr) // 2].astype(np.float64), SMOOTH)
    deviations = binned.std() * coarse.std()
    if deviations == 0:
        raise TrainingDataError("its middle slice is flat, expected an image")
    covariance = float(np.mean((binned - binned.mean()) * (coarse - coarse.mean())))
    if covariance / deviations < MIN_CORRELATION:
        raise TrainingDataError(
            "does not show what the small image of the pair shows (correlation "
            f"{covariance / deviations:.2f})"
        )
    gain = covariance / float(binned.var())
    offset = float(coarse.mean() - gain * binned.mean())
    same = math.isclose(gain, 1, abs_tol=0.1) and abs(offset) < 0.05 * float(np.ptp(lr))
    return SAME_UNITS if same else (gain, offset)
