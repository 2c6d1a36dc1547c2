"""How a layer was made from another one, as its metadata say.

Belongs here: what is written into and read from metadata, in plain values. Where a result lies is
``geometry.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from napari_autolut.arrays import Colour
from napari_autolut.io.provenance import FOUND_COLOURS, History, Noise, ProcessingStep
from napari_autolut.util.grid import NEAREST, Scale
from napari_autolut.util.text import printable

LayerData = tuple[Any, dict[str, Any], str]
"""Data, description and kind of a layer, as ``napari.layers.Layer.create`` takes them."""

METADATA_KEY = "napari-autolut"
"""Where a result's ``layer.metadata`` say how it was made."""

NOT_TAKEN_OVER = ("locked_data_level", "auto_contrast", "metadata", "multiscale", "visible")
"""What of a layer's description says nothing of its results."""

PREVIEW_KEY = "napari-autolut lens"
"""In the metadata of the layer that shows a preview, which is no image to work on."""


@dataclass(frozen=True)
class Provenance:
    """How a result was made: all that it takes to make it again.

    Parameters
    ----------
    source, model : str
        Names of the layer and of the model, which of labels is ``util.grid.NEAREST``.
    scale : float
        Upscaling factor, as asked for; sides are rounded to whole pixels.
    model_date : str
        As the model's card has it.
    model_sha256 : str
        Hash of the model's tables, as its file has it.
    value_range : str or tuple of float, optional
        What was asked for.
    limits : tuple of float, optional
        The pixel values that ``value_range`` came to.
    noise : str
        "auto"; "none" where the image was taken as it is; or the noise that was given or found.
    colour : {"luma", "channels"}
        Whether colours were enlarged through luma, or each on its own.
    colour_asked : {"auto", "luma", "channels"}
        What was asked for.
    spatial_axes : tuple of int, optional
        Rows and columns.
    index : mapping of int to int, optional
        Position, on each axis that has one, of the only slice that was upscaled.
    lazy : bool
        Whether the result is computed when it is looked at.
    source_id : str
        By which the source is known while it is open, as :func:`~napari_autolut.layers.layer_id`
        gives it: names change.
    """

    source: str
    model: str
    scale: Scale
    model_date: str = ""
    model_sha256: str = ""
    value_range: str | tuple[float, float] | None = None
    limits: tuple[float, float] | None = None
    noise: str = "auto"
    colour: str = "channels"
    colour_asked: Colour = "channels"
    spatial_axes: tuple[int, int] | None = None
    index: Mapping[int, int] | None = None
    lazy: bool = False
    source_id: str = ""

    def as_metadata(self) -> dict[str, Any]:
        """Plain values for ``layer.metadata``, with the version that made the result."""
        return {**asdict(self), "version": version("napari-autolut")}

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Provenance | None:
        """Read a layer's metadata; None where it is no result, or not one of ours."""
        made = metadata.get(METADATA_KEY)
        if not isinstance(made, Mapping) or not {"source", "model", "scale"} <= set(made):
            return None
        return cls(**{name: made[name] for name in cls.__dataclass_fields__ if name in made})


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
        with suppress(LookupError, TypeError, ValueError, AttributeError):  # may be of others
            steps.append(_step(each[METADATA_KEY]))
    return tuple(steps)


def _step(made: Mapping[str, Any]) -> ProcessingStep:
    settings: dict[str, Any] = {}
    if index := made.get("index"):
        settings["slice"] = ", ".join(f"axis {axis}: {at}" for axis, at in sorted(index.items()))
    source, by = printable(str(made["source"])), str(made.get("version", ""))
    if made.get("operation") in ("denoise", "isotropic"):
        noise = tuple(Noise(**each) for each in made.get("noise", ()))
        models = ", ".join(made.get("tables", ()))
        settings |= {name: made[name] for name in ("strength", "factor") if name in made}
        return ProcessingStep(
            made["operation"], models, noise=noise, settings=settings, source=source, version=by
        )
    asked, limits = made.get("value_range"), made.get("limits")
    words = asked if isinstance(asked, str) else ",".join(f"{each:g}" for each in asked or ())
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


def is_preview(metadata: Mapping[str, Any]) -> bool:
    """Whether a layer shows a preview: there for the moment, and no image to work on."""
    return PREVIEW_KEY in metadata
