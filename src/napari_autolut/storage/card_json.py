"""A model's card as JSON, in a file from anywhere: texts and figures that lists can show.

Belongs here: what a card may hold, and how much of it. Lists read hundreds of cards and no tables,
so that one that is none must not end them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from napari_autolut.model import Card, ModelError, require
from napari_autolut.storage.json_fields import number_of, object_of, text_of
from napari_autolut.util.plain_values import is_number

MAX_STRENGTH = 10.0
"""Times the noise that is found; no image has so much more than it tells."""

MAX_CHARACTERS = 2**16
"""Of a text: the longest licences have half of it, and a dock would stand still at megabytes."""

MAX_FIGURES, MAX_NAME = 256, 200
"""Data sets of a card, and figures of each; letters of their names."""


def build_card(card: Mapping[str, Any]) -> Card:
    """Make a card of its JSON; what a newer version may have added is left out.

    Raises
    ------
    ModelError
        If a field holds something else than it should, or too much of it.
    """
    known = {entry.name for entry in fields(Card)} & card.keys()
    numbers = {"noise_sigma", "noise_strength"}
    texts = {key: _text(card, key) for key in known - {"benchmark", *numbers}}
    strength = number_of(card, "noise_strength") if "noise_strength" in card else 1.0
    expected = f"more than 0 and at most {MAX_STRENGTH:g}"
    require(0 < strength <= MAX_STRENGTH, "noise_strength", strength, expected)
    return Card(
        **texts,
        noise_sigma=number_of(card, "noise_sigma") if "noise_sigma" in card else 0.0,
        noise_strength=strength,
        benchmark=_benchmark(card) if "benchmark" in card else {},
    )


def _text(card: Mapping[str, Any], field: str) -> str:
    text = text_of(card, field)
    found, expected = f"{len(text)} characters", f"at most {MAX_CHARACTERS}"
    require(len(text) <= MAX_CHARACTERS, field, found, expected)
    return text


def _benchmark(card: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Figures by data set."""
    benchmark = object_of(card, "benchmark")
    _check_names(benchmark)
    for data_set, figures in benchmark.items():
        if not isinstance(figures, dict):
            raise ModelError("benchmark", f"{data_set} {figures!r}", "figures of each data set")
        _check_names(figures)
        for name, value in figures.items():
            require(is_number(value), "benchmark", f"{name} {value!r}", "numbers")
    return benchmark


def _check_names(entries: Mapping[str, Any]) -> None:
    expected = f"at most {MAX_FIGURES}, with names of at most {MAX_NAME} letters"
    longest = max(map(len, entries), default=0)
    found = f"{len(entries)} entries, with names of up to {longest} letters"
    require(len(entries) <= MAX_FIGURES and longest <= MAX_NAME, "benchmark", found, expected)
