"""All images of a folder: what becomes of each, one after another, past the bad ones.

Belongs here: which files there are, where their results go, and the order of the work. One file is
``files/upscaling.py``, what becomes of it ``outcomes.py``, the state of all files ``record.py``.
What is shown is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from napari_autolut.arrays import Progress
from napari_autolut.batch.files.error_maps import error_path
from napari_autolut.batch.files.provenance import difference
from napari_autolut.batch.files.upscaling import UpscaledFile
from napari_autolut.batch.out_disk import OutDisk
from napari_autolut.batch.outcomes import Done, Event, Failed, FileItem, Outcome, Skipped, Started
from napari_autolut.io import (
    FOREIGN_SUFFIXES,
    OTHER_TIFF_SUFFIXES,
    READABLE,
    READABLE_SUFFIXES,
    WRITABLE_SUFFIXES,
    ZARR_SUFFIX,
    ImageFileError,
    ProcessingStep,
    is_named_zarr,
    listed,
    members_of_sets,
    suffix_of,
)
from napari_autolut.io.zarr import check_outside_zarr, is_zarr
from napari_autolut.util.atomic import check_folder_takes_files
from napari_autolut.util.errors import FILE_ERRORS, error_message
from napari_autolut.util.paths import (
    DEVICE,
    check_creatable,
    existing_parent,
    is_device,
    is_same_file,
    tells_case,
)
from napari_autolut.util.spelling import plain_name
from napari_autolut.util.text import printable
from napari_autolut.util.warning import about

LONG_SUFFIXES = (".ome.tif", ".ome.tiff", ".ome.btf", ".ome.tf2", ".ome.tf8", ".ome.zarr",
                 ".nii.gz")  # fmt: skip
"""Suffixes of two parts, which belong together."""

SUBSTITUTE = ".png"
"""What is written for images of kinds that can only be read."""

OF_MICROSCOPES, FOREIGN_SUBSTITUTE = (*OTHER_TIFF_SUFFIXES, *FOREIGN_SUFFIXES), ".ome.tif"
"""Files of microscopes, which hold stacks, channels and pixel sizes, and what is written for them.
"""


Request = ProcessingStep | Callable[[Path], ProcessingStep]
"""What is asked for: the same of all files, or what a file itself decides."""

FileWork = Callable[[Path, Path], Generator[Progress, None, UpscaledFile]]
"""Upscales the first file into the second, new one."""


def find_files(
    folder: Path, out_folder: Path, *, suffix: str | None = None, recursive: bool = True
) -> list[FileItem]:
    """List the images in a folder and its sub-folders, in the order of their names.

    An OME-TIFF of several files is listed once, as its first file.

    Parameters
    ----------
    folder : pathlib.Path
        Where the images are; hidden files, other files, the planes of an OIF and ``out_folder`` are
        skipped.
    out_folder : pathlib.Path
        Gets the results under the same names, in the same sub-folders.
    suffix : str, optional
        Of the results, such as ``".tif"``; by default that of each image.
    recursive : bool, default True
        Look into sub-folders too.

    Returns
    -------
    list of FileItem
        In the order of their names.

    Raises
    ------
    ImageFileError
        If there is no image, both folders are the same, or results would lie in a Zarr.
    ValueError
        If nothing can be written with the suffix.
    OSError
        If the folder cannot be listed, or results cannot be written; a sub-folder that cannot be
        listed becomes an item with a problem.
    """
    if suffix is not None and not _is_suffix(suffix):
        raise ValueError(f"suffix: found {suffix!r}, expected {', '.join(WRITABLE_SUFFIXES)}")
    if is_zarr(out_folder) or (
        not out_folder.is_dir() and (out_folder.exists() or _is_image_name(out_folder))
    ):
        raise ImageFileError(out_folder, "found a file's name, expected a folder for the results")
    if is_same_file(out_folder, folder):
        raise ImageFileError(out_folder, "found the folder of the images, expected another one")
    check_creatable(out_folder)
    check_outside_zarr(out_folder)
    items: list[FileItem] = []
    taken: dict[str, Path] = {}
    as_the_disk = str if tells_case(out_folder) else plain_name
    found = list(_files(folder, out_folder, recursive))
    members = members_of_sets([source for source, problem in found if not problem])
    for source, problem in found:
        if source in members:
            continue
        out = out_folder / source.relative_to(folder).with_name(_result_name(source, suffix))
        first = taken.setdefault(as_the_disk(str(out)), source)
        if not problem and first != source:
            problem = f"{source}: its result {out} is that of {first} already; rename one"
        device = next(filter(is_device, out.relative_to(out_folder).parts), "")
        if not problem and device:
            problem = f"{source}: its result {out} would have {device!r} in it, {DEVICE}; rename it"
        items.append(FileItem(source, out, problem))
    if not items:
        raise ImageFileError(folder, f"found no images, expected files of {READABLE}")
    check_folder_takes_files(existing_parent(out_folder), out_folder)
    return items


def _files(folder: Path, skipped: Path, recursive: bool) -> Iterator[tuple[Path, str]]:
    """Images, and folders that cannot be listed with the reason."""
    errors: list[OSError] = []
    for path in listed(folder, errors.append, skipped=skipped, recursive=recursive):
        if _is_image_file(path) or is_zarr(path):
            yield path, ""
    for error in errors:
        if error.filename == str(folder):
            raise error
        yield Path(error.filename), error_message(error)


def _is_image_file(path: Path) -> bool:
    """Whether a file is an image by its name, and no pipe or device; a dead link is one to fail."""
    visible = _is_image_name(path) and not path.name.startswith(".")
    return visible and (path.is_file() or not path.exists())


def _is_image_name(path: Path) -> bool:
    return suffix_of(path) in READABLE_SUFFIXES


def _is_suffix(suffix: str) -> bool:
    """Whether results can be written that end so, in the folder where they are looked for."""
    return not {"/", "\\"} & set(suffix) and f"x{suffix}".lower().endswith(WRITABLE_SUFFIXES)


def whole_suffix(path: Path) -> str:
    """All of a path's suffix, as it is written: ``.ome.tif`` is one."""
    end = next((each for each in LONG_SUFFIXES if path.name.lower().endswith(each)), path.suffix)
    return path.name[len(path.name) - len(end) :]


