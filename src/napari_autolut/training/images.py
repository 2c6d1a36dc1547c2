"""Which files there are to learn from, and why others are skipped.

Belongs here: the search in a folder or a pair of folders, the scale of a pair, and the error that
says what is wrong with images. Not here: their pixels (``planes.py``), and what a window shows of
them (``findings.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from napari_autolut.io import (
    READABLE,
    READABLE_SUFFIXES,
    ImageFileError,
    listed,
    match_pairs,
    members_of_sets,
    suffix_of,
)
from napari_autolut.io.zarr import is_zarr
from napari_autolut.util.errors import error_message
from napari_autolut.util.optional import MissingDependencyError
from napari_autolut.util.paths import missing_words, name_within
from napari_autolut.util.spelling import composed

SCALES = (1, 2, 3, 4)


class TrainingDataError(ValueError):
    """Images that cannot be trained on, with what was found and what is needed."""


IN_PART = "used in part: "
"""Begins what is said of a file that is not skipped, but of which something is left out."""

READ_ERRORS = (ImageFileError, TrainingDataError, MissingDependencyError, OSError, MemoryError)
"""What reading a file may raise that is then skipped."""


def image_files(folder: Path, skipped: dict[str, str] | None = None) -> list[Path]:
    """Image files below a folder, hidden ones left out, in the order of their names; or one file.

    An OME-TIFF of several files is listed once, as its first file; a Zarr folder counts as a file.

    The order is the same on every system, so that a run that is resumed on another one holds out
    the same images.

    Parameters
    ----------
    folder : Path
        Searched recursively, or a file.
    skipped : dict of str to str, optional
        Gets the folders below it that may not be listed, and why.

    Raises
    ------
    TrainingDataError
        if there is no such folder, no image file in it, or the file is no image
    OSError
        if the folder may not be listed
    """
    if folder.is_file() or is_zarr(folder):
        if suffix_of(folder) not in READABLE_SUFFIXES:
            raise TrainingDataError(f"{folder}: found no image, expected one or a folder of images")
        return [folder]
    if not folder.is_dir():
        raise TrainingDataError(f"{folder}: {missing_words(folder, 'folder of images')}")
    denied = {} if skipped is None else skipped
    found = (p for p in _all_files(folder, denied) if suffix_of(p) in READABLE_SUFFIXES)
    visible = sorted(
        (p for p in found if not p.name.startswith(".") and (p.is_file() or is_zarr(p))),
        key=lambda path: composed(path.relative_to(folder).as_posix()),
    )
    members = members_of_sets(visible)
    files = [path for path in visible if path not in members]
    if not files:
        raise TrainingDataError(f"{folder}: found no image files, expected {READABLE}")
    return files


def _all_files(folder: Path, denied: dict[str, str]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        path = Path(error.filename or folder)
        if path == folder:
            raise error
        denied[name_within(folder, path)] = skip_reason(error, path)

    return listed(folder, note)


def pair_files(hr_folder: Path, lr_folder: Path) -> tuple[dict[Path, Path], dict[str, str]]:
    """Match the files of two folders by their names.

    Returns
    -------
    pairs : dict of Path to Path
        LR file of each HR file.
    skipped : dict of str to str
        Files without a match and folders that may not be listed, as ``folder/name``, and why.

    Raises
    ------
    TrainingDataError
        if a folder is missing or empty, or no two files belong together
    """
    named: list[dict[str, Path]] = []
    skipped: dict[str, str] = {}
    for root in (hr_folder, lr_folder):
        denied: dict[str, str] = {}
        named.append({name_within(root, path): path for path in image_files(root, denied)})
        skipped |= {f"{root.name}/{name}": reason for name, reason in denied.items()}
    hr, lr = named
    found, alone = match_pairs(hr, lr)
    if not found:
        raise TrainingDataError(
            f"{lr_folder}: found no image that belongs to one of {hr_folder} by its name, expected "
            "equal names, or such as baby.png and babyx4.png"
        )
    skipped |= {
        f"{(hr_folder if name in hr else lr_folder).name}/{name}": reason
        for name, reason in alone.items()
    }
    return {hr[name]: lr[other] for name, other in found.items()}, skipped


def pair_scale(hr_size: tuple[int, int], lr_size: tuple[int, int]) -> int:
    """Scale of a pair of images, from their rows and columns.

    An HR image may have up to r - 1 more rows and columns than r times those of its LR image.

    Raises
    ------
    TrainingDataError
        if one size is not 1, 2, 3 or 4 times the other
    """
    (height, width), (rows, columns) = hr_size, lr_size
    scale = height // rows
    if scale not in SCALES or (height // scale, width // scale) != (rows, columns):
        raise TrainingDataError(
            f"{width} x {height} pixels, and the small image of the pair has {columns} x {rows}; "
            "expected 1, 2, 3 or 4 times as many a side"
        )
    return scale


def skip_reason(error: BaseException, path: Path) -> str:
    """Why a file is skipped, without its name, which is said beside it."""
    return error_message(error).removeprefix(f"{path}: ")
