"""Exported files: an ONNX model, or a package of the BioImage Model Zoo around it.

Belongs here: the public call, suffixes and writing. What is written is ``cascade.py`` and
``zoo.py``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from napari_autolut.export.cascade import SOURCE, cascade
from napari_autolut.export.graph import ExportError
from napari_autolut.export.metadata import left_out, metadata
from napari_autolut.export.zoo import write_package
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model
from napari_autolut.util.arguments import checked_path
from napari_autolut.util.atomic import atomic_write, check_replaceable
from napari_autolut.util.text import quoted
from napari_autolut.util.warning import warn

ONNX, ZOO = ".onnx", ".zip"
SUFFIXES = (ONNX, ZOO)
"""What an export may be called: a model of ONNX, or a package of the BioImage Model Zoo."""


def export_model(
    model: str | os.PathLike[str] | LutModel,
    path: str | Path,
    *,
    authors: str | Sequence[str] = (),
    overwrite: bool = False,
) -> Path:
    """Write a model for other programs, as ONNX or as a package of the BioImage Model Zoo.

    It computes what the reference engine does, on float32 images (batch, channel, H, W) with values
    in [0, 255]. Needs the extra "export".

    Parameters
    ----------
    model : str or path-like or LutModel
        As for ``load_model``.
    path : str or Path
        Ends in ``.onnx``, or in ``.zip`` for a package.
    authors : str or sequence of str, optional
        Who made the model, for a package; by default napari-autolut's contributors for a shipped
        one, else "unknown".
    overwrite : bool, default False
        Replace a file that exists.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError
        If the path is none, or an author no name.
    ValueError
        If an author's name is empty.
    ExportError
        If the path has another suffix, or the model is too large for ONNX.
    FileExistsError
        If the file exists and ``overwrite`` is false.
    MissingDependencyError
        If onnx is not installed.

    Warns
    -----
    UserWarning
        If the model knows of noise, which no export can carry.
    """
    target = checked_path(path, "path")
    if target.suffix not in SUFFIXES:
        raise ExportError(
            f"{target}: found {target.suffix or 'no suffix'}, expected .onnx for an ONNX model, or "
            ".zip for a package of the BioImage Model Zoo"
        )
    names = _names(authors)
    check_replaceable(target, overwrite=overwrite)
    loaded = load_model(model)
    graph, result = cascade(loaded)
    content = graph.finished(SOURCE, result, metadata(loaded)).SerializeToString()
    with atomic_write(target, overwrite=overwrite) as temporary:
        if target.suffix == ONNX:
            temporary.write_bytes(content)
        else:
            write_package(loaded, content, temporary, names)
    if loaded.noisy:
        warn(left_out(loaded), UserWarning)
    return target


def _names(authors: Any) -> list[str]:
    """Give the authors as a list of names."""
    names = [authors] if isinstance(authors, str) else authors
    found = f"authors: found {quoted(authors)}, expected a name or several"
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise TypeError(found)
    if not all(map(str.strip, names)):
        raise ValueError(found)
    return list(names)
