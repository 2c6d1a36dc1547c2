"""The page that says what to install before anything can be trained, and why.

Belongs here: that page; what is missing is told by ``util.optional``.
"""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QApplication, QLineEdit, QWidget

from napari_autolut.util.optional import INTEL_MAC, TRAIN_COMMAND, torch_installed, training_problem
from napari_autolut.widgets.train.parts import button, heading, page, row, words

WHY = (
    "Upscaling needs no PyTorch, so it does not come with the plugin: it is a download of some "
    "hundred megabytes. Training computes gradients, and PyTorch is what does that. No graphics "
    "card is needed."
)
HOW = (
    "Type this in the terminal, or in napari's console with %pip in place of pip; in the "
    "environment that napari runs in:"
)


class MissingPage(QWidget):
    """What to type, with a button that copies it; ``installed`` once it has been done."""

    check_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.command = QLineEdit(TRAIN_COMMAND)
        self.command.setReadOnly(True)
        self.command.setCursorPosition(0)
        self.command.setAccessibleName("What to type")
        self.copy = button("&Copy", "Copy the command")
        self.check = button("Check &again", "Look for PyTorch again; napari need not be restarted")
        self.told = words(quiet=True)
        layout = page(self)
        layout.addWidget(heading("Training needs PyTorch"))
        problem = training_problem()
        hopeless = problem == INTEL_MAC
        too_old = bool(problem) and torch_installed() and not hopeless
        layout.addWidget(words(_sentence(problem) if hopeless or too_old else WHY))
        how = words(HOW)
        layout.addWidget(how)
        layout.addLayout(row(self.command, self.copy))
        layout.addWidget(self.told)
        layout.addWidget(self.check)
        layout.addStretch(1)
        for widget in (how, self.command, self.copy, self.check):
            widget.setVisible(not hopeless)
        self.copy.clicked.connect(self._copy)
        self.check.clicked.connect(self.check_pressed)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.command.text())
        self.told.setText("Copied.")

    def still_missing(self) -> None:
        """Say that it was not found."""
        self.told.setText("PyTorch is still not there.")


def _sentence(problem: str) -> str:
    return f"{problem[:1].upper()}{problem[1:]}."
