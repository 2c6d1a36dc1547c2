"""The fields of the Make isotropic dock: the axial blur, and where the table comes from.

Belongs here: choices and numbers. What they are used for is ``dock.py``.
"""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_autolut.isotropic.blur import AREA, AUTO, EITHER, MAX_SIGMA, PLANES
from napari_autolut.widgets.shared.form import choice_box
from napari_autolut.widgets.shared.number_field import NumberField
from napari_autolut.widgets.shared.plain_text import plain
from napari_autolut.widgets.shared.save_dialog import ask_where

GAUSSIAN = "gaussian"
BLURS = (
    ("Mean or single plane", EITHER, "Not known: no worse than cubic interpolation, whether slices "
     "are means over their thickness or thin"),
    ("Mean over the slice", AREA, "Each slice is the mean over its thickness, as a cut section: "
     "nothing beyond that is sharpened"),
    ("Single planes", PLANES, "Each slice is thin, as an optical section in focus: nothing is "
     "sharpened"),
    ("Gaussian", GAUSSIAN, "Slices were blurred by a Gaussian along z; the table undoes that"),
    ("Estimated", AUTO, "Mean or single plane, unless the stack looks as after a wide Gaussian; "
     "says which one it looks like"),
)  # fmt: skip

FILES = "Tables for z (*.safetensors)"


class BlurField(QWidget):
    """A choice of axial blurs, and a number where it is a Gaussian."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choice = choice_box(BLURS)
        self.choice.setToolTip("How each slice blurs what lies above and below it")
        self.sigma = NumberField(2)
        self.sigma.setRange(0.1, MAX_SIGMA)
        self.sigma.setValue(2.0)
        self.sigma.setSingleStep(0.25)
        self.sigma.setSuffix(" px")
        self.sigma.setKeyboardTracking(False)
        self.sigma.setToolTip("Standard deviation in pixels of the plane: FWHM / 2.355")
        self.sigma.setAccessibleName("Standard deviation")
        self.sigma.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.choice)
        layout.addWidget(self.sigma)
        self.setFocusProxy(self.choice)
        self.choice.currentIndexChanged.connect(self._on_choice)
        self.sigma.valueChanged.connect(self.changed)

    @property
    def psf(self) -> str | float:
        """The choice as ``make_isotropic`` takes it."""
        key: str = self.choice.currentData()
        return self.sigma.value() if key == GAUSSIAN else key

    def _on_choice(self) -> None:
        self.sigma.setVisible(self.choice.currentData() == GAUSSIAN)
        self.changed.emit()


class TableField(QWidget):
    """Learn on the stack, or use a table from a file; and keep what was learned."""

    changed = Signal()
    save_pressed = Signal(Path)

    def __init__(self) -> None:
        super().__init__()
        self.choice = QComboBox()
        self.choice.setToolTip("What fills in the slices: learned in seconds, or learned before")
        self.choice.addItem("Learned on this stack", None)
        self.open = QPushButton("&Open\N{HORIZONTAL ELLIPSIS}")
        self.open.setToolTip("Use a saved table, such as one learned on a similar stack")
        self.save = QPushButton("Save &as\N{HORIZONTAL ELLIPSIS}")
        self.save.setToolTip("Save the learned table as a file, for the next stack")
        self.save.setEnabled(False)
        buttons = QHBoxLayout()
        buttons.addWidget(self.open)
        buttons.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.choice)
        layout.addLayout(buttons)
        self.setFocusProxy(self.choice)
        self.choice.currentIndexChanged.connect(self.changed)
        self.open.clicked.connect(self._ask_for_file)
        self.save.clicked.connect(self._ask_for_name)

    @property
    def path(self) -> Path | None:
        """The file to use; None to learn."""
        path: Path | None = self.choice.currentData()
        return path

    def use(self, path: Path) -> None:
        """Choose a file of tables; one that is none is said when it is used."""
        if self.choice.findData(path) < 0:
            self.choice.addItem(path.stem, path)
            last, tip = self.choice.count() - 1, plain(str(path))
            self.choice.setItemData(last, tip, Qt.ItemDataRole.ToolTipRole)
        self.choice.setCurrentIndex(self.choice.findData(path))

    def _ask_for_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Use a table for z", "", FILES)
        if name:
            self.use(Path(name))

    def _ask_for_name(self) -> None:
        path = ask_where(self, "Save the table for z", "", {FILES: ".safetensors"})
        if path is not None:
            self.save_pressed.emit(path)
