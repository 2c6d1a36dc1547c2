"""Questions before something is lost: closing napari while a training is running, discarding it.

Belongs here: what is asked, and which answer is the safe one. What is done then is ``session.py``.
"""

from __future__ import annotations

from enum import Enum

from qtpy.QtWidgets import QMessageBox, QWidget

from napari_autolut.widgets.shared.plain_text import plain


class Answer(Enum):
    """What is done with a training when napari is closed."""

    STOP = "stop"
    DISCARD = "discard"
    STAY = "stay"


def ask_before_closing(window: QWidget) -> Answer:
    """Ask what to do with the training; Escape keeps everything as it is."""
    box = _box(
        window,
        "A training is running",
        "A training is running. Stop it and keep its table?",
        "Stopped, it keeps what it has learned: the table is added to your models, and the "
        "training can be resumed at the next start.",
    )
    stop = box.addButton("&Stop and keep", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("&Discard", QMessageBox.ButtonRole.DestructiveRole)
    stay = box.addButton("Do &not close", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stop)
    box.setEscapeButton(stay)
    answers = ((stop, Answer.STOP), (discard, Answer.DISCARD))
    box.exec()
    clicked = box.clickedButton()
    return next((a for each, a in answers if each == clicked), Answer.STAY)


def confirm_loss(window: QWidget) -> bool:
    """Ask before the training that is running is thrown away."""
    loss = "What was learned is lost. Stop and keep saves it."
    return confirm_discard(window, "Discard the training", loss)


def confirm_discard(window: QWidget, what: str, loss: str) -> bool:
    """Ask before a training is thrown away; Escape keeps it."""
    box = _box(window, what, f"{what}?", loss)
    discard = box.addButton("&Discard", QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton("&Keep", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    box.exec()
    return bool(box.clickedButton() == discard)


def _box(window: QWidget, title: str, question: str, more: str) -> QMessageBox:
    box = QMessageBox(window)
    box.setWindowTitle(title)
    box.setIcon(QMessageBox.Icon.Question)
    box.setText(plain(question))
    box.setInformativeText(plain(more))
    return box
