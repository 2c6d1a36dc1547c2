"""HR/LR pairs of a benchmark: which files of the folders are compared.

Belongs here: finding and matching files by their names. Reading and scoring them is in
``scenes.py``.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from napari_autolut.io import READABLE_SUFFIXES
from napari_autolut.model import LutModel


class EvaluationError(ValueError):
    """Images that cannot be compared: which ones, why, and what to do."""


@dataclass(frozen=True)
class Pair:
    """An HR image and its LR image.

    Parameters
    ----------
    name : str
        Name of the HR file without its suffix.
    hr : Path
        The HR image.
    lr : Path or None
        The LR image; None where it is to be made of the HR image.
    """

    name: str
    hr: Path
    lr: Path | None


def find_pairs(
    model: LutModel,
    hr_folder: str | os.PathLike[str],
    lr_folder: str | os.PathLike[str] | None = None,
) -> list[Pair]:
    """Match HR with LR images by name.

    Parameters
    ----------
    model : LutModel
        Its scale may be a suffix of the names.
    hr_folder : str or path-like
        The HR images; other files are skipped.
    lr_folder : str or path-like, optional
        The LR images; by default they are made of the HR images.

    Returns
    -------
    list of Pair
        One for each HR image, by name.

    Raises
    ------
    EvaluationError
        If a folder has no images, or an LR image is missing or not unique.
    """
    truths = _images(Path(hr_folder))
    if lr_folder is None:
        if model.scale == 1:
            raise EvaluationError(
                f"{model.name} keeps the size: its inputs cannot be made of the HR images; give "
                "a folder of them as well"
            )
        return [Pair(path.stem, path, None) for path in truths]
    inputs = list(_images(Path(lr_folder)))
    return [Pair(path.stem, path, _input_of(path, inputs, model.scale)) for path in truths]


def _images(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise EvaluationError(f"{folder}: found no folder, expected a folder of images")
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in READABLE_SUFFIXES and not path.name.startswith(".")
    ]
    if not found:
        raise EvaluationError(f"{folder}: found no images ({', '.join(READABLE_SUFFIXES)})")
    return found


def _input_of(truth: Path, inputs: list[Path], scale: int) -> Path:
    """Find the LR image whose stem is the HR image's, but for HR, LR and the scale at the end."""
    key = _without_suffixes(truth.stem, scale)
    matches = [path for path in inputs if path.stem == truth.stem] or [
        path for path in inputs if _without_suffixes(path.stem, scale) == key
    ]
    if len(matches) != 1:
        found = ", ".join(path.name for path in matches) or "none"
        folder = inputs[0].parent
        raise EvaluationError(
            f"{folder}: found {found} for {truth.name}, expected one image named {truth.stem} or "
            f"{truth.stem}x{scale}"
        )
    return matches[0]


def _without_suffixes(stem: str, scale: int) -> str:
    shorter = re.sub(rf"[ ._-]?x{scale}$", "", stem, flags=re.IGNORECASE)
    return re.sub(r"[ ._-](hr|lr)$", "", shorter, flags=re.IGNORECASE)
