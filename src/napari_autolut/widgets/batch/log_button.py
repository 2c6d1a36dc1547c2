"""The button that opens the log of all folders that were worked through.

Belongs here: the way from the dock to the log. What stands in it is ``batch.log``.
"""

from __future__ import annotations

import os

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QPushButton

from napari_autolut.batch import folder_log_path


class LogButton(QPushButton):
    """Opens the log in the system's program for tables; enabled once there is one."""

    def __init__(self) -> None:
        super().__init__("Ope&n the log")
        self.setToolTip(
            "What happened to each file of every run, when, and with which model: "
            f"{folder_log_path()}"
        )
        self.clicked.connect(self._open)
        self.refresh()

    def refresh(self) -> None:
        """Look whether there is a log."""
        self.setEnabled(os.path.exists(folder_log_path()))  # noqa: PTH110 - no error

    def _open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder_log_path())))
