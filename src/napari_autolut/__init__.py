"""Enlarge, sharpen and denoise images with look-up tables; a napari plugin and a Python library.

>>> import numpy as np
>>> from napari_autolut import denoise, upscale
>>> frame = np.random.default_rng(0).poisson(50, (64, 64)).astype(np.uint16)
>>> upscale(denoise(frame), "micro-x2").shape
(128, 128)

Belongs here: the public names and nothing else. Each is loaded when it is first used, so that
``import napari_autolut`` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_autolut.arrays.noise_estimate import estimate_noise
    from napari_autolut.arrays.upscaler import Upscaler
    from napari_autolut.arrays.upscaling import upscale
    from napari_autolut.denoising.images import denoise
    from napari_autolut.evaluation.benchmark import evaluate
    from napari_autolut.export.files import export_model
    from napari_autolut.isotropic.arrays import make_isotropic
    from napari_autolut.model import LutModel
    from napari_autolut.model.card import Card
    from napari_autolut.noise.model import NoiseModel
    from napari_autolut.storage.catalogue import UnknownModelError, list_models, load_model
    from napari_autolut.storage.importers import import_tables
    from napari_autolut.storage.model_file import save_model
    from napari_autolut.storage.tensor_file import ModelFileError

    __version__: str

__all__ = [
    "Card",
    "LutModel",
    "ModelFileError",
    "NoiseModel",
    "UnknownModelError",
    "Upscaler",
    "__version__",
    "denoise",
    "estimate_noise",
    "evaluate",
    "export_model",
    "import_tables",
    "list_models",
    "load_model",
    "make_isotropic",
    "save_model",
    "upscale",
]

_MODULES = {
    "Card": "model.card",
    "LutModel": "model.graph",
    "ModelFileError": "storage.tensor_file",
    "UnknownModelError": "storage.catalogue",
    "Upscaler": "arrays.upscaler",
    "NoiseModel": "noise.model",
    "denoise": "denoising.images",
    "estimate_noise": "arrays.noise_estimate",
    "evaluate": "evaluation.benchmark",
    "export_model": "export.files",
    "import_tables": "storage.importers",
    "list_models": "storage.catalogue",
    "load_model": "storage.catalogue",
    "make_isotropic": "isotropic.arrays",
    "save_model": "storage.model_file",
    "upscale": "arrays.upscaling",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("napari-autolut")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
