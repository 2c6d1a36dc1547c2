"""Images of the files of a set, to learn from or to measure on: all that a file holds, and pairs.

Belongs here: which images of a file count, what they are called, and those of two files that belong
together. Which files belong together is ``pairing.py``.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

from napari_autolut.io.files import list_series, read_image
from napari_autolut.io.image_file import ImageFile, ImageFileError, check_intensities
from napari_autolut.io.series import chosen_series, listed
from napari_autolut.util.paths import name_within
from napari_autolut.util.text import counted


class FileImage(NamedTuple):
    """One image of a file.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Path below the folder; with the number of the series where several count.
    series : int
        Its number in the file.
    """

    path: Path
    name: str
    series: int

    def read(self, memmap_above: float = math.inf) -> ImageFile:
        """Read it; labels are refused. Errors as `napari_autolut.io.read_image`."""
        image = read_image(self.path, series=self.series, memmap_above=memmap_above)
        check_intensities(self.path, image)
        return image


class FileImages(NamedTuple):
    """The images of a file that count; its name, and what of it is left out, or ""."""

    file_name: str
    images: tuple[FileImage, ...]
    remark: str


def images_of(path: Path, folder: Path) -> FileImages:
    """List the images of a file that count, without their pixels.

    Parameters
    ----------
    path : Path
        The file.
    folder : Path
        Its name is the path below it.

    Raises
    ------
    ImageFileError
        If the file cannot be read.
    """
    name = name_within(folder, path)
    series = list_series(path)
    chosen = chosen_series(path, series)
    several = len(chosen) > 1
    images = tuple(
        FileImage(path, f"{name}, series {each.index}" if several else name, each.index)
        for each in chosen
    )
    others = [each for each in series if each not in chosen]
    return FileImages(name, images, f"left out: series {listed(others)}" if others else "")


def images_of_pair(
    hr_path: Path, hr_folder: Path, lr_path: Path, lr_folder: Path
) -> list[tuple[FileImage, FileImage]]:
    """Match the images of an HR and an LR file by their order.

    Raises
    ------
    ImageFileError
        If one file has more of them than the other.
    """
    hr, lr = images_of(hr_path, hr_folder).images, images_of(lr_path, lr_folder).images
    if len(hr) != len(lr):
        raise ImageFileError(
            hr_path,
            f"found {counted(len(hr), 'image')} in it and {len(lr)} in its LR file, expected as "
            "many",
        )
    return list(zip(hr, lr, strict=True))
