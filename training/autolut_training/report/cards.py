"""What the card of a trained table says of its training.

Belongs here: the card that a run begins with. Figures come to it in ``loop/trainer.py``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from autolut_training.settings import Settings
from napari_autolut.model import Card
from napari_autolut.storage import SUFFIX, load_model
from napari_autolut.util.text import counted


def training_card(folder: str | Path, out: Path, settings: Settings, processes: int) -> Card:
    """The card of a table that so many processes train on a user's folder."""
    steps, minutes = settings.optimiser.steps, settings.optimiser.minutes
    length = counted(steps, "step") if steps else counted(f"{minutes:g}", "minute")
    if processes > 1:
        length += f" of {processes} processes"
    return Card(
        name=out.name.removesuffix(SUFFIX),
        task="super-resolution" if settings.scale > 1 else "restoration",
        description=f"Images like those it learned from; undoes {settings.degradation}.",
        training_data=Path(folder).resolve().name,
        recipe=f"{_trained(settings)}, {_nodes(settings)}, {length}",
        date=date.today().isoformat(),
    )


def with_initial_model(card: Card, settings: Settings) -> Card:
    """A card that says what was trained on too, and what that had learned from."""
    if not settings.model.init_from:
        return card
    initial = load_model(settings.model.initial_model).card
    texts = [card.training_data, f"fine-tuned from {initial.name}"]
    if initial.training_data not in ("", card.training_data):
        texts[1] += f", trained on {initial.training_data}"
    return replace(card, training_data="; ".join(text for text in texts if text))


def _nodes(settings: Settings) -> str:
    sizes = ", then ".join(str(size) for _, size in settings.optimiser.grids)
    return f"{sizes} grid nodes"


def _trained(settings: Settings) -> str:
    channels = "-".join(map(str, settings.model.channels))
    what = "SPF-LUT" if settings.model.graph == "spf" else f"{channels} channels"
    if settings.model.init_from:
        what = f"fine-tuned from {Path(settings.model.initial_model).name}"
    if settings.route != "distilled":
        return what
    size = f"{settings.distillation.features} channels, {settings.distillation.blocks} blocks"
    return f"{what}, by a network of {size} in the first {settings.distillation.distill_start:.0%}"
