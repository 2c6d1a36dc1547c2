"""Outputs that are to be written: whether they can be, before any work is done.

Belongs here: names, folders and what a format can hold. Writing is ``files.py``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from napari_autolut.io.image_file import ImageFile, ImageFileError
from napari_autolut.io.suffixes import (
    READ_AS_TIFF,
    READABLE,
    TIFF_SUFFIXES,
    WRITABLE_SUFFIXES,
    ZARR_SUFFIX,
    is_named_zarr,
    suffix_of,
)
from napari_autolut.io.tiff.ome.files import files_of_set
from napari_autolut.io.zarr import check_outside_zarr
from napari_autolut.util.atomic import (
    check_folder_takes_files,
    check_replaceable,
)
from napari_autolut.util.grid import Scale, enlarged_length
from napari_autolut.util.paths import is_same_file

MAX_JPEG_SIDE = 65500

PACKED = (".zip", ".ozx", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar")
"""Archives, as whole Zarrs are sent in; nothing is read from or written into them."""


REMEDIES = {
    ".eer": "an EER movie holds single electrons: sum its frames to an MRC or TIFF first, as with "
    "IMOD, RELION or MotionCor",
    **dict.fromkeys((".nd", ".htd"), "open the STK or TIFF files that it lists"),
    ".ndpis": "open the NDPI files that it lists",
    **dict.fromkeys(
        (".h5", ".hdf5"),
        "HDF5 holds arrays of any kind: save the image in it as OME-TIFF or OME-Zarr, as in Fiji",
    ),
    ".npy": "load it with numpy, and give the array to napari_autolut.upscale",
    ".mvd2": "export OME-TIFF from Volocity",
    ".ome": "it describes OME-TIFFs that lie beside it: give one of those",
}
"""What to do with kinds of files that cannot be read, where that is something else than usual."""


def check_holds_series(
    path: str | os.PathLike[str], images: Sequence[ImageFile], *, factor: Scale = 1
) -> None:
    """Check that a file of that suffix can hold all the images; as :func:`check_holds`."""
    for image in images:
        check_holds(path, image, factor=factor)
    suffix = Path(path).suffix.lower()
    if len(images) > 1 and suffix not in (*TIFF_SUFFIXES, ZARR_SUFFIX):
        kind = suffix.removeprefix(".").upper()
        problem = f"a {kind} holds one image, not {len(images)}"
        raise ImageFileError(
            path, f"{problem}; choose one with --series, or write TIFF or OME-Zarr"
        )


def check_output_path(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Check a name to write to before any work is done for it.

    Raises
    ------
    ImageFileError
        If no image can be written under that suffix, the folder is missing or a Zarr's, or it is
        a folder.
    FileExistsError
        If the file exists and ``overwrite`` is false, or it is a link that leads nowhere.
    OSError
        If the folder takes no files.
    """
    path = Path(path)
    if not is_named_zarr(path):
        _check_no_folder(path)
    suffix = known_suffix(path, WRITABLE_SUFFIXES, "written")
    check_outside_zarr(path)
    if suffix == ZARR_SUFFIX:
        from napari_autolut.io.zarr.unfinished import check_zarr_free
        from napari_autolut.util.optional import zarr, zarr_models

        zarr(), zarr_models()
        check_zarr_free(path, overwrite=overwrite)
        return
    check_free(path, overwrite=overwrite)


def check_free(path: Path, *, overwrite: bool) -> None:
    """Check that a file of any kind could be written there; errors as ``check_output_path``."""
    _check_no_folder(path)
    if not path.absolute().parent.is_dir():
        raise ImageFileError(path, f"no folder {path.parent}; make it first")
    check_replaceable(path, overwrite=overwrite)
    check_folder_takes_files(Path(os.path.realpath(path)).parent, path)


def _check_no_folder(path: Path) -> None:
    if path.is_dir():
        raise ImageFileError(path, "found a folder, expected the name of a file to write")


def check_not_source(source: Path, out: Path) -> None:
    """Refuse to replace an image by its own result: what was measured would be gone.

    The same file may have several names: by links, and on disks that tell neither upper from lower
    case nor composed from decomposed letters.

    Raises
    ------
    ImageFileError
        If both are one file, or the result would replace a file of the source's set.
    """
    if is_same_file(source, out):
        raise ImageFileError(
            out, f"found the name of the source {source}, expected another one for the result"
        )
    if source.suffix.lower() in READ_AS_TIFF and out.exists():
        others = (source.with_name(name) for name in files_of_set(source))
        if any(is_same_file(each, out) for each in others):
            raise ImageFileError(
                out, f"found a file that {source} is made of, expected another name for the result"
            )


def check_holds(path: str | os.PathLike[str], image: ImageFile, *, factor: Scale = 1) -> None:
    """Check that a file of that suffix can hold such an image, ``factor`` times as large.

    Raises
    ------
    ImageFileError
        With what the file cannot hold and which kind of file can.
    """
    suffix = known_suffix(Path(path), WRITABLE_SUFFIXES, "written")
    if suffix in TIFF_SUFFIXES:
        return
    if suffix == ZARR_SUFFIX:
        from napari_autolut.io.zarr.describing import written_axes

        written_axes(Path(path), image)
        return
    kind, dtypes = ("PNG", ("uint8", "uint16")) if suffix == ".png" else ("JPEG", ("uint8",))
    if image.axes not in ("YX", "YXS"):
        size = " x ".join(str(length) for length in image.data.shape)
        problem = f"a {kind} holds one image, not a stack with axes {image.axes} ({size})"
        raise ImageFileError(path, f"{problem}; write a TIFF")
    if str(image.data.dtype) not in dtypes:
        problem = f"a {kind} holds {' or '.join(dtypes)}, not {image.data.dtype}"
        raise ImageFileError(path, f"{problem}; write a TIFF")
    if kind == "JPEG" and image.rgb and image.data.shape[-1] == 4:
        raise ImageFileError(path, "a JPEG holds no transparency; write a PNG or TIFF")
    longest = enlarged_length(max(image.data.shape[:2]), factor)
    if kind == "JPEG" and longest > MAX_JPEG_SIDE:
        problem = f"a JPEG holds at most {MAX_JPEG_SIDE} pixels a side, not {longest}"
        raise ImageFileError(path, f"{problem}; write a PNG or TIFF")


def known_suffix(path: Path, known: tuple[str, ...], verb: str) -> str:
    """The suffix of a file in lower case; any other than those known is refused."""
    suffix = suffix_of(path)
    if suffix in PACKED:
        raise ImageFileError(path, f"found a packed file ({suffix}); unpack it first")
    if suffix not in known:
        found = f"the suffix {suffix}" if suffix else "no suffix"
        if verb == "written":
            raise ImageFileError(path, f"found {found}; {', '.join(known)} can be written")
        remedy = REMEDIES.get(suffix, "save it as OME-TIFF, as in Fiji or napari")
        raise ImageFileError(path, f"found {found}, expected {READABLE}; {remedy}")
    return suffix
