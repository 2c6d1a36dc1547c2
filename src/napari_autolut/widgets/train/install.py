"""The page that says what to install before anything can be trained, and why.

Belongs here: that page. What is missing is found by ``util/optional.py``.
"""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QApplication, QLineEdit, QWidget

from napari_autolut.util.optional import INTEL_MAC, TRAIN_COMMAND, torch_installed, training_problem
from napari_autolut.widgets.shared import sentence
from napari_autolut.widgets.train.elements import (
    Heading,
    button,
    page_layout,
    row_layout,
    text_label,
)

REASON = (
    "Upscaling needs no PyTorch, so it does not come with the plugin: it is a download of some "
    "hundred megabytes. Training computes gradients, and PyTorch is what does that. No graphics "
    "card is needed."
)
INSTRUCTIONS = (
    "Type this in the terminal, or in napari's console with %pip in place of pip; in the "
    "environment that napari runs in:"
)


class InstallPage(QWidget):
    """What to type, with buttons that copy it and that look for PyTorch again."""

    check_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.command = QLineEdit(TRAIN_COMMAND)
        self.command.setReadOnly(True)
        self.command.setCursorPosition(0)
        self.command.setAccessibleName("What to type")
        self.copy = button("&Copy", "Copy the command")
        self.check = button("Check &again", "Look for PyTorch again; napari need not be restarted")
        self.status = text_label(quiet=True)
        layout = page_layout(self)
        layout.addWidget(Heading("Training needs PyTorch"))
        problem = training_problem()
        unsupported = problem == INTEL_MAC
        too_old = bool(problem) and torch_installed() and not unsupported
        layout.addWidget(text_label(sentence(problem) if unsupported or too_old else REASON))
        instructions = text_label(INSTRUCTIONS)
        layout.addWidget(instructions)
        layout.addLayout(row_layout(self.command, self.copy))
        layout.addWidget(self.status)
        layout.addWidget(self.check)
        layout.addStretch(1)
        for widget in (instructions, self.command, self.copy, self.check):
            widget.setVisible(not unsupported)
        self.copy.clicked.connect(self._copy)
        self.check.clicked.connect(self.check_pressed)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.command.text())
        self.status.setText("Copied.")

    def still_missing(self) -> None:
        """Say that it was not found."""
        self.status.setText("PyTorch is still not there.")
