"""Which files of a folder make one model, and the choice where a folder holds several.

Belongs here: grouping named files into sets, saying what is missing, choosing one set. Nothing
here opens a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from napari_autolut.storage.importers.filenames import (
    EXAMPLES,
    NamedFile,
    Place,
    bits_of,
    is_fine_tuned,
    parse,
    scale_of,
)
from napari_autolut.storage.tensor_file import ModelFileError

Architecture = Literal["sr-lut", "cascade", "spf"]


class Publication(NamedTuple):
    """The usual name of an architecture, and the layout that its plain tables are known as."""

    title: str
    layout: str


PUBLICATIONS: Mapping[Architecture, Publication] = {
    "sr-lut": Publication("SR-LUT", "sr-lut"),
    "cascade": Publication("MuLUT", "mulut"),
    "spf": Publication("SPF-LUT", "dfc"),
}


@dataclass(eq=False)
class TableSet:
    """The files of one model.

    Parameters
    ----------
    folder, name : Path and str
        Where the files are, and what the names of its tables begin with.
    compressed : bool
        Every table comes as a DFC pair.
    mark : str, default ""
        How names write the channel: "", "c" or "_c".
    files : dict of Place to dict of str to Path, optional
        For each place the file of each part: "" (or "compress1" and "compress2") for the values,
        "sampler" and "residual" for AutoLUT.
    channel_table : Path, optional
        SPF-LUT's table across channels.
    indices : list of Path, optional
        DFC's index files in the folder.
    """

    folder: Path
    name: str
    compressed: bool
    mark: str = ""
    files: dict[Place, dict[str, Path]] = field(default_factory=dict)
    channel_table: Path | None = None
    indices: list[Path] = field(default_factory=list)

    @property
    def architecture(self) -> Architecture:
        """Which builder understands the set."""
        if self.name.startswith("Model_"):
            return "sr-lut"
        many_channels = any(place.channel for place in self.files)
        return "spf" if self.channel_table or many_channels or self.mark == "c" else "cascade"

    @property
    def sampled(self) -> bool:
        """Whether AutoSample windows replace the fixed patterns; numbered branches need them."""
        return any(
            place.branch.isdigit() or not parts.keys().isdisjoint(("sampler", "residual"))
            for place, parts in self.files.items()
        )

    @property
    def layouts(self) -> set[str]:
        """Every layout name that fits the set; "mulut" means plain MuLUT alone."""
        names = {"autolut": self.sampled, "dfc": self.compressed}
        special = {name for name, holds in names.items() if holds}
        plain = PUBLICATIONS[self.architecture].layout
        return special if special and plain == "mulut" else {*special, plain}

    @property
    def scale(self) -> int | None:
        """Upscaling factor, where the names say it."""
        return scale_of(self.name)

    @property
    def bits(self) -> int | None:
        """The k of "k bit", where the names say it."""
        return bits_of(self.name)

    @property
    def branches(self) -> tuple[str, ...]:
        """Branches in the order of the published programs: S D Y, numbers by value."""
        names = {place.branch for place in self.files}
        return tuple(sorted(names, key=lambda b: ("sdy".find(b) if b in "sdy" else 3, len(b), b)))

    @property
    def own_files(self) -> set[Path]:
        """Files that belong to this set, not to a neighbour in the same folder."""
        tables = {path for parts in self.files.values() for path in parts.values()}
        return tables if self.channel_table is None else tables | {self.channel_table}

    def file_name(self, place: Place, part: str) -> str:
        """Name of a file of this set, there or not."""
        if self.architecture == "spf" and part in ("sampler", "residual"):
            return f"{part}_s{place.stage}c{place.channel}_{place.branch}.npy"
        mark = self.mark and f"{self.mark}{place.channel}"
        return f"{self.name}_s{place.stage}{mark}_{place.branch}{part and '_' + part}.npy"

    def require(self, places: Iterable[Place], first_stage: int) -> None:
        """Check that every file is there that these places need; the first has no residual.

        Raises
        ------
        ModelFileError
            That names the missing files.
        """
        missing = [
            self.file_name(place, part)
            for place in places
            for part in self._parts(place.stage > first_stage)
            if part not in self.files.get(place, {})
        ]
        if self.compressed and not self.indices:
            missing.append("ref2index_*.npy")
        if missing:
            more = f" and {len(missing) - 4} more" if len(missing) > 4 else ""
            raise ModelFileError(
                self.folder,
                "files",
                f"no {', '.join(missing[:4])}{more}",
                f"every file of the set {self.name}",
            )

    def _parts(self, with_residual: bool) -> list[str]:
        parts = ["compress1", "compress2"] if self.compressed else [""]
        if self.sampled:
            parts += ["sampler", "residual"] if with_residual else ["sampler"]
        return parts


def choose_set(folder: Path, chosen: Path | None, layout: str | None) -> TableSet:
    """The one set of tables meant by a folder, a file in it and a layout name.

    Parameters
    ----------
    folder : Path
        Where to look, not below.
    chosen : Path or None
        A file that the set must hold, if the user named one.
    layout : str or None
        A layout that the set must be in, if the user named one.

    Raises
    ------
    ModelFileError
        If there is none, or more than one.
    """
    source = chosen or folder
    named = [file for path in _arrays(folder) if (file := parse(path))]
    if chosen and chosen not in [file.path for file in named]:
        raise ModelFileError(source, "file name", chosen.name, f"a name like {EXAMPLES}")
    sets = _group(folder, named)
    holding = [tables for tables in sets if chosen in tables.own_files] or sets
    if not holding:
        names = ", ".join(path.name for path in _arrays(folder)[:4]) or "no .npy file"
        raise ModelFileError(source, "file names", names, f"tables with names like {EXAMPLES}")
    fitting = [tables for tables in holding if layout is None or layout in tables.layouts]
    if not fitting:
        found = ", ".join(sorted({name for tables in holding for name in tables.layouts}))
        raise ModelFileError(source, "layout", f"tables for {found}", layout)
    final = _without_drafts(fitting) if len(fitting) > 1 else fitting
    if len(final) > 1:
        found = ", ".join(f"{t.name} ({'+'.join(sorted(t.layouts))})" for t in final)
        advice = "one model; name one of its files, or the layout"
        raise ModelFileError(source, "files", f"several models: {found}", advice)
    return final[0]


def _arrays(folder: Path) -> list[Path]:
    """The .npy files; names with a leading dot are leavings of file managers."""
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise ModelFileError(
            folder, "folder", error.strerror or error, "one to look into"
        ) from error
    return [path for path in found if path.suffix.lower() == ".npy" and path.name[0] != "."]


def _group(folder: Path, named: list[NamedFile]) -> list[TableSet]:
    """Every set of tables in a folder, complete or not, by name."""
    sets: dict[tuple[str, bool], TableSet] = {}
    for file in named:
        if file.role in ("single", "table") and file.part not in ("sampler", "residual"):
            compressed = bool(file.part)
            new = TableSet(folder, file.set_name, compressed, file.mark)
            tables = sets.setdefault((file.set_name, compressed), new)
            tables.files.setdefault(file.place, {})[file.part] = file.path
    for tables in sets.values():
        for file in named:
            if file.role == "channels" and file.set_name == tables.name:
                tables.channel_table = file.path
            elif file.role == "index" and tables.compressed:
                tables.indices.append(file.path)
    for tables in sets.values():
        for file in named:
            if file.part in ("sampler", "residual") and _serves(file, tables):
                tables.files.setdefault(file.place, {})[file.part] = file.path
    return [sets[key] for key in sorted(sets)]


def _serves(file: NamedFile, tables: TableSet) -> bool:
    """Whether a sampler or residual is for this set."""
    if file.role == "shared":
        return tables.architecture == "spf"
    if file.role == "single sampler":
        return tables.name.startswith(f"{file.set_name}_")
    return file.set_name == tables.name


def _without_drafts(sets: list[TableSet]) -> list[TableSet]:
    """Leave out tables from before fine-tuning where the fine-tuned ones are there too."""

    def kind(tables: TableSet) -> tuple[object, ...]:
        return (tables.architecture, tables.compressed, tables.sampled, tables.scale, tables.bits)

    tuned = {kind(tables) for tables in sets if is_fine_tuned(tables.name)}
    return [t for t in sets if is_fine_tuned(t.name) or kind(t) not in tuned]
