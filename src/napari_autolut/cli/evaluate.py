"""``napari-autolut evaluate``: measure models on a folder of images.

Belongs here: the command's options, its progress bar and what is written where. Measuring and
drawing are in ``evaluation``, which is imported when the command runs, so that ``--help`` is quick.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_autolut.cli.command_group import SOME_FAILED
from napari_autolut.cli.options import EngineName, EngineOption, OverwriteOption
from napari_autolut.cli.output import echo
from napari_autolut.util.atomic import atomic_write
from napari_autolut.util.errors import error_message
from napari_autolut.util.text import counted

if TYPE_CHECKING:
    from napari_autolut.evaluation.methods import Comparison

PLOT_SUFFIXES = (".png", ".svg")


ModelsOption = Annotated[
    list[str],
    typer.Option("--model", "-m", metavar="NAME|FILE", help="Model; several, to compare them."),
]
HrOption = Annotated[
    Path,
    typer.Option(
        metavar="FOLDER", help="High-resolution (HR) images; sub-folders are not searched."
    ),
]
LrOption = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="LR images of the same names; else made by bicubic."),
]
JsonOption = Annotated[Path | None, typer.Option(metavar="FILE", help="Write all figures to it.")]
PlotOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE.png|svg", help="Draw PSNR against bytes and against time."),
]
LumaOption = Annotated[
    bool, typer.Option("--luma", help="Also measure each model on RGB with colours through luma.")
]


def evaluate(
    model: ModelsOption,
    hr: HrOption,
    lr: LrOption = None,
    json: JsonOption = None,
    plot: PlotOption = None,
    luma: LumaOption = False,
    overwrite: OverwriteOption = False,
    engine: EngineOption = EngineName.auto,
) -> None:
    """Measure models on images.

    Gives PSNR and SSIM on luma against the HR images, beside those of bicubic interpolation; every
    colour goes through the table, unless colours through luma are asked for, too.
    Several models of one scale get one line each, with the size of the tables and the time for a
    million pixels of result. Bicubic and Lanczos interpolation are among them. Of models that have
    an error table, one line says how far the errors they expect are to be believed. An image that
    cannot be read or does not fit its LR image is named, and ends nothing; the exit status is 1.
    """
    from tqdm import tqdm

    from napari_autolut.evaluation.coverage import measured_errors
    from napari_autolut.evaluation.methods import compare, load_models, measure_pairs, methods
    from napari_autolut.evaluation.pairs import EvaluationError, find_pairs
    from napari_autolut.evaluation.plot import plot as drawing_of
    from napari_autolut.evaluation.plot import write_drawing
    from napari_autolut.evaluation.report import (
        as_comparison,
        as_table,
        comparison_as_json,
        of_one_model,
    )
    from napari_autolut.evaluation.scores import LeftOut

    _check_outputs(json, plot, overwrite)
    failed: list[LeftOut] = []

    def leave_out(name: str, error: Exception) -> None:
        failed.append(LeftOut(name, error_message(error)))

    models = load_models(model)
    (_, first), *others = models  # all of one scale
    pairs = find_pairs(first, hr, lr, on_error=leave_out)
    compared = methods(models, engine, luma=luma)
    bar = tqdm(pairs, unit="image", disable=None, leave=False)
    measured = dict(measure_pairs(bar, compared, first.scale, leave_out))
    if not measured:
        raise EvaluationError(failed[0].reason)
    found = [each for of_pair in measured.values() for each in of_pair]
    comparison = compare(compared, [*found, *failed], first.scale)
    errors = measured_errors(models, list(measured), engine=engine)
    if json is not None:
        text = comparison_as_json(comparison, errors)
        content = text.encode(errors="backslashreplace")  # names of files are not always Unicode
        _write(json, overwrite, lambda path: path.write_bytes(content))
    if plot is not None:
        drawing, suffix = drawing_of(comparison, _title(comparison, hr)), plot.suffix.lower()
        _write(plot, overwrite, lambda path: write_drawing(drawing, path, suffix))
    table = as_comparison(comparison) if others or luma else as_table(of_one_model(comparison))
    echo(*table.split("\n"), *map(str, comparison.left_out))
    echo(*(f"{pair.hr.path.name}: {pair.remark}" for pair in pairs if pair.remark))
    for name, figures in errors.items():
        echo(f"expected error (90 %) of {name}: {figures}")
    if failed:
        raise typer.Exit(SOME_FAILED)


def _check_outputs(json: Path | None, plot: Path | None, overwrite: bool) -> None:
    from napari_autolut.evaluation import EvaluationError
    from napari_autolut.io import READABLE_SUFFIXES, check_free

    if plot is not None and plot.suffix.lower() not in PLOT_SUFFIXES:
        found = plot.suffix or "no suffix"
        raise EvaluationError(f"{plot}: found {found}, expected {' or '.join(PLOT_SUFFIXES)}")
    if json is not None and json.suffix.lower() in (*READABLE_SUFFIXES, *PLOT_SUFFIXES):
        raise EvaluationError(f"{json}: found {json.suffix}, expected .json for the figures")
    for path in (json, plot):
        if path is not None:
            check_free(path, overwrite=overwrite)


def _title(comparison: Comparison, folder: Path) -> str:
    """Scale, number of images and the name of the set, which often holds a folder HR."""
    number = len(comparison.images)
    folder = folder.resolve()
    name = folder.parent.name if folder.name.lower() == "hr" else folder.name
    return f"x{comparison.scale} on {counted(number, 'image')} of {name}"


def _write(path: Path, overwrite: bool, write: Callable[[Path], object]) -> None:
    with atomic_write(path, overwrite=overwrite) as temporary:
        write(temporary)
