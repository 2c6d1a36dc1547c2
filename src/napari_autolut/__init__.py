"""Enlarge and sharpen images with look-up tables; a napari plugin and a Python library."""

from napari_autolut.arrays.upscaling import upscale
from napari_autolut.model.graph import LutModel
from napari_autolut.storage.catalogue import list_models, load_model
from napari_autolut.storage.model_file import ModelFileError, save_model

__all__ = ["LutModel", "ModelFileError", "list_models", "load_model", "save_model", "upscale"]
