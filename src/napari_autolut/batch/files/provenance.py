"""What is written into result files about how they were made, and read from those that are there.

Belongs here: the record of an upscaling and a denoising of files, and whether a file that exists is
what is asked for. The record itself is ``io/provenance.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_autolut.arrays import LumaTask, Task, noise_of
from napari_autolut.batch.files.options import AS_FOUND, DenoiseOptions, UpscaleOptions
from napari_autolut.batch.files.ranges import SetRanges
from napari_autolut.denoising import DenoisingModel, white_noise_tables
from napari_autolut.io import FOUND_COLOURS, Noise, ProcessingStep, read_history
from napari_autolut.model import LutModel
from napari_autolut.noise import NoiseModel
from napari_autolut.storage import model_digest
from napari_autolut.util.errors import FILE_ERRORS
from napari_autolut.util.optional import MissingDependencyError
from napari_autolut.util.text import all_digits, first_names, printable, shortened

SAID = 12
"""Settings of a result that a sentence says; a file of somebody else may have thousands."""


def upscale_request(model: LutModel, how: UpscaleOptions = AS_FOUND) -> ProcessingStep:
    """Describe an upscaling before its first file is read.

    Parameters
    ----------
    model : LutModel
        The model.
    how : UpscaleOptions, optional
        As asked for.

    Returns
    -------
    ProcessingStep
        Without what is found in an image.
    """
    asked = "auto" if how.value_range is None else how.value_range
    if isinstance(asked, SetRanges):
        words = asked.words
    else:
        words = asked if isinstance(asked, str) else ",".join(map(all_digits, asked))
    settings = {"value_range": words}
    if model.noisy:
        settings["noise"] = "none" if how.noise is None else str(how.noise)
    if how.colour != "channels":
        settings["colour"] = how.colour
    scale = how.scale or model.scale
    return ProcessingStep("upscale", model.name, model_digest(model), scale, settings=settings)


def upscaled(request: ProcessingStep, task: Task, source: Path) -> ProcessingStep:
    """Complete the record of an upscaling.

    Parameters
    ----------
    request : ProcessingStep
        As :func:`upscale_request` gives it.
    task : Task
        What is done to the image, with its ranges and its noise.
    source : Path
        The image's file.

    Returns
    -------
    ProcessingStep
        For the result.
    """
    ranges = tuple((each.lo, each.hi) for each in task.ranges)
    noise = tuple(_recorded(each) for each in noise_of(task))
    settings = {**request.settings, FOUND_COLOURS: "through luma"}
    return replace(
        request,
        value_range=ranges,
        noise=noise,
        settings=settings if isinstance(task, LumaTask) else request.settings,
        source=printable(source.name),
    )


def _recorded(noise: NoiseModel | None) -> Noise:
    """A noise model as a file says it; none has no variance."""
    if noise is None:
        return Noise(0.0, 0.0)
    return Noise(noise.gain, noise.offset_variance, tuple(noise.correlation), noise.softness)


def denoise_request(how: DenoiseOptions) -> ProcessingStep:
    """Describe a denoising before its first file is read.

    Parameters
    ----------
    how : DenoiseOptions
        Noise, strength and tables, as they are asked for.

    Returns
    -------
    ProcessingStep
        Without what is found in an image.
    """
    noise = how.noise
    given = (
        "auto" if noise is None else ",".join(map(all_digits, (noise.gain, noise.offset_variance)))
    )
    settings: dict[str, Any] = {"noise": given, "strength": how.strength}
    if how.model is not None:
        settings["model"] = table_digests(how.model)
    return ProcessingStep("denoise", settings=settings)


def table_digests(model: DenoisingModel) -> str:
    """What tells tables for white noise from others of the same name."""
    return ", ".join(model_digest(each.model) for each in white_noise_tables(model))


def denoised(
    request: ProcessingStep,
    noise: Sequence[NoiseModel],
    tables: Sequence[LutModel],
    source: Path,
) -> ProcessingStep:
    """Complete the record of a denoising.

    Parameters
    ----------
    request : ProcessingStep
        As :func:`denoise_request` gives it.
    noise : sequence of NoiseModel
        What was taken away, of each channel.
    tables : sequence of LutModel
        What took it away; one that served several channels is named once.
    source : Path
        The image's file.

    Returns
    -------
    ProcessingStep
        For the result.
    """
    known = {table.name: model_digest(table) for table in tables}
    return replace(
        request,
        model=", ".join(known),
        model_sha256=", ".join(known.values()),
        noise=tuple(_recorded(each) for each in noise),
        source=printable(source.name),
    )


def difference(out: Path, request: ProcessingStep) -> str:
    """Say how a result that is there differs from what is asked for.

    Parameters
    ----------
    out : Path
        A file that exists.
    request : ProcessingStep
        What is asked for.

    Returns
    -------
    str
        A sentence that names the file; empty where it is the result, or says nothing of itself, as
        files of others.
    """
    try:
        history = read_history(out)
    except (*FILE_ERRORS, MissingDependencyError):
        return ""
    if not history or history[-1].answers(request):
        return ""
    last = history[-1]
    model = f" with {shortened(last.model)}" if last.model else ""
    known = [shortened(f"{name} {value}") for name, value in last.settings.items()]
    settings = first_names(known, SAID)
    how = f"{last.operation}{model}" + (f" ({settings})" if settings else "")
    return (
        f"{out}: exists already, but was made otherwise ({how}); choose another folder, or have it "
        "overwritten"
    )
