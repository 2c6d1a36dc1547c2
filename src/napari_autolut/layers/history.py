"""What a file says of how a layer was made, from the layer's metadata.

Belongs here: from ``provenance.py`` to ``io``, which docks need only when something is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from napari_autolut.io import FOUND_COLOURS, History, Noise, ProcessingStep
from napari_autolut.layers.provenance import METADATA_KEY
from napari_autolut.util.grid import NEAREST
from napari_autolut.util.text import all_digits, printable


def history_of(*metadata: Mapping[str, Any]) -> History:
    """What a file says of how it was made: a step for each layer's metadata that tell of one.

    Parameters
    ----------
    *metadata : mapping
        Of the layers, those of the first step first.

    Returns
    -------
    tuple of ProcessingStep
        Those of layers that are results of ours.
    """
    steps = []
    for each in metadata:
        with suppress(LookupError, TypeError, ValueError, AttributeError, OverflowError):
            step = _step(each[METADATA_KEY])  # may be of others, and hold anything
            steps.append(ProcessingStep.from_dict(step.as_dict()))
    return tuple(steps)


def _step(made: Mapping[str, Any]) -> ProcessingStep:
    settings: dict[str, Any] = {}
    if index := made.get("index"):
        settings["slice"] = ", ".join(f"axis {axis}: {at}" for axis, at in sorted(index.items()))
    source, by = printable(str(made["source"])), str(made.get("version", ""))
    if made.get("operation") == "isotropic":
        said = {"operation": "isotropic", "source": source, "version": by}
        return ProcessingStep.from_dict(made["tables"] | said)
    if made.get("operation") == "denoise":
        noise = tuple(Noise(**each) for each in made.get("noise", ()))
        models = ", ".join(made.get("tables", ()))
        settings |= {"strength": made["strength"]} if "strength" in made else {}
        return ProcessingStep(
            "denoise", models, noise=noise, settings=settings, source=source, version=by
        )
    asked, limits = made.get("value_range"), made.get("limits")
    words = asked if isinstance(asked, str) else ",".join(map(all_digits, asked or ()))
    if made["model"] != NEAREST:
        settings |= {"value_range": words or "auto", "noise": made.get("noise", "auto")}
        if made.get("colour") == "luma":
            settings[FOUND_COLOURS] = "through luma"
    return ProcessingStep(
        "upscale",
        made["model"],
        made.get("model_sha256", ""),
        made["scale"],
        () if limits is None else (limits,),
        settings=settings,
        source=source,
        version=by,
    )
