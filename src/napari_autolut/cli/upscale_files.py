"""What ``napari-autolut upscale`` does and prints, for a file and for a folder.

Belongs here: the work that the options ask for, and its result line. The options are in
``upscale.py``; progress and summaries are ``file_progress.py``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from napari_autolut.arrays import AUTO, ModelLike, Progress
from napari_autolut.batch import (
    AS_FOUND,
    NEW_FILES,
    BlockExecutor,
    FileItem,
    FileOptions,
    FileWork,
    InProcess,
    Request,
    SetRanges,
    UpscaledFile,
    UpscaleOptions,
    check_error_map,
    check_maps_apart,
    connected,
    error_map_steps,
    find_files,
    model_of_file,
    ranges_of_set,
    upscale_file_steps,
    upscale_request,
)
from napari_autolut.cli.file_progress import run_file, run_folder, size_text, with_note
from napari_autolut.cli.numbers import numbers
from napari_autolut.cli.output import echo
from napari_autolut.io import ProcessingStep
from napari_autolut.model import LutModel
from napari_autolut.storage import load_model_of_scale
from napari_autolut.util.grid import NEAREST


@dataclass(frozen=True)
class Settings:
    """How files are enlarged; all but the model, which is loaded when the paths are found good."""

    how: UpscaleOptions = AS_FOUND
    engine: str = "auto"
    files: FileOptions = NEW_FILES
    scheduler: str | None = None
    range_from_all: bool = False
    expected_error: bool = False

    @contextmanager
    def work(self, model: ModelLike | None) -> Iterator[FileWork]:
        """Give what enlarges one file into another, here or on the cluster of the scheduler."""
        with ExitStack() as stack:
            executor: BlockExecutor = InProcess(self.engine)
            if self.scheduler is not None:
                executor = stack.enter_context(connected(self.scheduler, self.engine))

            def work(source: Path, out: Path) -> Generator[Progress, None, UpscaledFile]:
                chosen = model
                if self.expected_error:
                    scale = self.how.scale
                    chosen, _ = model_of_file(model, source, series=self.files.series, scale=scale)
                    overwrite = self.files.overwrite
                    check_error_map(source, out, chosen, scale, overwrite=overwrite)
                done = yield from upscale_file_steps(
                    source, out, model, self.how, executor=executor, options=self.files
                )
                of_images = done.model != NEAREST  # labels have no error
                if isinstance(chosen, LutModel) and self.expected_error and of_images:
                    path = yield from error_map_steps(
                        source, out, chosen, self.how, executor=executor, options=self.files
                    )
                    notes = (done.note, f"expected errors in {path.name}")
                    done = replace(done, note="; ".join(filter(None, notes)))
                return done

            yield work


def parsed_range(text: str | None) -> str | tuple[float, float] | None:
    """Read the option --value-range.

    Raises
    ------
    ValueError
        If it is none of the words, and no two numbers that make a range.
    """
    if text in (None, "dtype", "data"):
        return text
    if text == "auto":
        return None
    expected = "dtype, data, or two numbers such as 0,4095"
    low, high = numbers("--value-range", text, (2,), expected)
    if not 0 < high - low < math.inf:
        raise ValueError(
            f"--value-range: found {text!r}, expected the lower limit below the upper, and less "
            "than 1.8e308 apart"
        )
    return low, high


def upscale_file(source: Path, out: Path, model: str | None, settings: Settings) -> bool:
    """Enlarge one file and print one line, as `run_file`; errors as `upscale_file_steps`."""
    with settings.work(model) as work:
        return run_file(source, out, work, _line)


def upscale_folder(
    folder: Path,
    out_folder: Path,
    model: str | None,
    settings: Settings,
    *,
    suffix: str | None = None,
) -> bool:
    """Enlarge all images of a folder; print a line for each and a summary.

    Returns
    -------
    bool
        Whether none failed, and nothing was left out because it is damaged.

    Raises
    ------
    ImageFileError
        If there is nothing to do, or the results cannot be written there.
    """
    items = find_files(folder, out_folder, suffix=suffix)
    if settings.expected_error:
        items = check_maps_apart(items)
    if settings.range_from_all:
        how = replace(settings.how, value_range=_range_from_all(items, settings))
        settings = replace(settings, how=how)
    loaded = AUTO if model == AUTO else load_model_of_scale(model, settings.how.scale)
    with settings.work(loaded) as work:
        request = _request(loaded, settings)
        return run_folder(items, work, _line, request, overwrite=settings.files.overwrite)


def _range_from_all(items: Sequence[FileItem], settings: Settings) -> SetRanges:
    """Find one range for each channel over all files, and print it."""
    asked = settings.how.value_range
    if not (asked is None or isinstance(asked, str)):
        raise ValueError(
            "--range-from all: found two limits in --value-range, which hold for all files anyway; "
            "leave one of the options out"
        )
    paths = [item.source for item in items if not item.problem]
    found = ranges_of_set(paths, asked, series=settings.files.series)
    echo(f"value range {found.words}")
    return found


def _request(model: LutModel | str, settings: Settings) -> Request:
    """What is asked for; a model that each file chooses is known when that is looked at."""
    how, series = settings.how, settings.files.series
    if isinstance(model, LutModel):
        return upscale_request(model, how)

    def of_file(source: Path) -> ProcessingStep:
        chosen, _ = model_of_file(model, source, series=series, scale=how.scale)
        return upscale_request(chosen, how)

    return of_file


def _line(done: UpscaledFile) -> str:
    sizes = f"{size_text(done.before)} to {size_text(done.after)}"
    return with_note(f"{done.out}: {sizes} with {done.model}", done)
