"""The dialog that asks where something is to be written.

Belongs here: the name that results. Qt asks before a file is replaced, but of the name as it was
typed, to which a suffix may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QWidget


def ask_where(parent: QWidget, title: str, proposed: str, kinds: Mapping[str, str]) -> Path | None:
    """Ask for a name; None if the user thinks better of it.

    Parameters
    ----------
    parent : QWidget
        Under which the dialog is shown.
    title : str
        What is to be written.
    proposed : str
        The name that stands there, or nothing.
    kinds : mapping of str to str
        Kinds of files as the dialog offers them, and their suffixes; the first is the usual one.

    Returns
    -------
    pathlib.Path or None
        With one of the suffixes; what is there already may be replaced.
    """
    usual = next(iter(kinds.values()))
    name, kind = QFileDialog.getSaveFileName(parent, title, proposed, ";;".join(kinds))
    while name:
        path = Path(name)
        if path.suffix.lower() in kinds.values():
            return path
        path = path.with_name(path.name + kinds.get(kind, usual))
        if not path.exists():
            return path
        name, kind = QFileDialog.getSaveFileName(parent, title, str(path), ";;".join(kinds))
    return None
