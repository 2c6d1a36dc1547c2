"""What ``napari-autolut denoise`` does and prints, for a file and for a folder.

Belongs here: the work that the options ask for, and its result line. The options are in
``denoise.py``; progress and summaries are ``file_progress.py``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from napari_autolut.batch import DenoisedFile, FileWork, denoise_file_steps, find_files
from napari_autolut.cli.file_progress import run_file, run_folder
from napari_autolut.noise import NoiseModel


def denoise_file(
    source: Path, out: Path, noise: NoiseModel | None, strength: float, engine: str, overwrite: bool
) -> None:
    """Denoise one file and print one line; errors as `denoise_file_steps`."""
    run_file(source, out, _work(noise, strength, engine, overwrite), _line)


def denoise_folder(
    folder: Path,
    out_folder: Path,
    noise: NoiseModel | None,
    strength: float,
    engine: str,
    overwrite: bool,
    *,
    suffix: str | None = None,
) -> bool:
    """Denoise all images of a folder; print a line for each and a summary.

    Returns
    -------
    bool
        Whether none failed.

    Raises
    ------
    ImageFileError
        If there is nothing to do, or the results cannot be written there.
    """
    items = find_files(folder, out_folder, suffix=suffix)
    return run_folder(items, _work(noise, strength, engine, overwrite), _line, overwrite=overwrite)


def _work(noise: NoiseModel | None, strength: float, engine: str, overwrite: bool) -> FileWork:
    return partial(
        denoise_file_steps, noise=noise, strength=strength, engine=engine, overwrite=overwrite
    )


def _line(done: DenoisedFile) -> str:
    """The file and the noise of each channel, said once where all have the same."""
    words = dict.fromkeys(str(noise) for noise in done.noise)
    return f"{done.out}: {'; '.join(words)}"
