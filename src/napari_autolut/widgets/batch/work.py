"""What the folder dock does in other threads: choosing a model, and working through a folder.

Belongs here: functions that touch no widget. When they are begun, ``dock.py`` says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from pathlib import Path

from napari_autolut.arrays import ModelChoice, Progress
from napari_autolut.batch import (
    BatchRecord,
    Event,
    FolderLog,
    FolderRequest,
    choose_model_of_files,
    expected_shares,
    find_files,
    run_batch,
    total_progress,
)
from napari_autolut.io.zarr import missing_as_empty

Update = BatchRecord | Event | None
"""What the work reports: its files, then their events, then None when it has ended."""


def choice_for(source: Path, target: Path, recursive: bool) -> ModelChoice:
    """Choose the model that suits a folder's images; reads a few of them."""
    items = find_files(source, target, recursive=recursive)
    with missing_as_empty():  # what is wrong with them is said when they are read
        return choose_model_of_files([item.source for item in items if not item.problem])


def find_steps(
    asked: FolderRequest, source: Path, target: Path
) -> Generator[Progress, None, BatchRecord]:
    """Find what there is to do."""
    yield Progress(0, 1)
    with missing_as_empty(asked.missing_as_empty):
        return asked.settled(source, target).found(source, target)


def run_steps(
    asked: FolderRequest, source: Path, target: Path, updates: deque[Update]
) -> Generator[Progress, None, str]:
    """Work through a folder, and report what becomes of each file; gives their numbers in words."""
    try:
        with missing_as_empty(asked.missing_as_empty):
            wanted = asked.settled(source, target)
            found = wanted.found(source, target)
            updates.append(found)
            record = BatchRecord(found.files)
            log = FolderLog(wanted.request)

            def emit(event: Event) -> None:
                record.take(event)
                log.take(event)
                updates.append(event)

            events = run_batch(
                [file.item for file in record.files],
                wanted.steps,
                overwrite=wanted.overwrite,
                request=wanted.request,
            )
            yield from total_progress(events, emit, expected_shares(record.files))
            return record.summary
    finally:
        updates.append(None)
