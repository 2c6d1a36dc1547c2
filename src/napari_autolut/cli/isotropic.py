"""``napari-autolut isotropic``: fill in the slices that the stack of a file lacks.

Belongs here: the command's options and its result line. The work is in ``isotropic``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_autolut.cli.command_group import SOME_FAILED
from napari_autolut.cli.numbers import numbers
from napari_autolut.cli.options import OverwriteOption, SeriesOption, SuffixOption, is_folder

if TYPE_CHECKING:
    from napari_autolut.isotropic.files import IsotropicFile


StackArgument = Annotated[
    Path, typer.Argument(metavar="IN", help="TIFF or OME-Zarr with a stack; or a folder.")
]
OutArgument = Annotated[Path, typer.Argument(metavar="OUT", help="TIFF or OME-Zarr; or a folder.")]
PsfOption = Annotated[
    str,
    typer.Option(
        metavar="either|area|planes|auto|SIGMA",
        help="How a slice comes of finer ones: their mean (area), one of them (planes), one or the "
        "other (either), a Gaussian of so many pixels of the plane, or what the stack itself "
        "suggests (auto).",
    ),
]
SpacingOption = Annotated[
    str | None,
    typer.Option(
        metavar="Z,Y,X",
        help="Distances of slices, rows and columns in one unit, such as 0.5,0.1,0.1; or one "
        "number, of slices in pixels of the plane. By default the file's.",
    ),
]
TableOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Use a table learned before, as by --save-table; --psf does not count then.",
    ),
]
SaveOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Keep what is learned for the next stack.")
]


def isotropic(
    source: StackArgument,
    out: OutArgument,
    psf: PsfOption = "either",
    spacing: SpacingOption = None,
    table: TableOption = None,
    save_table: SaveOption = None,
    suffix: SuffixOption = None,
    overwrite: OverwriteOption = False,
    series: SeriesOption = None,
) -> None:
    """Make stacks as fine along z as in the plane, with a table learned on their own slices.

    Intensities, type and world extent stay as they are. Where the table is no better than cubic
    interpolation on held-out slices, that is used, and the result line says so.
    """
    from napari_autolut.cli.file_progress import run_file, run_folder
    from napari_autolut.isotropic.files import FileOptions, isotropic_file_steps

    options = FileOptions(
        psf, parsed_spacing(spacing), table, save_table, series=series, overwrite=overwrite
    )

    work = partial(isotropic_file_steps, options=options)
    if not is_folder(source, suffix=suffix):
        run_file(source, out, work, _line)
        return
    if save_table is not None:
        raise ValueError(f"{source}: found a folder, and --save-table is for one file")
    from napari_autolut.batch import find_files

    items = find_files(source, out, suffix=suffix)
    if not run_folder(items, work, _line, options.request, overwrite=overwrite):
        raise typer.Exit(SOME_FAILED)


def parsed_spacing(text: str | None) -> tuple[float, ...] | float | None:
    """Read the option --spacing.

    Raises
    ------
    ValueError
        If it is not one number or three.
    """
    if text is None:
        return None
    expected = "three distances such as 0.5,0.1,0.1, or that of slices in pixels"
    distances = numbers("--spacing", text, (1, 3), expected)
    return distances if len(distances) == 3 else distances[0]


def _line(done: IsotropicFile) -> str:
    from napari_autolut.cli.file_progress import with_note

    slices = f"{done.before['Z']} slices to {done.after['Z']}"
    return with_note(f"{done.out}: {slices}, {done.model}", done)
