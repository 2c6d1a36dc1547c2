"""A log beside the results of a folder: what became of each file, when and how.

Belongs here: the file, a table that spreadsheets read. What is shown meanwhile is ``record.py``.
"""

from __future__ import annotations

import csv
import logging
from datetime import datetime
from pathlib import Path

from napari_autolut.batch.folder import Done, Event, Failed, Skipped
from napari_autolut.io import ProcessingStep

NAME = "napari-autolut-log.csv"
COLUMNS = ("time", "image", "result", "state", "model", "value range", "note")

logger = logging.getLogger(__name__)


class FolderLog:
    """Writes a line for every file that is done, skipped or failed, below those of earlier runs.

    Parameters
    ----------
    out_folder : pathlib.Path
        The results' folder, which need not be there yet.
    request : ProcessingStep
        What is asked for.
    """

    def __init__(self, out_folder: Path, request: ProcessingStep) -> None:
        self.path = out_folder / NAME
        self._request = request

    def take(self, event: Event) -> None:
        """Write the line of an outcome; other events have none.

        A log that cannot be written is no reason to stop: a warning of Python's log says so.
        """
        match event:
            case Done(item, result):
                state, note = "done", result.note
            case Skipped(item):
                state, note = "skipped", "its result was there already"
            case Failed(item, reason):
                state, note = "failed", reason
            case _:
                return
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        made = (self._request.model, self._request.settings.get("value_range", ""))
        try:
            self._append((now, item.source, item.out, state, *made, note))
        except OSError as error:
            logger.warning("%s: the log cannot be written (%s)", self.path, error)

    def _append(self, line: tuple[object, ...]) -> None:
        new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(COLUMNS)
            writer.writerow(line)
