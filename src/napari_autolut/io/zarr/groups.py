"""Which folders of a Zarr are images, and which of them labels: groups, plates, wells, series.

Belongs here: what groups say of what they hold, each image once, whatever leads to it. What an
image is, is ``reading.py``; the JSON of one group is ``folder.py``.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from napari_autolut.io.image_file import ImageFileError
from napari_autolut.io.zarr.folder import LABELS, attributes, inside, is_zarr, read_json
from napari_autolut.util.optional import zarr, zarr_models
from napari_autolut.util.text import first_names

MAX_DEPTH = 4
"""Groups in groups: a plate has wells, which have fields."""

MAX_LISTED = 1000
"""Names in a group that are looked at, where nothing says which of them are images."""

KINDS = {"multiscales", "plate", "well", "bioformats2raw.layout", LABELS}
"""What tells that attributes are OME's."""


class Images(NamedTuple):
    """The images of a Zarr: their folders, and what is named and cannot be opened."""

    folders: list[Path]
    lost: dict[Path, ImageFileError]


def images_of(path: Path, depth: int = 0) -> Images:
    """Find all images: that of the group itself, or those that the group holds.

    Raises
    ------
    ImageFileError
        If there is none that can be opened.
    """
    zarr(), zarr_models()
    ome, version, _ = said_of(path)
    alone = "multiscales" in ome or (path / ".zarray").is_file() or _is_array(path, version)
    if alone:
        return Images([path], {})
    if depth and isinstance(ome.get("well"), dict) and ome["well"].get("images") == []:
        return Images([], {})  # of a plate where nothing was taken
    if depth == MAX_DEPTH:
        raise ImageFileError(path, "found groups in groups in groups, expected an OME-Zarr image")
    # A name that comes again, however it is spelled and whatever leads there, is the same image:
    # a thousand links in each of three groups would be a thousand million.
    held: set[str] = set()
    found = Images([], {})
    for name in dict.fromkeys(_held(path, ome)):
        try:
            folder = inside(path, name)
            if (real := os.path.realpath(folder)) in held:
                continue
            held.add(real)
            below = images_of(folder, depth + 1)
        except ImageFileError as error:
            found.lost[path / name] = error
        else:
            found.folders.extend(below.folders)
            found.lost.update(below.lost)
    if not found.folders:
        none = ImageFileError(path, "found a plate of empty wells, expected images")
        raise next(iter(found.lost.values()), none)
    return found


def said_of(path: Path) -> tuple[dict[str, Any], int, dict[str, Any]]:
    """The OME attributes of a group, the version of Zarr, and all attributes.

    They belong into ``ome`` in Zarr 3 and lie among the others in Zarr 2; some writers have them
    the other way round.
    """
    said, version = attributes(path)
    bare = bool(KINDS & said.keys())
    ome = said if bare and version == 2 else said.get("ome", said if bare or version == 2 else {})
    if not isinstance(ome, dict):
        raise ImageFileError(path, "found an attribute ome that is no object; copy the Zarr again")
    return ome, version, said


def _is_array(path: Path, version: int) -> bool:
    return version == 3 and read_json(path / "zarr.json").get("node_type") == "array"


def _held(path: Path, ome: dict[str, Any]) -> list[str]:
    """Names of the images that a group holds which is none itself."""
    held = _paths(ome.get("plate"), "wells") or _paths(ome.get("well"), "images")
    if not held and ("bioformats2raw.layout" in ome or not ome):
        held = series_names(path)
    if not held and not KINDS & ome.keys():
        held = _images_below(path)
    if not held:
        raise ImageFileError(path, f"found no image in it, {_advice(path)}")
    return held


def _images_below(path: Path, depth: int = 1) -> list[str]:
    """Names of images in groups that say nothing of them, as of SpatialData."""
    found = []
    for each in _groups_in(path):
        try:
            ome, _, _ = said_of(each)
        except ImageFileError:
            continue
        if "multiscales" in ome:
            found.append(each.name)
        elif depth:
            found += [f"{each.name}/{name}" for name in _images_below(each, depth - 1)]
    return found


def _groups_in(path: Path) -> list[Path]:
    """Groups and arrays in a group, as far as a folder has few of them."""
    folders = (each for each in islice(path.iterdir(), MAX_LISTED) if each.is_dir())
    return sorted(each for each in folders if is_zarr(each))


def _advice(path: Path) -> str:
    """What to do about a group without images: an array in it may be meant."""
    arrays = [each.name for each in _groups_in(path) if _is_any_array(each)]
    if not arrays:
        return "expected an OME-Zarr image or an array"
    return f"but arrays that nothing describes ({first_names(arrays)}); give the folder of one"


def _is_any_array(path: Path) -> bool:
    return (path / ".zarray").is_file() or _is_array(path, attributes(path)[1])


def _paths(holder: Any, key: str) -> list[str]:
    listed = holder.get(key) if isinstance(holder, dict) else None
    found = [each.get("path") for each in listed or () if isinstance(each, dict)]
    return [str(each) for each in found if each]


def series_names(path: Path) -> list[str]:
    """Name what bioformats2raw made of a file: the groups it lists, or 0, 1, 2, ...."""
    around = path / "OME"
    listed = said_of(around)[0].get("series") if is_zarr(around) else None
    if isinstance(listed, list) and listed:
        return [str(name) for name in listed]
    names = [each.name for each in path.iterdir() if each.is_dir() and each.name.isdecimal()]
    return sorted(names, key=int)


def labels_of(image: Path) -> tuple[Path, list[str]]:
    """Find the labels that the group of an image holds.

    Parameters
    ----------
    image : pathlib.Path
        The folder of the group.

    Returns
    -------
    folder : pathlib.Path
        The group of labels.
    names : list of str
        Of those in it that are listed; without a list all that are there.

    Raises
    ------
    ImageFileError
        If the group is damaged.
    """
    around = image / LABELS
    if not is_zarr(around):
        return around, []
    listed = said_of(around)[0].get(LABELS)
    if not isinstance(listed, list):
        return around, sorted(each.name for each in around.iterdir() if is_zarr(each))
    return around, list(dict.fromkeys(map(str, listed)))


def is_listed_as_labels(path: Path) -> bool:
    """Whether the group around an image lists it under labels."""
    try:
        listed = said_of(path.absolute().parent)[0].get(LABELS)
    except (ImageFileError, OSError):  # most images have none around them
        return False
    return isinstance(listed, list) and path.absolute().name in listed
