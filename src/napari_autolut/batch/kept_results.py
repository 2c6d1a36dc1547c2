"""What is asked of a folder, and results of other settings that are there: they stay.

Belongs here: which files are done, and names beside those that stay. Whether a file was made as is
asked for is ``provenance.py``; what is done with files whose names are settled is ``folder.py``.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from napari_autolut.arrays import Progress
from napari_autolut.batch.files.options import FileOptions, UpscaleOptions
from napari_autolut.batch.files.provenance import difference, upscale_request
from napari_autolut.batch.files.ranges import FileRange, SetRanges
from napari_autolut.batch.files.upscaling import UpscaledFile, upscale_file_steps
from napari_autolut.batch.folder import find_files, whole_suffix
from napari_autolut.batch.outcomes import FileItem
from napari_autolut.batch.record import BatchRecord, expected_record
from napari_autolut.batch.set_ranges import ranges_of_set
from napari_autolut.io import ProcessingStep, read_history
from napari_autolut.model import LutModel
from napari_autolut.util.grid import Scale
from napari_autolut.util.text import first_names, shortened

TABLE_SCALES = (1, 2, 3, 4)
"""Scales that a model's name tells."""


@dataclass(frozen=True)
class FolderRequest:
    """What is asked of the images of a folder.

    Parameters
    ----------
    recursive : bool
        Look into sub-folders, too.
    overwrite : bool
        Replace results that are there, whatever made them.
    model : LutModel
        What enlarges each image.
    value_range : {"auto", "dtype", "data"}, tuple of float or SetRanges, optional
        As asked for, or that of all files where it is settled.
    common : bool, default False
        Whether all files are to have one range for each channel.
    scale : float, optional
        How many times as large results are; by default what the model does.
    missing_as_empty : bool, default False
        Whether chunks that a Zarr lacks are taken for empty ones.
    """

    recursive: bool
    overwrite: bool
    model: LutModel
    value_range: FileRange = None
    common: bool = False
    scale: Scale | None = None
    missing_as_empty: bool = False

    @property
    def how(self) -> UpscaleOptions:
        """How each image is enlarged."""
        return UpscaleOptions(self.value_range, self.scale)

    @property
    def request(self) -> ProcessingStep:
        """What is done to each image."""
        return upscale_request(self.model, self.how)

    def steps(self, image: Path, out: Path) -> Generator[Progress, None, UpscaledFile]:
        """Enlarge one image; as `upscale_file_steps`."""
        options = FileOptions(overwrite=self.overwrite)
        return upscale_file_steps(image, out, self.model, self.how, options=options)

    def settled(self, folder: Path, out_folder: Path) -> FolderRequest:
        """Find the common range of all files, where there is to be one; may read many of them.

        Raises
        ------
        ImageFileError, OSError, ValueError
            As `find_files` and `ranges_of_set`.
        """
        asked = self.value_range
        if not self.common or not (asked is None or isinstance(asked, str)):
            return self
        items = find_files(folder, out_folder, recursive=self.recursive)
        found = ranges_of_set([item.source for item in items if not item.problem], asked)
        return replace(self, value_range=found)

    def found(self, folder: Path, out_folder: Path) -> BatchRecord:
        """Find files, and what will become of each as far as is known; errors as `find_files`."""
        items, others = find_files(folder, out_folder, recursive=self.recursive), ""
        if not self.overwrite:
            items, others = beside_others(items, self.request)
        files = [expected_record(item, overwrite=self.overwrite) for item in items]
        taken = self.value_range
        remarks = [f"Range {taken.words}"] if isinstance(taken, SetRanges) else []
        return BatchRecord(files, ". ".join([*remarks, *filter(None, [others])]))


def beside_others(items: Sequence[FileItem], request: ProcessingStep) -> tuple[list[FileItem], str]:
    """Give results names of their own where a result of other settings has theirs.

    Parameters
    ----------
    items : sequence of FileItem
        What ``find_files`` gave.
    request : ProcessingStep
        What is asked for.

    Returns
    -------
    items : list of FileItem
        Behind the file's name stand the model's, the range where it is not automatic, and the scale
        where it is no table's.
    remark : str
        Says how many, and what made the others; empty where there are none.
    """
    settled, others = [], []
    for item in items:
        if not item.problem and item.has_result and difference(item.out, request):
            others.append(read_history(item.out)[-1].model)
            item = replace(item, out=own_name(item.out, request))
        settled.append(item)
    if not others:
        return settled, ""
    makers = first_names(sorted({shortened(each) for each in others if each})) or "something else"
    noun = "result is" if len(others) == 1 else "results are"
    return settled, (
        f"{len(others)} {noun} there with other settings ({makers}) and will stay: the new ones "
        f"have {_mark(request)} in their names. Tick Overwrite to replace them."
    )


def own_name(out: Path, request: ProcessingStep) -> Path:
    """Name a result by how it is made."""
    suffix = whole_suffix(out)
    return out.with_name(f"{out.name.removesuffix(suffix)}-{_mark(request)}{suffix}")


def _mark(request: ProcessingStep) -> str:
    """The model, the range where one was asked for, and an odd scale, as a part of a name."""
    asked = str(request.settings.get("value_range", "auto"))
    words = [request.model] if asked == "auto" else [request.model, asked]
    if request.scale not in TABLE_SCALES:
        words.append(f"x{request.scale:g}")
    return re.sub(r"[^\w.+-]+", "-", "-".join(words))