def _result_name(source: Path, suffix: str | None) -> str:
    if is_zarr(source) and not is_named_zarr(source):
        return source.name + (suffix or ZARR_SUFFIX)
    own = whole_suffix(source)
    if suffix is None and suffix_of(source) in OF_MICROSCOPES:
        suffix = FOREIGN_SUBSTITUTE
    if suffix is None:
        suffix = own if own.lower().endswith(WRITABLE_SUFFIXES) else SUBSTITUTE
    return source.name.removesuffix(own) + suffix


def check_maps_apart(items: Sequence[FileItem]) -> list[FileItem]:
    """Give a problem to files whose map would have the name of another's result or map.

    Parameters
    ----------
    items : sequence of FileItem
        What ``find_files`` gave.

    Returns
    -------
    list of FileItem
        In the same order.
    """
    taken, checked = {plain_name(str(item.out)): item.source for item in items}, []
    for item in items:
        path = error_path(item.out)
        first = taken.setdefault(plain_name(str(path)), item.source)
        if not item.problem and first != item.source:
            problem = f"its expected errors {path} would have the name of what {first} gives"
            item = replace(item, problem=f"{item.source}: {problem}; rename one")
        checked.append(item)
    return checked


def run_batch(
    items: Sequence[FileItem],
    work: FileWork,
    *,
    overwrite: bool = False,
    request: Request | None = None,
) -> Generator[Event, None, list[Outcome]]:
    """Upscale files in order, and go on past those that fail.

    Parameters
    ----------
    items : sequence of FileItem
        What :func:`find_files` gave.
    work : callable
        Upscales one file.
    overwrite : bool, default False
        Also do those whose result is there already.
    request : ProcessingStep or callable, optional
        What is asked for, of all files or of each: a file that says that it was made otherwise is
        no result of it, and is neither replaced nor skipped in silence.

    Returns
    -------
    list of Outcome
        One for each item. Closing the generator stops the work; the file it was at is not written.

    Yields
    ------
    Started, Progress or Outcome
        For each item its start, every step, and the outcome.

    Raises
    ------
    OSError
        If the disk of the results is gone, and another one is where it was.
    """
    outcomes: list[Outcome] = []
    disk = OutDisk()
    for number, item in enumerate(items, 1):
        disk.check()
        yield Started(item, number, len(items))
        outcome: Outcome
        if item.problem:
            outcome = Failed(item, item.problem)
        elif item.has_result and not overwrite:
            outcome = _there(item, request)
        else:
            outcome = yield from _attempt(item, work)
            if isinstance(outcome, Failed) and not overwrite and item.has_result:
                outcome = _there(item, request)  # another run was quicker
        if isinstance(outcome, Done):
            disk.written(item.out)
        outcomes.append(outcome)
        yield outcome
    return outcomes


def _there(item: FileItem, request: Request | None) -> Skipped | Failed:
    """What becomes of a file whose result is there."""
    problem = _difference(item, request)
    return Failed(item, problem) if problem else Skipped(item)


def _difference(item: FileItem, request: Request | None) -> str:
    """Why a result that is there is none of what is asked for; empty where it may be one."""
    if request is None:
        return ""
    if isinstance(request, ProcessingStep):
        return difference(item.out, request)
    try:
        return difference(item.out, request(item.source))
    except FILE_ERRORS as error:
        return error_message(error)


def _attempt(item: FileItem, work: FileWork) -> Generator[Progress, None, Outcome]:
    try:
        item.out.parent.mkdir(parents=True, exist_ok=True)
        steps = about(printable(str(item.source)), work(item.source, item.out))
        return Done(item, (yield from steps))
    except FILE_ERRORS as error:
        reason = error_message(error)
        named = str(item.source) in reason or str(item.out) in reason
        return Failed(item, reason if named else f"{item.source}: {reason}")
