"""What lies in a folder and its sub-folders, as far as it is for users.

Belongs here: which folders are looked into, and that a Zarr is one thing. Which of what is found
are images is for those who ask.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from napari_autolut.io.zarr import is_zarr
from napari_autolut.util.paths import is_same_file, is_set_aside

OF_A_FILE = (".oif.files",)
"""How folders end that hold the planes of a file, whose name is theirs without the last part."""


def listed(
    folder: Path,
    on_error: Callable[[OSError], object],
    *,
    skipped: Path | None = None,
    recursive: bool = True,
) -> Iterator[Path]:
    """List files and Zarrs, those of each folder in the order of their names.

    Hidden folders, waste bins and the planes of an OIF are left out.

    Parameters
    ----------
    folder : pathlib.Path
        Where to look.
    on_error : callable
        Gets the error of a folder that cannot be listed.
    skipped : pathlib.Path, optional
        A folder that is not looked into.
    recursive : bool, default True
        Look into sub-folders too.

    Yields
    ------
    pathlib.Path
        A file of any kind, or the folder of a Zarr.
    """
    for root, folders, names in os.walk(folder, onerror=on_error):
        here = Path(root)
        seen = [
            name
            for name in sorted(folders)
            if not (is_set_aside(name) or _is_of_a_file(name, names))
            and not (skipped and is_same_file(here / name, skipped))
        ]
        zarrs = [name for name in seen if is_zarr(here / name)]
        folders[:] = [name for name in seen if recursive and name not in zarrs]
        yield from (here / name for name in sorted([*names, *zarrs]))


def _is_of_a_file(folder: str, files: Collection[str]) -> bool:
    return folder.lower().endswith(OF_A_FILE) and folder.rpartition(".")[0] in files
