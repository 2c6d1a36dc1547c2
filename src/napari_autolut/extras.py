"""What is installed only on request, and what to type when it is not there.

Belongs here: the one place that says so, for the shell and for the docks.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

TORCH_MISSING = (
    'training needs PyTorch, which is not installed here; type: pip install "napari-autolut[train]"'
)

DISTRIBUTED_MISSING = (
    "a scheduler needs dask.distributed, which is not installed here; type: pip install "
    '"napari-autolut[distributed]"'
)


class MissingExtraError(ImportError):
    """An optional dependency that is not installed; the message says what to type."""


def training_api() -> ModuleType:
    """Give ``autolut_training.api``.

    Raises
    ------
    MissingExtraError
        if torch is not installed
    """
    try:
        return import_module("autolut_training.api")
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingExtraError(TORCH_MISSING, name="torch") from error


def distributed() -> ModuleType:
    """Give ``distributed``, dask's package for clusters.

    Raises
    ------
    MissingExtraError
        if it is not installed
    """
    try:
        return import_module("distributed")
    except ModuleNotFoundError as error:
        if error.name != "distributed":
            raise
        raise MissingExtraError(DISTRIBUTED_MISSING, name="distributed") from error
