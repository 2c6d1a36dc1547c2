"""HR/LR pairs of a benchmark: which files of the folders are compared.

Belongs here: finding and matching files by their names. Reading and scoring them is in
``scenes.py``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from napari_autolut.io import (
    READABLE,
    READABLE_SUFFIXES,
    FileImage,
    images_of,
    images_of_pair,
    members_of_sets,
    suffix_of,
)
from napari_autolut.io.zarr import is_zarr
from napari_autolut.model import LutModel
from napari_autolut.util.errors import FILE_ERRORS
from napari_autolut.util.spelling import plain_name


class EvaluationError(ValueError):
    """Images that cannot be compared: which ones, why, and what to do."""


OnError = Callable[[str, Exception], None]
"""What is told the name of an image that cannot be measured, and why."""


def raise_it(_: str, error: Exception) -> None:
    """End with the first error."""
    raise error


@dataclass(frozen=True)
class Pair:
    """An HR image and its LR image; a file may hold several of them.

    Parameters
    ----------
    name : str
        Name of the HR file without its suffix, with the number of the series where it has several.
    hr : FileImage
        The HR image.
    lr : FileImage or None
        The LR image; None where it is to be made of the HR image.
    remark : str, default ""
        What of the HR file is left out.
    """

    name: str
    hr: FileImage
    lr: FileImage | None
    remark: str = ""


def find_pairs(
    model: LutModel,
    hr_folder: str | os.PathLike[str],
    lr_folder: str | os.PathLike[str] | None = None,
    *,
    on_error: OnError = raise_it,
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
    on_error : callable, optional
        Told the name of an HR image and what is wrong with it or its LR image; by default that ends
        the search.

    Returns
    -------
    list of Pair
        One for each HR image, by name of the file and number in it.

    Raises
    ------
    EvaluationError
        If a folder has no images, or an LR image is missing or not unique.
    ImageFileError
        If a file cannot be read, or holds more images than its LR file.
    """
    truths = _images(Path(hr_folder))
    if lr_folder is None and model.scale == 1:
        raise EvaluationError(
            f"{model.name} keeps the size: its inputs cannot be made of the HR images; give "
            "a folder of them as well"
        )
    inputs = None if lr_folder is None else list(_images(Path(lr_folder)))
    pairs: list[Pair] = []
    for path in truths:
        try:
            lr = None if inputs is None else _input_of(path, inputs, model.scale)
            pairs += _pairs(path, lr)
        except FILE_ERRORS as error:
            on_error(path.stem, error)
    return pairs


def _pairs(hr: Path, lr: Path | None) -> list[Pair]:
    """Images of an HR file, with those of its LR file; the first one has the remark."""
    _, images, remark = images_of(hr, hr.parent)
    lr_images: list[FileImage | None] = [None] * len(images)
    if lr is not None:
        lr_images = [lr_image for _, lr_image in images_of_pair(hr, hr.parent, lr, lr.parent)]
    return [
        Pair(image.name.replace(hr.name, hr.stem, 1), image, lr_image, "" if number else remark)
        for number, (image, lr_image) in enumerate(zip(images, lr_images, strict=True))
    ]


def _images(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise EvaluationError(f"{folder}: found no folder, expected a folder of images")
    found = [
        path
        for path in sorted(folder.iterdir())
        if suffix_of(path) in READABLE_SUFFIXES
        and not path.name.startswith(".")
        and (path.is_file() or is_zarr(path))
    ]
    members = members_of_sets(found)
    found = [path for path in found if path not in members]
    if not found:
        raise EvaluationError(f"{folder}: found no images, expected files of {READABLE}")
    return found


def _input_of(truth: Path, inputs: list[Path], scale: int) -> Path:
    """Find the LR image whose stem is the HR image's, but for HR, LR and the scale at the end."""
    key = _without_suffixes(truth.stem, scale)
    same = plain_name(truth.stem)
    matches = [path for path in inputs if plain_name(path.stem) == same] or [
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
    shorter = plain_name(stem).removesuffix(".ome")
    return re.sub(r"[ ._-](hr|lr)$", "", re.sub(rf"[ ._-]?x{scale}$", "", shorter))
