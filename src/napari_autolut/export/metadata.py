"""What an exported model says about itself, and what it cannot do.

Belongs here: names, terms and remarks, from the card of the model. The files are ``files.py`` and
``zoo.py``.
"""

from __future__ import annotations

import json
from importlib.metadata import version

from napari_autolut.export.graph import OPSET
from napari_autolut.model import LutModel
from napari_autolut.storage import model_digest

VALUES = (
    "Images are float32, (batch, channel, height, width), of any size; every plane is on its own. "
    "Values are 0 to 255: bring other ranges there before and back afterwards, for 16 bits as "
    "255 * (image - low) / (high - low). What lies outside is cut off; napari-autolut itself "
    "carries it along, and finds the range."
)
"""How the numbers are meant, for whoever runs it."""


def left_out(model: LutModel) -> str:
    """Say what of a model an export cannot carry.

    Parameters
    ----------
    model : LutModel
        The model.

    Returns
    -------
    str
        A sentence; empty where nothing is left out.
    """
    parts = []
    if model.noisy:
        parts.append("what it does to noisy images")
    if model.expected_error is not None:
        parts.append("its table of expected errors")
    if not parts:
        return ""
    rest = "what remains is for images without noise" if model.noisy else "the result is the same"
    return f"{model.name} was exported without {' and '.join(parts)}: {rest}"


def description(model: LutModel) -> str:
    """One paragraph: what the model is for, and for which noise."""
    card = model.card
    text = card.description or f"Look-up tables for {card.task}, {model.scale} times as large."
    if card.noise_sigma:
        text += f" Made for white noise of standard deviation {card.noise_sigma:g} (of 255)."
    return text


def metadata(model: LutModel) -> dict[str, str]:
    """The card as an ONNX file holds it, with the version of ONNX's operations."""
    card = model.card
    entries = {
        "name": model.name,
        "description": description(model),
        "task": card.task,
        "scale": str(model.scale),
        "halo": str(model.halo),
        "opset": str(OPSET),
        "values": VALUES,
        "left_out": left_out(model),
        "licence": card.licence,
        "training_data": card.training_data,
        "recipe": card.recipe,
        "date": card.date,
        "source": card.source,
        "benchmark": json.dumps(card.benchmark) if card.benchmark else "",
        "sha256": model_digest(model),
        "version": version("napari-autolut"),
    }
    return {name: text for name, text in entries.items() if text}
