"""What the Denoise dock says of noise: in photons where they are known, else in grey levels.

Belongs here: plain text from what was found. How noise is found is ``denoising``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from napari_autolut.denoising import UNSURE, FoundNoise
from napari_autolut.noise import NoiseModel
from napari_autolut.util.text import counted
from napari_autolut.widgets.shared import sentence

SURE = 0.7
"""Certainty from which a model counts as sure."""

STRUCTURE = "it may be fine structure: compare, or set the noise by hand"
"""Why a model is not sure of which nothing else is said."""

NONE = "No noise was found."


def found_text(found: Sequence[FoundNoise], names: Sequence[str] = ()) -> str:
    """Say what the noise of each channel is, in lines; those of one channel have no name."""
    lines = [channel_text(each) for each in found]
    if len(lines) == 1:
        return lines[0]
    if len(set(lines)) == 1:
        return f"In each channel: {lines[0]}"
    return "\n".join(f"{name}: {line}" for name, line in zip(names, lines, strict=True))


def channel_text(found: FoundNoise) -> str:
    """Say what the noise of a channel is, how strong it is, and how sure that is."""
    if found.problem:
        return sentence(found.problem)
    if found.model.is_none:
        return NONE
    certainty = found.model.certainty
    sure = "Sure" if certainty >= SURE else "Fairly sure" if certainty >= UNSURE else "Not sure"
    doubts = found.doubts or ((STRUCTURE,) if certainty < UNSURE else ())
    words = [model_text(found.model, found.bright), f"{sure} ({certainty:.0%})."]
    return " ".join([*words, *map(sentence, doubts)])


def model_text(noise: NoiseModel, bright: float) -> str:
    """Say what a noise model means for a bright pixel."""
    kind = f"{'Correlated' if noise.is_correlated else 'White'} noise"
    if noise.is_correlated:
        kind += f" (neighbours share {noise.correlation[0]:.0%})"
    levels = math.sqrt(float(noise.variance(bright)))
    if noise.gain == 0:
        return f"{kind} of {counted(number(levels, 2), 'grey level')} everywhere."
    photons = noise.photons(bright)
    return (
        f"{kind}: about {counted(number(photons, 2), 'photon')} in bright pixels, which vary by "
        f"{counted(number(levels, 2), 'grey level')}. {counted(number(noise.gain), 'grey level')} "
        f"per photon ({counted(number(1 / noise.gain), 'photon')} per grey level)."
    )


def number(value: float, digits: int = 3) -> str:
    """A few digits as people write them: 0.217, 4.61, 38, 5,840."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    rounded = round(value, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:.{digits}g}"
