"""Models on disk: the model file, the catalogue of models, and published layouts.

Lives here: reading, writing, finding and importing models. Not here: what a valid model is
(``model``).
"""

from napari_autolut.storage.catalogue import (
    DEFAULT_MODEL,
    CatalogueEntry,
    UnknownModelError,
    catalogue_changes,
    list_models,
    load_model,
    load_model_of_scale,
    next_scale,
    user_models_folder,
)
from napari_autolut.storage.model_file import (
    SUFFIX,
    load_model_file,
    model_digest,
    read_card,
    save_model,
)
from napari_autolut.storage.tensor_file import ModelFileError

__all__ = [
    "DEFAULT_MODEL",
    "SUFFIX",
    "CatalogueEntry",
    "ModelFileError",
    "UnknownModelError",
    "catalogue_changes",
    "list_models",
    "load_model",
    "load_model_file",
    "load_model_of_scale",
    "model_digest",
    "next_scale",
    "read_card",
    "save_model",
    "user_models_folder",
]
