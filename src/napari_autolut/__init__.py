"""Enlarge and sharpen images with look-up tables; a napari plugin and a Python library."""

from napari_autolut.arrays import upscale
from napari_autolut.catalogue import list_models, load_model
from napari_autolut.model import LutModel
from napari_autolut.storage import ModelFileError, save_model

__all__ = ["LutModel", "ModelFileError", "list_models", "load_model", "save_model", "upscale"]
