"""Where a run's random crops come from: the processor, planes on a card, or HR planes alone.

Belongs here: the choice by settings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autolut_training.data.crops import CropSampler
from autolut_training.data.device_crops import DeviceCrops
from autolut_training.data.made_crops import Enlarge, MadeCrops, hr_side
from autolut_training.data.parts import Pair
from autolut_training.settings import Settings
from napari_autolut.compilation.values import LANES
from napari_autolut.training.choices import SMALLEST_SIDE

CropSource = CropSampler | DeviceCrops | MadeCrops


def smallest_side(crop: int) -> int:
    """LR pixels a side of the smallest images that are learned from, for crops of a recipe."""
    return min(crop, SMALLEST_SIDE)


def fitted(settings: Settings, pairs: Sequence[Pair]) -> Settings:
    """Settings whose crops fit into every image: where they must be smaller, there are more."""
    wanted = settings.data.crop
    fits = min(min(pair.lr.shape[1:]) for pair in pairs) // LANES * LANES
    crop = max(smallest_side(wanted), min(wanted, fits))
    batch = round(settings.optimiser.batch * (wanted / crop) ** 2)
    return settings.changed(crop=crop, batch=batch)


def made_on_device(pairs: Sequence[Pair], settings: Settings) -> bool:
    """Whether LR crops are made where the run trains: a card, and images that are large enough."""
    side = hr_side(settings)
    return settings.made_on_device and all(min(pair.hr.shape[1:]) >= side for pair in pairs)


def crop_source(
    pairs: Sequence[Pair],
    settings: Settings,
    random: np.random.Generator,
    network: Enlarge | None = None,
) -> CropSource:
    """Crops for a run, cut where it trains; of a ``network`` only where LR is made there, too.

    Images that were made smaller may have no room for one, and are left out.
    """
    pairs = [pair for pair in pairs if min(pair.lr.shape[1:]) >= settings.data.crop]
    if made_on_device(pairs, settings):
        return MadeCrops(pairs, settings, random, network)
    if settings.optimiser.device != "cpu" and not settings.data.stabilised:
        return DeviceCrops(pairs, settings, random)
    return CropSampler(
        pairs,
        settings.scale,
        settings.data.crop,
        random,
        settings.data.intensity_augmentation,
        settings.degradation,
    )
