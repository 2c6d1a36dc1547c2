"""What tables learn of a network: its answers as targets, and its file for the next table.

Belongs here: where the network lies, and which crops come with its answers. The network itself is
``models/label_network.py``, how an answer and HR become a target is in ``data``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autolut_training.data.crop_source import CropSource, crop_source, made_on_device
from autolut_training.data.dataset import Dataset
from autolut_training.data.distilled_pairs import PseudoLabels
from autolut_training.models.label_network import LabelNetwork
from autolut_training.report.validation import Enlarger
from autolut_training.settings import Settings


def kept_network(settings: Settings) -> Path | None:
    """The file of a network that has learned; None where there is none."""
    path = Path(settings.distillation.network)
    return path if path.is_file() else None


def keep_network(network: LabelNetwork, settings: Settings) -> None:
    """Write a network where the next table finds it; not over one, nor into no folder."""
    name = settings.distillation.network
    path = Path(name)
    if name and path.parent.is_dir() and not path.exists():
        network.write(path)


def labelled_crops(
    dataset: Dataset,
    settings: Settings,
    random: np.random.Generator,
    network: LabelNetwork,
    answer: Enlarger,
) -> CropSource:
    """Crops with a network's answers.

    All of them are asked now where a card makes LR crops itself; else each plane by ``answer``,
    when it is first learned from.
    """
    if made_on_device(dataset.train, settings):
        return crop_source(dataset.train, settings, random, network)

    labels = PseudoLabels(answer, settings.distillation.label_weight)
    known = labels.pairs((*dataset.train, *dataset.augmented))
    factors = settings.distillation.extra_downscales
    more = labels.extra_downscales(dataset.train, factors, settings.scale, settings.degradation)
    return crop_source((*known, *more), settings, random)
