"""How a layer was made from another one, as its metadata say.

Belongs here: what is written into and read from metadata, in plain values. Where a result lies is
``geometry.py``, what a file says of it ``history.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, get_args

from napari_autolut.arrays import Colour
from napari_autolut.util.grid import Scale
from napari_autolut.util.plain_values import MAX_WHOLE, is_number, is_text, is_whole

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
        """Read a layer's metadata; None where it is no result, or not one of ours.

        Anybody may write them: other plugins fill them from files, and other versions have others.
        """
        made = metadata.get(METADATA_KEY)
        if not isinstance(made, Mapping) or not {"source", "model", "scale"} <= set(made):
            return None
        known = {name: made[name] for name in _KINDS if name in made}
        return cls(**known) if all(_KINDS[name](value) for name, value in known.items()) else None


def _is_limit(value: Any) -> bool:
    """Pixel values, lengths and factors, none of which is infinite."""
    return is_number(value) and -MAX_WHOLE < value < MAX_WHOLE


def _is_pair(value: object, of: Callable[[object], bool] = _is_limit) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and all(map(of, value))


def _is_index(value: object) -> bool:
    numbers = (*value, *value.values()) if isinstance(value, Mapping) else ("none",)
    return all(map(is_whole, numbers))


_KINDS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("source", "model", "model_date", "model_sha256", "noise"), is_text),
    "scale": lambda value: _is_limit(value) and value > 0,
    "value_range": lambda value: value is None or is_text(value) or _is_pair(value),
    "limits": lambda value: value is None or _is_pair(value),
    "colour": is_text,
    "colour_asked": lambda value: is_text(value) and value in get_args(Colour),
    "spatial_axes": lambda value: value is None or _is_pair(value, is_whole),
    "index": lambda value: value is None or _is_index(value),
    "lazy": lambda value: isinstance(value, bool),
    "source_id": is_text,
}
"""Whether a value is one of a field."""


def is_preview(metadata: Mapping[str, Any]) -> bool:
    """Whether a layer shows a preview: there for the moment, and no image to work on."""
    return PREVIEW_KEY in metadata
