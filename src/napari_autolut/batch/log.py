"""The log of the folder dock: what became of each file, when and how.

Belongs here: the file, a table that spreadsheets read, in the user's folder for logs, so that the
results' folder holds results alone. What is shown meanwhile is ``record.py``.
"""

from __future__ import annotations

import csv
import logging
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from platformdirs import user_log_path

from napari_autolut.batch.outcomes import Done, Event, Failed, Skipped
from napari_autolut.io import ProcessingStep
from napari_autolut.util.text import printable

NAME = "folders.csv"
COLUMNS = ("time", "image", "result", "state", "model", "value range", "note")

FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""What formulas begin with, in one spreadsheet or another; in full width, too."""

ENCODING = "utf-8-sig"
"""With a mark at the beginning, or Excel takes letters for those of the system's code page."""

logger = logging.getLogger(__name__)


def folder_log_path() -> Path:
    """Path of the log, which need not be there yet.

    Returns
    -------
    pathlib.Path
        A CSV file in the folder that the system has for a user's logs.
    """
    return user_log_path("napari-autolut", appauthor=False) / NAME


class FolderLog:
    """Writes a line for every file that is done, skipped or failed, below those of earlier runs.

    Parameters
    ----------
    request : ProcessingStep
        What is asked for.
    """

    def __init__(self, request: ProcessingStep) -> None:
        self.path = folder_log_path()
        self._request = request

    def take(self, event: Event) -> None:
        """Write the line of an outcome; other events have none.

        A log that cannot be written is no reason to stop: a warning of Python's log says so.
        """
        match event:
            case Done(item, result):
                state, note = "done", result.note
            case Skipped(item):
                state, note = "skipped", f"its result {event.note}"
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
        self.path.parent.mkdir(parents=True, exist_ok=True)
        columns = ""
        with suppress(FileNotFoundError), self.path.open("rb") as file:
            columns = file.readline().decode("utf-8", "replace")
        between = _between_columns() if not columns else ";" if ";" in columns else ","
        with self.path.open("a", newline="", encoding=ENCODING, errors="backslashreplace") as file:
            if not columns:
                csv.writer(file, delimiter=between).writerow(COLUMNS)
            # Within marks, as spreadsheets end cells at other signs, too: "a;=1" is one text.
            csv.writer(file, delimiter=between, quoting=csv.QUOTE_ALL).writerow(map(_cell, line))


def _between_columns() -> str:
    """What Excel takes for the end of a cell; a semicolon where decimals come after a comma."""
    if sys.platform == "win32":
        import winreg

        place = winreg.HKEY_CURRENT_USER, r"Control Panel\International"
        with suppress(OSError), winreg.OpenKey(*place) as key:
            return ";" if winreg.QueryValueEx(key, "sList")[0] == ";" else ","
    return ","


def _cell(value: object) -> str:
    """A text on one line that no spreadsheet takes for a formula; files may be named like one."""
    text = printable(str(value))
    return f"'{text}" if text.startswith(FORMULA) else text
