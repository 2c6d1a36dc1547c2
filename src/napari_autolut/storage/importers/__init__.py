"""Importers for the table layouts that papers have published.

Lives here: :func:`import_tables`, from files as authors publish them to a model; a file for each
architecture. Not here: our own model file (``storage.model_file``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from napari_autolut.model import Card, LutModel, ModelError
from napari_autolut.storage.importers import mulut, spf, sr_lut
from napari_autolut.storage.importers.network import Network
from napari_autolut.storage.importers.tablesets import (
    PUBLICATIONS,
    Architecture,
    TableSet,
    choose_set,
)
from napari_autolut.storage.tensor_file import ModelFileError
from napari_autolut.util.arguments import checked_path
from napari_autolut.util.text import counted

__all__ = ["LAYOUTS", "import_tables"]

LAYOUTS = ("sr-lut", "mulut", "autolut", "dfc")
"""Layouts by name: plain SR-LUT, plain MuLUT, anything with AutoLUT's samplers, and what DFC's
authors publish (SPF-LUT, plain or compressed, and compressed MuLUT)."""

BUILDERS: Mapping[Architecture, Callable[[TableSet], Network]] = {
    "sr-lut": sr_lut.build,
    "cascade": mulut.build,
    "spf": spf.build,
}


def import_tables(
    source: str | os.PathLike[str], layout: str = "auto", *, licence: str = "unknown"
) -> LutModel:
    """Make a model of tables in a published layout.

    Parameters
    ----------
    source : str or path-like
        A folder of ``.npy`` files, or one of them, whose siblings are then found by name; of tables
        before and after fine-tuning in one folder, the fine-tuned ones are taken.
    layout : str, default "auto"
        One of :data:`LAYOUTS`, or "auto" to tell it from the file names.
    licence : str, default "unknown"
        The terms that the tables came under, for the model's card.

    Returns
    -------
    LutModel
        A model that computes what the authors' own test program computes, on 0..255.

    Raises
    ------
    TypeError
        If ``source`` is no path.
    ModelFileError
        If files are missing, do not hold what their names say, are in no known layout, or belong to
        several models.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from napari_autolut import import_tables
    >>> with TemporaryDirectory() as folder:  # as SR-LUT's authors name and shape them
    ...     np.save(Path(folder) / "Model_V_x2_4bit_int8.npy", np.zeros((17**2, 4), np.int8))
    ...     import_tables(folder).scale
    2
    """
    path = checked_path(source, "source")
    if layout not in (*LAYOUTS, "auto"):
        raise ModelFileError(path, "layout", layout, f"auto, {', '.join(LAYOUTS)}")
    if not path.exists():
        raise ModelFileError(path, "source", "no such file or folder", "a folder or .npy file")
    wanted = None if layout == "auto" else layout
    folder, chosen = (path, None) if path.is_dir() else (path.parent, path)
    tables = choose_set(folder, chosen, wanted)
    try:
        network = BUILDERS[tables.architecture](tables)
        card = _card(tables, network.nodes[-1].upscale, licence)
        return LutModel(network.nodes, card, network.rounding, network.padding)
    except ModelFileError:
        raise
    except ModelError as error:
        raise ModelFileError(path, error.field, error.found, error.expected) from error


def _card(tables: TableSet, upscale: int, licence: str) -> Card:
    branches = "".join(tables.branches).upper()
    parts = [PUBLICATIONS[tables.architecture].title]
    if tables.sampled:
        branches = counted(len(tables.branches), "branch", "branches")
        parts.append("AutoLUT")
    parts += ["DFC"] * tables.compressed
    restoration = "deblocking" if "_qf" in tables.name else "denoising"
    return Card(
        name=f"{'+'.join(parts)} {branches} x{upscale}",
        task="super-resolution" if upscale > 1 else restoration,
        description=f"Imported from {tables.name}*.npy.",
        licence=licence,
        source=", ".join(sorted(tables.layouts)),
    )
