"""User models: added to the catalogue, and removed from it.

Belongs here: what may be added, under which name, and what may be removed. Reading a file is in
``model_file.py``; where it is found later is in ``catalogue.py``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from napari_autolut.storage.catalogue import (
    CatalogueEntry,
    catalogue_changes,
    list_models,
    user_models_folder,
)
from napari_autolut.storage.model_file import SUFFIX, load_model_file
from napari_autolut.storage.tensor_file import ModelFileError
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.in_use import patiently
from napari_autolut.util.paths import check_name


def add_model_file(path: str | Path) -> CatalogueEntry:
    """Check a model file and copy it into the user's folder; the catalogue has it from then on.

    Parameters
    ----------
    path : str or Path
        A model file; its name becomes the name of the model.

    Returns
    -------
    CatalogueEntry
        The copy in the catalogue.

    Raises
    ------
    ModelFileError
        If it is not a valid model.
    FileExistsError
        If a model has its name already, shipped or own.
    ValueError
        If not every system can have a file of that name, or it would be hidden.
    """
    source = Path(path)
    if source.suffix != SUFFIX:
        raise ModelFileError(
            source, "file name", source.name, f"a model file that ends in {SUFFIX}"
        )
    load_model_file(source)
    name = source.name.removesuffix(SUFFIX)
    check_name(name, "name of the model")
    for known in list_models():
        if known.name == name:
            whose = "of your own models" if known.origin == "user" else "of the shipped models"
            raise FileExistsError(
                f"One {whose} is called {name!r} already ({known.path}); rename {source.name} and "
                "add it again."
            )
    target = user_models_folder() / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(target) as temporary:
        shutil.copyfile(source, temporary)
    catalogue_changes.happened.emit()
    return CatalogueEntry(name, target, "user")


def remove_model(entry: CatalogueEntry) -> None:
    """Delete the file of a user model; one that is gone already is no error.

    Raises
    ------
    ValueError
        For a shipped model.
    """
    if entry.origin != "user" or entry.path.parent != user_models_folder():
        raise ValueError(f"{entry.name!r} came with napari-autolut and cannot be removed.")
    patiently(lambda: entry.path.unlink(missing_ok=True))
    catalogue_changes.happened.emit()
