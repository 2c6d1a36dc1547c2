"""The card of a model: what it is for, what it was trained on, how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Card:
    """What a user should know about a model before trusting it.

    ``benchmark`` maps a data set to figures, such as ``{"Set5": {"psnr_y": 30.67}}``;
    ``training_data`` says on what it was trained, ``recipe`` how to do it again.
    """

    name: str
    task: str = "super-resolution"
    description: str = ""
    licence: str = ""
    training_data: str = ""
    recipe: str = ""
    date: str = ""
    value_range: str = "0..255"
    source: str = ""
    benchmark: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
