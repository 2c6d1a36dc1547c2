"""Several images in one Zarr folder: those of a file, or the fields of a plate.

Belongs here: the groups around the images, and which images are finished. One image is
``result.py``.

Images of a file lie in groups 0, 1, 2, ... as bioformats2raw puts them; a plate keeps its rows,
wells and fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from napari_autolut.io.zarr.folder import MARKERS, attributes, is_zarr
from napari_autolut.io.zarr.levels import create_group
from napari_autolut.io.zarr.microscope import AROUND, lay_beside
from napari_autolut.io.zarr.unfinished import SHORTEST, UnfinishedZarr
from napari_autolut.util.in_use import remove_file, remove_folder

Groups = Mapping[str, Mapping[str, Any]]
"""OME attributes of groups, by their path below the folder; that of the folder itself is ""."""

LAYOUT = 3
"""Version of bioformats2raw's layout."""


def names_in_result(source: Path, series: Sequence[str]) -> list[str]:
    """Where the images of a source lie in its result.

    Parameters
    ----------
    source : pathlib.Path
        The file or folder.
    series : sequence of str
        What the source calls its images; of a Zarr folder their paths in it.

    Returns
    -------
    list of str
        A path below the result for each image.
    """
    return list(series) if _said_of_plate(source) else numbered(len(series))


def groups_around(source: Path, names: Sequence[str]) -> Groups:
    """The groups around images of a result, which may be some of those that a source has.

    Parameters
    ----------
    source : pathlib.Path
        The file or folder.
    names : sequence of str
        Where the images lie, as :func:`names_in_result` gives them.

    Returns
    -------
    mapping of str to mapping
        OME attributes, without a version.
    """
    said = _said_of_plate(source)
    if not said:
        return groups_of_series(names)
    fields: dict[str, list[str]] = {}
    for well, _, field in (name.rpartition("/") for name in names):
        fields.setdefault(well, []).append(field)
    listed = said.get("wells") or ()
    plate = {"wells": [each for each in listed if each.get("path") in fields]}
    around = {well: {"well": _well(source / well, fields[well])} for well in sorted(fields)}
    return {"": {"plate": _without_version(said) | plate}, **around}


def _said_of_plate(source: Path) -> dict[str, Any]:
    said = _ome(source).get("plate") if is_zarr(source) else None
    return said if isinstance(said, dict) else {}


def _well(folder: Path, fields: Sequence[str]) -> dict[str, Any]:
    """What is said of a well, with the fields that are there."""
    said = _ome(folder).get("well")
    listed = said.get("images") if isinstance(said, dict) else None
    known = {each.get("path"): each for each in listed or () if isinstance(each, dict)}
    images = [known.get(field, {"path": field}) for field in fields]
    return _without_version(said if isinstance(said, dict) else {}) | {"images": images}


def numbered(count: int) -> list[str]:
    """Places for so many images, as bioformats2raw lays them out."""
    return [str(number) for number in range(count)]


def groups_of_series(names: Sequence[str]) -> Groups:
    """The groups around images that lie so."""
    return {"": {"bioformats2raw.layout": LAYOUT}, AROUND: {"series": list(names)}}


def _ome(folder: Path) -> dict[str, Any]:
    said, version = attributes(folder)
    found = said.get("ome", {}) if version == 3 else said
    return found if isinstance(found, dict) else {}


def _without_version(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != "version"}


class ZarrCollection:
    """A folder of images that is being written; a context manager that names it at the end.

    Work that was killed is resumed with the first image that is not finished.

    Parameters
    ----------
    path : pathlib.Path
        The final name.
    names : sequence of str
        Where each image lies in it.
    groups : mapping of str to mapping
        As `groups_around` gives them.
    made : mapping of str to object
        Plain values for JSON that say from what and how: only work of the same is resumed.
    version : {"0.5", "0.4"}, default "0.5"
        Of OME-Zarr.
    overwrite : bool, default False
        Replace a Zarr of that name.
    xml : bytes, default b""
        What is to lie beside the images, in their order.

    Raises
    ------
    ImageFileError, FileExistsError
        If it cannot be written there.
    """

    def __init__(
        self,
        path: Path,
        names: Sequence[str],
        groups: Groups,
        made: Mapping[str, Any],
        *,
        version: str = "0.5",
        overwrite: bool = False,
        xml: bytes = b"",
    ) -> None:
        made = {**made, "images": list(names), "version": version}
        inside = max(map(len, names)) + 1 + SHORTEST
        self._unfinished = UnfinishedZarr(path, made, overwrite=overwrite, inside=inside)
        self._names, self._groups, self._xml, self._version = names, groups, xml, version

    def __enter__(self) -> Self:
        """Make the temporary folder with its groups, or resume one of the same."""
        if not self._unfinished.open():
            try:
                self._create()
                self._unfinished.begun()
            except BaseException:
                self._unfinished.discard()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the folder its name; after an error keep what may be gone on with."""
        if error is None:
            self._unfinished.publish()
        else:
            self._unfinished.stop(error)

    def missing(self) -> list[tuple[int, Path]]:
        """Numbers of the images that are not finished, and where each of them is to be written."""
        places = enumerate(self._unfinished.folder / name for name in self._names)
        return [(number, place) for number, place in places if not place.exists()]

    def keep_only(self, names: Sequence[str], groups: Groups, xml: bytes) -> None:
        """Describe some of the images alone, where the others could not be made.

        Parameters
        ----------
        names, groups, xml : various
            As the class takes them.
        """
        for name in sorted(self._described(), reverse=True):
            folder = self._unfinished.folder / name
            for described in (*MARKERS, ".zattrs"):
                remove_file(folder / described)
            if name and not any(other.startswith(f"{name}/") for other in names):
                remove_folder(folder)
        self._names, self._groups, self._xml = names, groups, xml
        self._create()

    def _described(self) -> dict[str, Mapping[str, Any]]:
        """All groups, and what is said of them."""
        groups: dict[str, Mapping[str, Any]] = {
            "/".join(name.split("/")[:depth]): {}
            for name in (*self._names, *self._groups)
            for depth in range(name.count("/") + 1)
        }
        groups.update(self._groups)
        if self._xml:
            groups[AROUND] = {"series": list(self._names)}
            groups[""] = {"bioformats2raw.layout": LAYOUT, **groups.get("", {})}
        return groups

    def _create(self) -> None:
        new = self._version == "0.5"
        for name, about in sorted(self._described().items()):
            said = dict(about)
            if said and not new:
                said = {key: _with_version(value, self._version) for key, value in said.items()}
            elif said:
                said = {"ome": {"version": self._version, **said}}
            create_group(self._unfinished.folder / name, new, said)
        lay_beside(self._unfinished.folder, self._xml, self._version)


def _with_version(said: Any, version: str) -> Any:
    return {**said, "version": version} if isinstance(said, dict) else said
