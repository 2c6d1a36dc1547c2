"""Noisy images that are all there is: planes in which noise is white and of one deviation.

Belongs here: from files to what a table for white noise sees of their automatic results, and what
is held out. What is learned from it without any clean image is ``report/renoised.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autolut_training.data.dataset import Dataset, check_usable
from autolut_training.data.denoising_strength import with_fitted_strength
from autolut_training.data.parts import Pair, check_size, split
from napari_autolut.arrays import estimate_noise
from napari_autolut.denoising import WhiteNoiseTable, settled, white_noise_table
from napari_autolut.engine import plane_engine
from napari_autolut.io import FileImage, images_of
from napari_autolut.noise import NoiseModel
from napari_autolut.training.images import (
    IN_PART,
    READ_ERRORS,
    TrainingDataError,
    image_files,
    skip_reason,
)
from napari_autolut.training.planes import Stack, channels
from napari_autolut.util.paths import name_within
from napari_autolut.util.text import counted

NO_TRUTH = (
    "There is no clean image: figures say what becomes of automatic results of a held-out region "
    "that got new noise. Gains are small, and what the automatic result lost is not seen."
)


class NoisyChannel(NamedTuple):
    """A channel of a file, (P, H, W) in the file's units, its noise, and numbers of its slices."""

    name: str
    pixels: Stack
    noise: NoiseModel
    slices: NDArray[np.intp]


def read_noisy(
    folder: Path, crop: int, table: WhiteNoiseTable | None = None
) -> tuple[Dataset, WhiteNoiseTable]:
    """Read noisy images as a table for white noise leaves them, and choose that table.

    Parameters
    ----------
    folder : Path
        Searched recursively.
    crop : int
        Rows and columns of the pieces that are learned from.
    table : WhiteNoiseTable, optional
        The table that learns; by default the shipped one that fits most of the pixels.

    Raises
    ------
    TrainingDataError
        If there is no such folder, or nothing in it tells of noise.
    """
    skipped: dict[str, str] = {}
    files = image_files(folder, skipped)
    found = [channel for path in files for channel in _channels_of(path, folder, skipped)]
    check_usable(folder, len(found), len(files), skipped)
    chosen = table or _table_for(found)
    correlated = [each for each in found if each.noise.is_correlated]
    if correlated:
        middles = [np.asarray(c.pixels[len(c.pixels) // 2], np.float64) for c in correlated]
        noises = [channel.noise for channel in correlated]
        chosen = with_fitted_strength(list(zip(middles, noises, strict=True)), chosen)
    pairs = []
    for channel in found:
        planes = clean_levels(channel, chosen)
        try:
            check_size(planes, crop)
            pairs.append(Pair(channel.name, planes, planes, channel.slices))
        except TrainingDataError as error:
            skipped[channel.name] = str(error)
    check_usable(folder, len(pairs), len(files), skipped)
    parts = split(pairs, 1, crop)
    notes = (NO_TRUTH, _noise_note(found), *parts.notes)
    return Dataset(parts.train, parts.held_out, (), {**skipped, **parts.skipped}, notes), chosen


def _channels_of(path: Path, folder: Path, skipped: dict[str, str]) -> Iterator[NoisyChannel]:
    """Channels of a file that tell of their noise; why others do not goes into ``skipped``."""
    try:
        of_file = images_of(path, folder)
    except READ_ERRORS as error:
        skipped[name_within(folder, path)] = skip_reason(error, path)
        return
    if of_file.remark:
        skipped[name_within(folder, path)] = IN_PART + of_file.remark
    for image in of_file.images:
        try:
            yield from _channels(image)
        except READ_ERRORS as error:
            skipped[image.name] = skip_reason(error, path)


def _channels(image: FileImage) -> Iterator[NoisyChannel]:
    usable = channels(image.read())
    for number, stack in enumerate(usable.flat, 1):
        try:
            noise = estimate_noise(stack)
        except ValueError as error:
            raise TrainingDataError(str(error)) from error
        assert isinstance(noise, NoiseModel)
        if noise.is_none:
            raise TrainingDataError("found no noise to learn from, expected a noisy image")
        which = f"{image.name}, channel {number}" if len(usable.stacks) > 1 else image.name
        yield NoisyChannel(which, stack, noise, usable.slices.reshape(-1))


def _table_for(found: list[NoisyChannel]) -> WhiteNoiseTable:
    """The shipped table that denoising would take for most of the pixels."""
    names: Counter[str] = Counter()
    for channel in found:
        names[settled(channel.pixels, channel.noise).table.model.name] += channel.pixels.size
    return white_noise_table(names.most_common(1)[0][0])


def clean_levels(channel: NoisyChannel, table: WhiteNoiseTable) -> NDArray[np.float32]:
    """A channel without its noise, in the table's levels: (P, H, W) in [0, 255]."""
    denoiser, engine = settled(channel.pixels, channel.noise, table), plane_engine("auto")
    planes = [denoiser.levels(np.asarray(plane, np.float64), engine) for plane in channel.pixels]
    return np.stack(planes).clip(0, 255).astype(np.float32)


def _noise_note(found: list[NoisyChannel]) -> str:
    kinds = list(dict.fromkeys(str(channel.noise) for channel in found))
    more = f", and {counted(len(kinds) - 2, 'other')}" if len(kinds) > 2 else ""
    return f"Noise that was found: {'; '.join(kinds[:2])}{more}."
