"""What was done to an image, as its file says: model, range, noise, settings, version.

Belongs here: the record of one step, and its form as plain values and JSON. The sentence for a
paper is ``methods.py``; how a format keeps it is in that format's folder; what a napari layer
remembers of its source is ``layers/provenance.py``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any, Literal, get_args

from napari_autolut.util.grid import NEAREST, Scale
from napari_autolut.util.plain_values import MAX_TEXT

PROGRAM = "napari-autolut"

NAMESPACE = "https://napari-autolut.github.io/provenance"
"""What marks the record among the annotations of an OME file."""

JSON_KEY = "napari-autolut-history"
"""Under which a file that holds texts by name keeps the history."""

FOUND_COLOURS = "colours"
"""Setting that is found in an image and not asked for: how its colours were enlarged."""

FOUND = (FOUND_COLOURS, "blur", "table")
"""All such settings; the others are an axial blur, and a file in which what was learned is kept."""

MAX_JSON_CHARACTERS = 2**20
MAX_STEPS = 1000

Operation = Literal["upscale", "denoise", "isotropic"]
Plain = str | int | float | bool | None


@dataclass(frozen=True)
class Noise:
    """A noise model that was taken away: variance = gain * mean + offset_variance.

    Parameters
    ----------
    gain : float
        Grey levels per photon.
    offset_variance : float
        Variance at grey level 0, in squared grey levels.
    correlation : tuple of float, default ()
        Of pixels 1, 2, ... pixels apart, from -1 to 1; empty for white noise.
    softness : float, default 0
        How far the image was interpolated because its noise was filtered, from 0 to 1.
    """

    gain: float
    offset_variance: float
    correlation: tuple[float, ...] = ()
    softness: float = 0.0


@dataclass(frozen=True)
class ProcessingStep:
    """What was done to an image once: enough to do it again.

    Parameters
    ----------
    operation : {"upscale", "denoise", "isotropic"}
        What was done.
    model : str, default ""
        Name of the model; several are joined by ", ".
    model_sha256 : str, default ""
        Hash of its tables, 64 hexadecimal digits, as its file has it; several are joined by ", ".
    scale : float, default 1
        Upscaling factor, as asked for, or distance of slices in pixels; sides are rounded to whole
        pixels.
    value_range : tuple of tuple of float, optional
        Pixel values that the tables' 0 and 255 stood for: a pair for each channel, or one for all.
    noise : tuple of Noise, optional
        The noise of each channel, or one of all.
    settings : mapping of str to str, int, float, bool or None, optional
        What else the user chose.
    source : str, default ""
        Name of the source file or layer, without its folder.
    version : str
        Version of napari-autolut that did it; by default this one.
    """

    operation: Operation
    model: str = ""
    model_sha256: str = ""
    scale: Scale = 1
    value_range: tuple[tuple[float, float], ...] = ()
    noise: tuple[Noise, ...] = ()
    settings: Mapping[str, Plain] = field(default_factory=dict)
    source: str = ""
    version: str = field(default_factory=lambda: version(PROGRAM))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without the fields that say nothing."""
        return {name: value for name, value in asdict(self).items() if value not in ("", (), {})}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ProcessingStep:
        """Read what :meth:`as_dict` gave; fields of later versions are left out.

        Parameters
        ----------
        values : mapping of str to object
            From a file, so that nothing is sure.

        Returns
        -------
        ProcessingStep
            The step.

        Raises
        ------
        ValueError
            If it describes no step.
        """
        try:
            if values["operation"] not in get_args(Operation):
                raise ValueError(f"operation: found {values['operation']!r}")
            return cls(
                operation=values["operation"],
                model=_text(values.get("model", "")),
                model_sha256=_text(values.get("model_sha256", "")),
                scale=_scale(values.get("scale", 1)),
                value_range=tuple(
                    (float(lo), float(hi)) for lo, hi in values.get("value_range", ())
                ),
                noise=tuple(_noise(each) for each in values.get("noise", ())),
                settings=_plain(values.get("settings", {})),
                source=_text(values.get("source", "")),
                version=_text(values.get("version", "")),
            )
        except (LookupError, TypeError, AttributeError, OverflowError) as error:
            problem = f"found no processing step ({type(error).__name__}: {error})"
            raise ValueError(problem) from error

    def answers(self, request: ProcessingStep) -> bool:
        """Whether this step is what was asked for, as far as that is known before the work.

        Parameters
        ----------
        request : ProcessingStep
            Operation, scale, model and settings as asked for; what is found in the image (ranges,
            noise) is not there yet, and no scale of a stack that is made isotropic.

        Returns
        -------
        bool
            Whether a result that ends with this step is one of the request; of labels, which no
            model enlarges, by operation and scale alone.
        """
        if self.model == NEAREST:
            return (self.operation, self.scale) == (request.operation, request.scale)
        of_one_model = not request.model_sha256 or self.model_sha256 == request.model_sha256
        as_large = request.operation == "isotropic" or self.scale == request.scale
        asked = {name: value for name, value in self.settings.items() if name not in FOUND}
        same = (self.operation, asked) == (request.operation, dict(request.settings))
        return of_one_model and as_large and same


History = tuple[ProcessingStep, ...]
"""All that was done to an image, the first step first."""


def history_to_json(history: Sequence[ProcessingStep]) -> str:
    """Write a history as one line of JSON, in ASCII.

    Parameters
    ----------
    history : sequence of ProcessingStep
        What was done.

    Returns
    -------
    str
        For :func:`history_from_json`.
    """
    return json.dumps([step.as_dict() for step in history])


def history_from_json(text: object) -> History:
    """Read a history; empty where the text is none, for a file may hold anything.

    Parameters
    ----------
    text : object
        What a file holds in the place of a history.

    Returns
    -------
    tuple of ProcessingStep
        The steps.

    Examples
    --------
    >>> step = ProcessingStep("upscale", "natural-x2", scale=2, version="1.0")
    >>> history_from_json(history_to_json([step])) == (step,)
    True
    >>> history_from_json("hello")
    ()
    """
    if not isinstance(text, str) or len(text) > MAX_JSON_CHARACTERS:
        return ()
    try:
        steps = json.loads(text)
        if not isinstance(steps, list) or len(steps) > MAX_STEPS:
            return ()
        return tuple(ProcessingStep.from_dict(step) for step in steps)
    except (ValueError, RecursionError):
        return ()


def _scale(value: Any) -> Scale:
    number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"scale: found {value!r}")
    return int(number) if number.is_integer() else number


def _noise(values: Mapping[str, Any]) -> Noise:
    correlation = tuple(float(rho) for rho in values.get("correlation", ()))
    softness = float(values.get("softness", 0.0))
    return Noise(float(values["gain"]), float(values["offset_variance"]), correlation, softness)


def _plain(values: Mapping[str, Any]) -> dict[str, Plain]:
    return {
        _text(name): value if isinstance(value, bool | int | float | None) else _text(value)
        for name, value in values.items()
    }


def _text(value: object) -> str:
    text = str(value)
    if len(text) > MAX_TEXT:
        raise ValueError(f"found a text of {len(text)} characters, expected {MAX_TEXT} at most")
    return text
