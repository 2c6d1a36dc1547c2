"""Models by name: the shipped tables, the user's own folder, or any path.

Belongs here: where models are looked for. Reading a file is ``storage.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from platformdirs import user_data_dir

from napari_autolut.model.graph import LutModel
from napari_autolut.storage.model_file import SUFFIX, ModelFileError, load_model_file

DEFAULT_MODEL = "natural-x4"

MODELS_BY_SCALE = {2: "natural-x2", 3: "natural-x3", 4: "natural-x4"}
"""Shipped tables for natural images, for callers who name a scale and no model."""

KEPT = 4
"""Models that are kept in memory for the next call."""


@dataclass(frozen=True)
class CatalogueEntry:
    """A model that can be picked by name; ``origin`` is ``"shipped"`` or ``"user"``."""

    name: str
    path: Path
    origin: str


class UnknownModelError(LookupError):
    """No model of that name, and no such file."""


def user_models_folder() -> Path:
    """Where the user's own models live; not created until something is saved there."""
    return Path(user_data_dir("napari-autolut", appauthor=False)) / "models"


def list_models() -> list[CatalogueEntry]:
    """Every model by name, shipped ones first; a user's model of the same name comes second."""
    shipped = Path(str(files("napari_autolut.luts").joinpath()))
    return [*_entries(shipped, "shipped"), *_entries(user_models_folder(), "user")]


def _entries(folder: Path, origin: str) -> Iterator[CatalogueEntry]:
    if folder.is_dir():
        for path in sorted(folder.glob(f"[!.]*{SUFFIX}"), key=lambda path: path.stem):
            yield CatalogueEntry(path.name.removesuffix(SUFFIX), path, origin)


def load_model(model: str | os.PathLike[str] | LutModel) -> LutModel:
    """Get a model by catalogue name, by path, or as it is.

    Of a file that has not changed since, the same model again: it is not read twice.

    Raises
    ------
    UnknownModelError
        if it is neither the name of a known model nor an existing file
    ModelFileError
        if the file is there and is not a valid model
    """
    if isinstance(model, LutModel):
        return model
    text = os.fspath(model)
    if isinstance(model, str):
        for entry in list_models():
            if entry.name == text:
                return _of_file(entry.path)
    if Path(text).exists():
        return _of_file(Path(text))
    looks_like_path = text.endswith(SUFFIX) or os.sep in text or not isinstance(model, str)
    if looks_like_path:
        raise ModelFileError(text, "file", "no such file", "a napari-autolut .safetensors file")
    names = ", ".join(entry.name for entry in list_models()) or "none"
    raise UnknownModelError(f"no model named {text!r}; known models: {names}; or give a file")


def load_model_of_scale(
    model: str | os.PathLike[str] | LutModel | None = None, scale: int | None = None
) -> LutModel:
    """Get a model, of a certain scale where one is given.

    Parameters
    ----------
    model : str, os.PathLike or LutModel, optional
        As for :func:`load_model`; by default the shipped table of the scale, or the default model.
    scale : int, optional
        How many times as large the model makes images.

    Raises
    ------
    ValueError
        If the model has another scale, or there is no shipped table of that scale.
    UnknownModelError, ModelFileError
        As :func:`load_model`.
    """
    if scale is None:
        return load_model(DEFAULT_MODEL if model is None else model)
    if model is None:
        if scale not in MODELS_BY_SCALE:
            known = ", ".join(map(str, MODELS_BY_SCALE))
            raise ValueError(f"scale: found {scale}, expected {known}; or give a model")
        return load_model(MODELS_BY_SCALE[scale])
    loaded = load_model(model)
    if loaded.scale != scale:
        raise ValueError(
            f"scale: found {scale}, but the model {loaded.name} enlarges {loaded.scale} times; "
            "give one of the two"
        )
    return loaded


def _of_file(path: Path) -> LutModel:
    try:
        state = path.stat()
    except OSError:
        return load_model_file(path)  # which says what is wrong
    times = state.st_mtime_ns, state.st_ctime_ns
    return _of_state(path.absolute(), state.st_ino, state.st_size, *times)


@lru_cache(maxsize=KEPT)
def _of_state(path: Path, *_state: int) -> LutModel:
    return load_model_file(path)
