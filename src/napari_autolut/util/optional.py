"""Optional dependencies: importing them, and what to type when one is missing.

Belongs here: the one place that says so, for the shell and for the docks.
"""

from __future__ import annotations

import platform
import sys
from functools import cache
from importlib import import_module, invalidate_caches
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from types import ModuleType

TRAIN_COMMAND = 'pip install "napari-autolut[train]"'

OLDEST_TORCH = (2, 4)
"""The first one whose fused Adam knows CPUs."""

INTEL_MAC = (
    "training needs PyTorch 2.4 or newer, and for Macs with an Intel processor there is none: "
    "upscaling and denoising work here, but train on another computer; the table works everywhere"
)

TORCH_MISSING = f"{{what}} needs PyTorch, which is not installed here; type: {TRAIN_COMMAND}"

DISTRIBUTED_MISSING = (
    "a scheduler needs dask.distributed, which is not installed here; type: pip install "
    '"napari-autolut[distributed]"'
)

ZARR_MISSING = (
    "OME-Zarr needs zarr and yaozarrs, which are not installed here; type: pip install "
    '"napari-autolut[zarr]"'
)

EXPORT_MISSING = (
    "exporting a model needs onnx, pyyaml and packaging 24.2 or newer, which are not all installed "
    'here; type: pip install "napari-autolut[export]"'
)


class MissingDependencyError(ImportError):
    """An optional dependency that is not installed; the message says what to type."""


@cache
def compiled(module: str) -> ModuleType | None:
    """A module of kernels by its name; None where numba is missing."""
    try:
        return import_module(module)
    except ImportError:
        return None


def torch_installed() -> bool:
    """Whether PyTorch is there, without loading it; sees what was installed just now."""
    invalidate_caches()
    return find_spec("torch") is not None


def training_problem() -> str:
    """Why nothing can be trained here, in a sentence; empty where PyTorch is there and new enough.

    Loads nothing, and sees what was installed just now.
    """
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        return INTEL_MAC
    return torch_problem("training")


def torch_problem(what: str) -> str:
    """Why PyTorch cannot be used here for something, in a sentence; empty where it can."""
    if not torch_installed():
        return TORCH_MISSING.format(what=what)
    try:
        found = version("torch")
    except PackageNotFoundError:  # built from source, in a folder of its own
        return ""
    if tuple(int(part) for part in found.split(".")[:2]) >= OLDEST_TORCH:
        return ""
    return f"{what}: found PyTorch {found}, expected 2.4 or newer; type: {TRAIN_COMMAND}"


def with_torch(module: str, problem: str) -> ModuleType:
    """Import a module that needs PyTorch.

    Parameters
    ----------
    module : str
        Its name.
    problem : str
        Why it cannot be imported here, if it cannot: :func:`torch_problem` or
        :func:`training_problem`.

    Raises
    ------
    MissingDependencyError
        With that.
    """
    if problem:
        raise MissingDependencyError(problem, name="torch")
    return import_module(module)


def distributed() -> ModuleType:
    """Import ``distributed``, dask's package for clusters.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        return import_module("distributed")
    except ModuleNotFoundError as error:
        if error.name != "distributed":
            raise
        raise MissingDependencyError(DISTRIBUTED_MISSING, name="distributed") from error


def zarr() -> ModuleType:
    """Import ``zarr``, which reads and writes the arrays of OME-Zarr.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    return _for_zarr("zarr")


def zarr_models() -> ModuleType:
    """Import ``yaozarrs``, the models of what OME-Zarr says of arrays.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    return _for_zarr("yaozarrs")


def _for_zarr(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise MissingDependencyError(ZARR_MISSING, name=module) from error


def for_export(module: str) -> ModuleType:
    """Import what writes models for other programs: ``onnx``, ``yaml`` or ``packaging.licenses``.

    Raises
    ------
    MissingDependencyError
        If it is not installed, or too old to have the module.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise MissingDependencyError(EXPORT_MISSING, name=module) from error
