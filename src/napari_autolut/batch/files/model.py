"""Which model enlarges a file, or all of a folder: one that is named, or that its images ask for.

Belongs here: from a file to a loaded model. The rules are ``arrays.model_choice``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from napari_autolut.arrays import (
    AUTO,
    ModelChoice,
    ModelLike,
    check_image,
    choose_model_for,
)
from napari_autolut.arrays.model_choice import MICROGRAPH
from napari_autolut.batch.files.labels import axes_of, labels_recognised
from napari_autolut.io import ImageFile, ImageFileError, chosen_series, list_series, read_image
from napari_autolut.io.units import in_microns
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model, load_model_of_scale
from napari_autolut.util.errors import FILE_ERRORS
from napari_autolut.util.grid import Scale
from napari_autolut.util.samples import spread

SAMPLED_BYTES = 2**26
"""Pixels of more bytes than this stay in the file while a model is chosen, where they can."""

FILES_SEEN, FILES_UNSURE, FILES_TRIED = 3, 9, 12
"""Files of a folder that decide which model suits it where they are of one kind, and where they are
not; and how many are tried to find those."""

SCALE_OF_LABELS = 2
"""How many times as large labels are to be where nobody says: as micrographs."""

ENOUGH = 1 / 3
"""Part of the files that makes a folder one of micrographs: what looks like a photograph may be a
micrograph of which nothing tells."""


def model_of_file(
    model: ModelLike | None,
    source: Path,
    *,
    series: int | None = None,
    scale: Scale | None = None,
) -> tuple[LutModel, str]:
    """Load a model, chosen by a file's image where the name is ``"auto"``.

    Parameters
    ----------
    model : str, os.PathLike or LutModel
        As for :func:`~napari_autolut.upscale`.
    source : pathlib.Path
        The file.
    series : int, optional
        Which image of it; by default the first that is one.
    scale : float, optional
        How many times as large the result is to be.

    Returns
    -------
    model : LutModel
        The model.
    reason : str
        Why it was chosen; empty where it was named. Of labels, which need none, any of the scale.

    Raises
    ------
    UnknownModelError, ModelFileError
        If there is no such model.
    ValueError
        If the model does not serve the scale.
    """
    if not (isinstance(model, str) and model == AUTO):
        return load_model_of_scale(model, scale), ""
    image = _first_image(source, series)
    if labels_recognised(source, image).labels:
        asked = scale or SCALE_OF_LABELS
        words = "" if scale else f"{asked} times, as micrographs are; --scale chooses"
        return load_model_of_scale(None, asked), words
    choice = _chosen(image, scale)
    return load_model(choice.name), choice.reason


def choose_model_of_files(paths: Sequence[Path], *, scale: Scale | None = None) -> ModelChoice:
    """Choose one shipped table for all files of a folder, as a few of them ask for.

    The first, the one in the middle and the last are looked at, and others instead of those that
    hold no image; more where some are micrographs and some photographs. A third of micrographs is
    enough.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Image files.
    scale : float, optional
        How many times as large results are to be.

    Returns
    -------
    ModelChoice
        The reason says how many files were looked at, and what others of them are.

    Raises
    ------
    ValueError
        If no image can be looked at.
    UnknownModelError
        If there is no table of that scale.
    """
    count = len(paths)
    order = dict.fromkeys([0, count // 2, count - 1, *spread(count, FILES_TRIED)])
    seen: list[ModelChoice] = []
    of_labels: list[ModelChoice] = []
    for at in list(order)[:FILES_TRIED] if count else ():
        try:
            image = _first_image(paths[at], None)
            kind = of_labels if labels_recognised(paths[at], image).labels else seen
            kind.append(_chosen(image, scale))
        except FILE_ERRORS:
            continue  # it fails again when it is its turn, and then says why
        if len(seen) == (FILES_SEEN if len({each.kind for each in seen}) == 1 else FILES_UNSURE):
            break
    seen = seen or of_labels  # which need none
    if not seen:
        raise ValueError("found no file with an image to choose a model by")
    micrographs = [choice for choice in seen if choice.kind == MICROGRAPH]
    names = [choice.name for choice in seen]
    deciding = micrographs if len(micrographs) >= ENOUGH * len(seen) else seen
    best = max(deciding, key=lambda choice: names.count(choice.name))
    others = sorted({choice.kind for choice in seen if choice.name != best.name})
    words = f"{len(seen)} of {count} files looked at" if count > 1 else ""
    if others:
        alike = names.count(best.name)
        words = f"{alike} of {len(seen)} files looked at, others are {others[0]}s"
    said = best.reason.removesuffix(f": {best.name}")
    return replace(best, reason=f"{said}{words and f' ({words})'}: {best.name}")


def _first_image(source: Path, series: int | None) -> ImageFile:
    """The first image of a file, or the one that is wanted."""
    number = chosen_series(source, list_series(source), series)[0].index
    image = read_image(source, series=number, memmap_above=SAMPLED_BYTES)
    try:
        check_image(image.data.shape, image.data.dtype)
    except TypeError as error:
        raise ImageFileError(source, str(error)) from error
    return image


def _chosen(image: ImageFile, scale: Scale | None) -> ModelChoice:
    """Choose a table that suits an image."""
    pixel_size = _pixel_size(image)
    return choose_model_for(image.data, axes_of(image), scale=scale, pixel_size=pixel_size)


def _pixel_size(image: ImageFile) -> float | None:
    """Micrometres between columns, where the file says."""
    return in_microns(image.pixel_size.get("X"), image.unit)
