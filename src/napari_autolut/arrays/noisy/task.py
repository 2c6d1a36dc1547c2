"""Upscaling of noisy images: which channels are noisy, and what enlarges each.

Belongs here: the task that knows of each channel how noisy it is. What enlarges a channel is chosen
by ``choice.py``; what happens to its planes is ``enlarger.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from napari_autolut.arrays.array_task import Block, Pixels
from napari_autolut.arrays.denoiser import (
    LARGEST_STEP,
    ColourDenoiser,
    together,
    widest_denoiser_halo,
)
from napari_autolut.arrays.holes import inpainted_around, put_values
from napari_autolut.arrays.image import Axes
from napari_autolut.arrays.noisy.choice import Enlarger, enlarger_for
from napari_autolut.arrays.noisy.enlarger import NoisyEnlarger, table_halo
from napari_autolut.arrays.task import Task, halo_radius, parts_of, upscale_box
from napari_autolut.arrays.value_range import Range
from napari_autolut.engine import PlaneEngine
from napari_autolut.model import LutModel
from napari_autolut.noise import NoiseModel, Sample, sample_of
from napari_autolut.noise.far_pixels import MENDED_RADIUS
from napari_autolut.util.boxes import Box, next_multiple
from napari_autolut.util.keys_cubic import BICUBIC_RADIUS
from napari_autolut.util.text import counted, quoted

Noise = str | NoiseModel | Sequence[NoiseModel | None] | None
"""What is said of an image's noise: "auto" finds it, None takes the image as it is."""


@dataclass(frozen=True, eq=False)
class NoisyTask(Task):
    """An upscaling in which some channels are noisy, or in part interpolated.

    Parameters
    ----------
    array, axes, ranges, model : as for Task
        Channels without noise go their way.
    enlargers : tuple of NoisyEnlarger, PartlyInterpolated or None
        One for all planes, or one for each colour or position of the channel axis.
    colours : ColourDenoiser, optional
        What denoises colours together.
    """

    enlargers: tuple[Enlarger | None, ...] = ()
    colours: ColourDenoiser | None = None

    @property
    def _radius(self) -> int:
        factor = 2 if self.array.dtype.kind == "f" else 1
        return next_multiple(max(super()._radius, self._halo * factor), self.step)

    @property
    def step(self) -> int:
        """Rows and columns of which a part of the array must begin at a multiple."""
        others = (each.step for each in [*self.enlargers, self.colours] if each)
        return max(super().step, *others)

    @property
    def uniform(self) -> bool:
        """Whether all planes have one range and one noise."""
        return super().uniform and len(self.enlargers) == 1

    def of_channels(self, channels: slice) -> Self:
        """The task with the ranges and the noise of some channels."""
        enlargers = parts_of(self.enlargers, channels)
        return replace(super().of_channels(channels), enlargers=enlargers)

    def _upscale(
        self, model: LutModel, planes: Pixels, block: Block, engine: PlaneEngine, out: Pixels
    ) -> None:
        if self.colours is not None:
            self._enlarge_colours(self.colours, planes, block, engine, out)
            return
        for colour in range(len(planes)):
            enlarger = self.one_of(self.enlargers, block, colour)
            plane, result = planes[colour : colour + 1], out[colour : colour + 1]
            if enlarger is None:
                upscale_box(model, plane, block.box, self.range_of(block), engine, result)
                continue
            outer, pixels = self._around(plane, block)
            put_values(enlarger(pixels[0], engine)[None], plane, block.box, outer, result)

    def _enlarge_colours(
        self,
        denoiser: ColourDenoiser,
        planes: Pixels,
        block: Block,
        engine: PlaneEngine,
        out: Pixels,
    ) -> None:
        """Enlarge one box of three noisy colours, (3, H, W)."""
        outer, pixels = self._around(planes, block)
        enlargers = [each for each in self.enlargers if isinstance(each, NoisyEnlarger)]
        each_seen = zip(enlargers, pixels, strict=True)
        clean = denoiser(np.stack([each.seen(plane) for each, plane in each_seen]), engine)
        for number, enlarger in enumerate(enlargers):
            part = slice(number, number + 1)
            values = enlarger(pixels[number], engine, clean[number])
            put_values(values[None], planes[part], block.box, outer, out[part])

    def _around(self, planes: Pixels, block: Block) -> tuple[Box, Pixels]:
        """The box with what its result depends on, and its pixels with NaN and infinity filled."""
        return inpainted_around(planes, block.box, self.range_of(block), self._halo, self.step)

    @property
    def _halo(self) -> int:
        halos = [each.halo for each in self.enlargers if each is not None]
        if self.colours is not None:
            halos.append(self.colours.halo + max(self.model.halo, BICUBIC_RADIUS) + MENDED_RADIUS)
        return next_multiple(max(halos, default=0), self.step)


