"""Put models for clean and for noisy images into one file, as `make micro` ends.

Belongs here: that, and the card of the whole. What each model learns from is ``micro_pairs.py``.

    python training/noisy_model.py OUT CLEAN 10=FILE 3=FILE
    python training/noisy_model.py OUT CLEAN 10 3

The second one knows of noise without tables for it: such images are denoised, and then enlarged as
clean ones are.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from autolut_training.models.ramps import finished
from napari_autolut.model import Card, LutModel, NoisyModel
from napari_autolut.storage import load_model_file, save_model

DESCRIPTION = (
    "Micrographs of every kind: enlarges {scale} times. The noise of each channel is found, and "
)
BY_TABLES = (
    "the table that knows it is taken. Trained on binned micrographs with no noise and with that "
    "of 20 to 4,000 photons."
)
DENOISED = "taken away first. Trained on binned micrographs."
TRAINING_DATA = (
    "488 freely licensed micrographs of 22 sources (six more sources held out) and 252 crops of "
    "freely licensed photographs (natural-train)"
)

MIN_CORING = 1.0
"""Levels; some scans are so smooth that less than ramps need is too much for them."""


def main(out: Path, clean: Path, *others: str) -> None:
    """Join and write."""
    noisy = []
    for each in others:
        sigma, _, file = each.partition("=")
        noisy.append(NoisyModel(float(sigma), load_model_file(file) if file else None))
    model = joined(out.stem, load_model_file(clean), noisy)
    save_model(model, out, overwrite=True)


def joined(name: str, clean: LutModel, noisy: list[NoisyModel]) -> LutModel:
    """One model of several, flat where images are; under noise there is nothing flat to keep."""
    card = Card(
        name=name,
        description=DESCRIPTION.format(scale=clean.scale)
        + (BY_TABLES if any(each.model for each in noisy) else DENOISED),
        licence="BSD-3-Clause",
        training_data=TRAINING_DATA,
        recipe="make micro",
        date=datetime.now(UTC).date().isoformat(),
        benchmark={"held-out": clean.card.benchmark["held-out"]},
    )
    noisy = [
        each._replace(model=replace(each.model, coring=0.0)) if each.model else each
        for each in noisy
    ]
    strongest_first = sorted(noisy, key=lambda each: -each.sigma)
    flat = finished(clean)
    coring = max(MIN_CORING, flat.coring)
    return replace(flat, card=card, noisy=tuple(strongest_first), coring=coring)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
