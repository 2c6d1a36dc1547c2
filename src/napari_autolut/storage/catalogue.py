"""Models by name: the shipped tables, the user's models, or any path.

Belongs here: where models are looked for, and the signal that the catalogue has changed. Reading a
file is in ``model_file.py``; adding and removing user models is in ``user_models.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from platformdirs import user_data_dir
from psygnal import Signal

from napari_autolut.model import LutModel
from napari_autolut.storage.model_file import SUFFIX, load_model_file
from napari_autolut.storage.tensor_file import ModelFileError
from napari_autolut.util.grid import MAX_SCALE, Scale, checked_scale
from napari_autolut.util.spelling import composed, did_you_mean
from napari_autolut.util.text import quoted
from napari_autolut.util.warning import warn

DEFAULT_MODEL = "natural-x4"

MODELS_BY_SCALE = {2: "natural-x2", 3: "natural-x3", 4: "natural-x4"}
"""Shipped tables for natural images, for callers who name a scale and no model."""

CACHED_MODELS = 4
"""Models that stay in memory for the next call."""


@dataclass(frozen=True)
class CatalogueEntry:
    """A model that can be picked by name.

    Parameters
    ----------
    name : str
        Name of the file without its suffix.
    path : Path
        The model file.
    origin : {"shipped", "user"}
        Whether it came with napari-autolut or is the user's.
    """

    name: str
    path: Path
    origin: str


class UnknownModelError(LookupError):
    """No model of that name, and no such file."""


class CatalogueChanges:
    """Source of the signal that models were added or removed in this process.

    Lists of models connect to ``catalogue_changes.happened`` and read the catalogue again. Files
    that other programs add are seen when a list is opened.
    """

    happened = Signal()
    """A model was added, replaced or removed. Emit in the thread of the user interface."""


catalogue_changes = CatalogueChanges()


def user_models_folder() -> Path:
    """Folder of the user models; not created until something is saved there."""
    return Path(user_data_dir("napari-autolut", appauthor=False)) / "models"


def list_models() -> list[CatalogueEntry]:
    """List the models that can be picked by name.

    Returns
    -------
    list of CatalogueEntry
        Shipped models first, each group by name; of two models of one name the shipped one comes
        first.

    Examples
    --------
    >>> from napari_autolut import list_models
    >>> "natural-x4" in [entry.name for entry in list_models()]
    True
    """
    return [*_shipped(), *_own()]


def _own() -> list[CatalogueEntry]:
    """The user's models; a home that cannot be read costs them, and none of the shipped ones."""
    folder = user_models_folder()
    try:
        return list(_entries(folder, "user"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        warn(f"{folder}: {reason}, so that your own models are not listed", UserWarning)
        return []


def _shipped() -> tuple[CatalogueEntry, ...]:
    return _entries_that_stay(Path(str(files("napari_autolut.luts").joinpath())))


@lru_cache(maxsize=1)
def _entries_that_stay(folder: Path) -> tuple[CatalogueEntry, ...]:
    """The models that came with this installation, listed once."""
    return tuple(_entries(folder, "shipped"))


def _entries(folder: Path, origin: str) -> Iterator[CatalogueEntry]:
    try:
        found = [path.name for path in folder.iterdir()]  # glob() hides that it cannot be read
    except (FileNotFoundError, NotADirectoryError):
        return
    for stem in sorted(name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX)):
        if not stem.startswith("."):
            yield CatalogueEntry(composed(stem), folder / f"{stem}{SUFFIX}", origin)


def load_model(model: str | os.PathLike[str] | LutModel) -> LutModel:
    """Get a model by catalogue name, by path, or as it is.

    It is called as its file is, whatever its card says, so that results of a renamed copy are told
    from those of the original. A file that has not changed since is not read twice.

    Parameters
    ----------
    model : str or path-like or LutModel
        Name in the catalogue, path of a model file, or a model, which is returned as it is.

    Returns
    -------
    LutModel
        The model, validated.

    Raises
    ------
    TypeError
        If it is neither text nor a path nor a model.
    UnknownModelError
        If it is neither the name of a known model nor an existing file.
    ModelFileError
        If the file is there and is not a valid model.

    Examples
    --------
    >>> from napari_autolut import load_model
    >>> load_model("natural-x2").scale
    2
    >>> load_model("natural-x7")
    Traceback (most recent call last):
    ...
    napari_autolut.storage.catalogue.UnknownModelError: no model named 'natural-x7'; ...
    """
    if isinstance(model, LutModel):
        return model
    if not isinstance(model, str | os.PathLike):
        raise TypeError(f"model: found {quoted(model)}, expected a name, a path or a LutModel")
    text = os.fspath(model)
    if isinstance(model, str):
        for entries, spelled in ((_shipped, str), (list_models, composed)):  # that reads a folder
            name = spelled(text)
            for entry in entries():
                if entry.name == name:
                    return _of_file(entry.path)
    if text and Path(text).exists():
        return _of_file(Path(text))
    has_folder = Path(text).name != text  # with either slash on Windows
    looks_like_path = text.endswith(SUFFIX) or has_folder or not isinstance(model, str)
    if looks_like_path:
        raise ModelFileError(text, "file", "no such file", "a napari-autolut .safetensors file")
    hint = did_you_mean(text, [entry.name for entry in list_models()])
    raise UnknownModelError(
        f"no model named {text!r}; {hint}napari-autolut models, or list_models() in Python, lists "
        "all; or give a file"
    )


def load_model_of_scale(
    model: str | os.PathLike[str] | LutModel | None = None, scale: Scale | None = None
) -> LutModel:
    """Get a model, for a certain scale where one is given.

    Parameters
    ----------
    model : str, os.PathLike or LutModel, optional
        As for :func:`load_model`; by default the shipped table of the scale, or the default model.
        For a scale that no table has, the shipped table of the next whole one; above 4 that of 4.
    scale : float, optional
        How many times as large images become. A model serves its own, and smaller ones between
        whole numbers. One that enlarges 4 times or more serves all that no shipped table has.

    Returns
    -------
    LutModel
        Loaded and validated.

    Raises
    ------
    ValueError
        If the model does not serve the scale, or there is no shipped table for it.
    UnknownModelError, ModelFileError
        As :func:`load_model`.
    """
    if scale is None:
        return load_model(DEFAULT_MODEL if model is None else model)
    scale = checked_scale(scale)
    if model is None:
        if scale == 1:
            raise ValueError(
                f"scale: found 1, expected more than 1, up to {MAX_SCALE}; or give a model"
            )
        return load_model(MODELS_BY_SCALE[next_scale(scale, MODELS_BY_SCALE)])
    loaded = load_model(model)
    if loaded.scale == scale:
        return loaded
    needed = next_scale(scale, MODELS_BY_SCALE)
    if loaded.scale == 1 or scale in (1, *MODELS_BY_SCALE):
        raise ValueError(
            f"scale: found {scale:g}, but the model {loaded.name} enlarges {loaded.scale} times; "
            "give one of the two"
        )
    if loaded.scale < needed:
        raise ValueError(
            f"scale: found {scale:g}, but the model {loaded.name} enlarges {loaded.scale} times; "
            f"give a model that enlarges {needed} times or more, or none"
        )
    return loaded


def next_scale(scale: Scale, known: Iterable[int]) -> int:
    """The smallest scale of those known that is at least as large; the largest if none is."""
    return min((each for each in known if each >= scale), default=max(known))


def _of_file(path: Path) -> LutModel:
    try:
        state = path.stat()
    except OSError:
        return load_model_file(path)  # which says what is wrong
    times = state.st_mtime_ns, state.st_ctime_ns
    try:
        return _of_state(path.absolute(), state.st_ino, state.st_size, *times)
    except ModelFileError:
        return load_model_file(path)  # whose error names the file as it was given


@lru_cache(maxsize=CACHED_MODELS)
def _of_state(path: Path, *_state: int) -> LutModel:
    model, name = load_model_file(path), composed(path.name.removesuffix(SUFFIX))
    return model if model.name == name else replace(model, card=replace(model.card, name=name))