def widest_halo(model: LutModel, dtype: np.dtype[Any], noise: Noise = "auto") -> int:
    """Pixels around a block that can influence it, whatever noise is found."""
    radius = halo_radius(model, dtype)
    if noise is None or not model.noisy:
        return radius
    denoised = widest_denoiser_halo()
    tables = max((table_halo(each.model) for each in model.noisy if each.model), default=0)
    wide = max(tables, denoised + max(model.halo, BICUBIC_RADIUS)) + MENDED_RADIUS
    wide = next_multiple(wide, LARGEST_STEP)
    return max(radius, wide * (2 if dtype.kind == "f" else 1))


def task_for(
    array: Any,
    axes: Axes,
    ranges: tuple[Range, ...],
    model: LutModel,
    noise: Noise = "auto",
) -> Task:
    """Settle how an array is upscaled; its noise is found where the model knows of noise.

    Parameters
    ----------
    array : array_like
        Of a real dtype; of a lazy one samples are computed where noise is to be found.
    axes, ranges, model : Axes, tuple of Range, LutModel
        As for :class:`Task`.
    noise : "auto", None, NoiseModel or sequence of NoiseModel or None
        The noise, or one for each channel or colour; None for an image that is taken as it is.

    Returns
    -------
    Task
        A :class:`NoisyTask` where a channel has noise.

    Raises
    ------
    ValueError
        If noise is given to a model that knows none, or the number of models is not that of
        channels.
    """
    check_noise(noise, model)
    if noise is None or not model.noisy:
        return Task(array, axes, ranges, model)
    channels = axes.channels(array, alpha=False)
    noises = noise_of_each(noise, len(channels), len(axes.channels(array)))
    of_each = ranges if len(ranges) == len(channels) else ranges * len(channels)
    samples = [
        Sample([]) if said is None else sample_of(channel)
        for channel, said in zip(channels, noises, strict=True)
    ]
    enlargers = tuple(
        enlarger_for(*each, model) for each in zip(samples, noises, of_each, strict=True)
    )
    if not any(enlargers):
        return Task(array, axes, ranges, model)
    colours = _together([each.planes for each in samples], enlargers) if axes.rgb else None
    return NoisyTask(array, axes, ranges, model, enlargers, colours)


def _together(
    samples: Sequence[Sequence[NDArray[Any]]], enlargers: Sequence[Enlarger | None]
) -> ColourDenoiser | None:
    """What denoises colours together, where what enlarges each of them denoises it."""
    denoised = [each.denoised for each in enlargers if isinstance(each, NoisyEnlarger)]
    return together(samples, [each and each.denoiser for each in denoised])


def check_noise(noise: Noise, model: LutModel | None) -> None:
    """Refuse what is no noise, and noise for a model that knows none.

    Parameters
    ----------
    noise : "auto", None, NoiseModel or sequence of NoiseModel or None
        What a caller gave.
    model : LutModel, optional
        What enlarges; None where it is not chosen yet.

    Raises
    ------
    TypeError
        If it is neither a model nor a sequence of models.
    ValueError
        If it is another text than "auto", or the model does not know of noise.
    """
    if isinstance(noise, str) and noise != "auto":
        raise ValueError(f"noise: found {quoted(noise)}, expected 'auto', None or a NoiseModel")
    _check_kind(noise)
    given = noise is not None and not isinstance(noise, str)
    if given and model is not None and not model.noisy:
        raise ValueError(
            f"noise: found a noise model, but {model.name} knows no noise; leave it out, or "
            "take a model for micrographs such as micro-x2"
        )


def _check_kind(noise: Noise) -> None:
    if noise is None or isinstance(noise, str | NoiseModel):
        return
    if not isinstance(noise, Sequence) or not all(
        each is None or isinstance(each, NoiseModel) for each in noise
    ):
        raise TypeError(
            f"noise: found {quoted(noise)}, expected a NoiseModel(gain, offset_variance), or one "
            "for each channel"
        )


def noise_of_each(noise: Noise, count: int, total: int) -> list[NoiseModel | str | None]:
    """What is said of the noise of each channel or colour.

    Parameters
    ----------
    noise : "auto", None, NoiseModel or sequence of NoiseModel or None
        One for all, or one for each.
    count, total : int
        Number of channels or colours, without alpha and with it; that of alpha is left out.

    Raises
    ------
    TypeError
        If it is neither a model nor a sequence of models.
    ValueError
        If the number of models is neither.
    """
    _check_kind(noise)
    if noise is None or isinstance(noise, str | NoiseModel):
        return [noise] * count
    if len(noise) not in (count, total):
        raise ValueError(
            f"noise: found {counted(len(noise), 'model')} for {counted(count, 'channel')}, "
            "expected one for each; channel_axis says which axis holds channels"
        )
    return [*noise[:count]]


def noise_of(task: Task) -> list[NoiseModel | None]:
    """What an upscaling took for the noise of each channel; empty where it asked for none."""
    if not isinstance(task, NoisyTask):
        return []
    return [each.noise if each else None for each in task.enlargers]


def noise_text(task: Task) -> str:
    """The same in words; "auto" where no channel has any."""
    found = noise_of(task)
    return "; ".join(str(each or "no noise") for each in found) if any(found) else "auto"
