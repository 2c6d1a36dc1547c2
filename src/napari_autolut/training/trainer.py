"""The trainer's own package, which the plugin knows by its name alone.

Belongs here: importing it on request. What it is asked for is ``request.py``; from docks it runs in
a process of its own, ``process.py``.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from napari_autolut.util.optional import training_problem, with_torch


def training_api() -> ModuleType:
    """Import ``autolut_training.api``.

    Raises
    ------
    MissingDependencyError
        If torch is not installed, too old, or not to be had for this computer.
    """
    return with_torch("autolut_training.api", training_problem())


def training_settings() -> ModuleType:
    """Import ``autolut_training.settings``, which needs no torch."""
    return import_module("autolut_training.settings")
