"""What ``napari-autolut denoise`` does and prints, for a file and for a folder.

Belongs here: the work that the options ask for, and its result line. The options are in
``denoise.py``; progress and summaries are ``file_progress.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from napari_autolut.batch import (
    FOUND_NOISE,
    NEW_FILES,
    DenoisedFile,
    DenoiseOptions,
    FileOptions,
    FileWork,
    denoise_file_steps,
    denoise_request,
    find_files,
)
from napari_autolut.cli.file_progress import Line, run_file, run_folder, with_note


@dataclass(frozen=True)
class Settings:
    """How files are denoised."""

    how: DenoiseOptions = FOUND_NOISE
    engine: str = "auto"
    files: FileOptions = NEW_FILES

    @property
    def work(self) -> FileWork:
        """What denoises one file into another."""
        return partial(denoise_file_steps, how=self.how, engine=self.engine, options=self.files)

    @property
    def line(self) -> Line:
        """What is said of a file that was denoised."""
        return partial(_line, strength=self.how.strength)


def denoise_file(source: Path, out: Path, settings: Settings) -> bool:
    """Denoise one file and print one line, as `run_file`; errors as `denoise_file_steps`."""
    return run_file(source, out, settings.work, settings.line)


def denoise_folder(
    folder: Path, out_folder: Path, settings: Settings, *, suffix: str | None = None
) -> bool:
    """Denoise all images of a folder; print a line for each and a summary.

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
    request = denoise_request(settings.how)
    return run_folder(
        items, settings.work, settings.line, request, overwrite=settings.files.overwrite
    )


def _line(done: DenoisedFile, strength: float) -> str:
    """The file and the noise of each channel, said once where all have the same."""
    words = dict.fromkeys(str(noise) for noise in done.noise)
    said = "; ".join(words) or "nothing to take away"
    return with_note(f"{done.out}: {said if strength else 'left as it is (strength 0)'}", done)
