"""What ``napari-autolut evaluate`` does and prints.

Belongs here: the progress bar and what is written where. The options are ``cli.py``; the work is
``evaluation.py`` and ``evaluation_methods.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import typer
from tqdm import tqdm

from napari_autolut.evaluation.benchmark import EvaluationError, find_pairs
from napari_autolut.evaluation.drawing import write_drawing
from napari_autolut.evaluation.methods import Comparison, compare, load_models, methods, try_all
from napari_autolut.evaluation.plot import plot
from napari_autolut.evaluation.report import (
    as_comparison,
    as_table,
    comparison_as_json,
    of_one_model,
)
from napari_autolut.io.files import check_free
from napari_autolut.util.atomic import atomic_write

PLOT_SUFFIXES = (".png", ".svg")


def evaluate_models(
    names: Sequence[str],
    hr: Path,
    lr: Path | None = None,
    *,
    json: Path | None = None,
    plot_file: Path | None = None,
    overwrite: bool = False,
    engine: str = "auto",
) -> None:
    """Measure models and interpolations on images; print a table, write what is asked for.

    Raises
    ------
    EvaluationError, ImageFileError
        as `evaluation.evaluate`, and if the models do not go together
    FileExistsError
        if a file to write exists and ``overwrite`` is false
    """
    _check_outputs(json, plot_file, overwrite)
    models = load_models(names)
    first = models[0][1]
    pairs = find_pairs(first, hr, lr)
    contenders = methods(models, engine)
    bar = tqdm(pairs, unit="image", disable=None, leave=False)
    comparison = compare(
        contenders, [try_all(pair, contenders, first.scale) for pair in bar], first.scale
    )
    if json is not None:
        text = comparison_as_json(comparison)
        _write(json, overwrite, lambda path: path.write_text(text, encoding="utf-8"))
    if plot_file is not None:
        drawing = plot(comparison, _title(comparison, hr))
        suffix = plot_file.suffix.lower()
        _write(plot_file, overwrite, lambda path: write_drawing(drawing, path, suffix))
    one = len(models) == 1
    typer.echo(as_table(of_one_model(comparison)) if one else as_comparison(comparison))


def _check_outputs(json: Path | None, plot_file: Path | None, overwrite: bool) -> None:
    if plot_file is not None and plot_file.suffix.lower() not in PLOT_SUFFIXES:
        found = plot_file.suffix or "no suffix"
        raise EvaluationError(f"{plot_file}: found {found}, expected {' or '.join(PLOT_SUFFIXES)}")
    for path in (json, plot_file):
        if path is not None:
            check_free(path, overwrite=overwrite)


def _title(comparison: Comparison, folder: Path) -> str:
    """Scale, number of images and the name of the set, which often holds a folder HR."""
    number = len(comparison.images)
    folder = folder.resolve()
    name = folder.parent.name if folder.name.lower() == "hr" else folder.name
    return f"x{comparison.scale} on {number} image{'s'[: number != 1]} of {name}"


def _write(path: Path, overwrite: bool, write: Callable[[Path], object]) -> None:
    with atomic_write(path, overwrite=overwrite) as temporary:
        write(temporary)
