"""What an upscaling of a stack or of large data leaves open: axes, slices, where the result is.

Belongs here: three boxes and when they are of use. What axes are called is ``layers.axes``, what
fits into memory ``layers.estimates``.
"""

from __future__ import annotations

from pathlib import Path

from napari.layers import Image
from qtpy.QtCore import QObject, QSignalBlocker, Signal
from qtpy.QtGui import QStandardItemModel
from qtpy.QtWidgets import QComboBox, QFormLayout

from napari_autolut._compat import axis_labels
from napari_autolut.layers import Pair, axis_pairs, is_lazy
from napari_autolut.widgets.shared import FolderField, choice_box

ALL, CURRENT = "all", "current"
AUTO, MEMORY, LAZY, DISK = "auto", "memory", "lazy", "disk"

OUTPUTS = (
    ("Automatic", AUTO, "In memory where it fits comfortably, else computed when shown"),
    ("In memory", MEMORY, "Computed at once, then as quick as any image"),
    ("Computed when shown", LAZY, "Computed where it is looked at: no waiting and no memory, for "
     "data of any size; each new place takes a moment"),
    ("Save to disk", DISK, "Written as OME-Zarr piece by piece, for results of any size, and "
     "opened from there; stopped work is resumed where it was"),
)  # fmt: skip


class StackOptions(QObject):
    """Boxes for a form; `adapt_to` shows those that the picked images leave a choice in."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.axes, self.slices, self.output = QComboBox(), QComboBox(), choice_box(OUTPUTS)
        self.axes.setToolTip("Rows and columns; slices along the other axes are done one by one")
        self.slices.setToolTip("The whole stack, or only the slice that the viewer shows")
        self.output.setToolTip("Where the result is stored")
        self.slices.addItem("All slices", ALL)
        self.slices.addItem("Current slice", CURRENT)
        self.folder = FolderField(
            "Folder to save in", "Gets an OME-Zarr for each result; nothing is overwritten"
        )
        for box in self.boxes:
            box.currentIndexChanged.connect(self.changed)
        self.folder.folder_changed.connect(self.changed)

    @property
    def boxes(self) -> tuple[QComboBox, QComboBox, QComboBox]:
        """All boxes, in order."""
        return self.axes, self.slices, self.output

    @property
    def spatial_axes(self) -> Pair | None:
        """The chosen axes; None for the default ones."""
        return self.axes.currentData() if self.axes.currentIndex() > 0 else None

    @property
    def current_slice(self) -> bool:
        """Whether only the slice that is shown is wanted."""
        return self.axes.count() > 1 and self.slices.currentData() == CURRENT

    @property
    def saves(self) -> bool:
        """Whether results go to disk."""
        return bool(self.output.currentData() == DISK)

    @property
    def save_folder(self) -> Path | None:
        """Where results are saved; None where they are not.

        Raises
        ------
        ValueError
            If they are, and no folder is named.
        """
        if not self.saves:
            return None
        if self.folder.folder is None:
            raise ValueError("Choose a folder to save in first.")
        return self.folder.folder

    def add_to(self, form: QFormLayout) -> None:
        """Add the rows."""
        form.addRow("A&xes", self.axes)
        form.addRow("&Slices", self.slices)
        form.addRow("Outpu&t", self.output)
        form.addRow("&Keep in", self.folder)
        self._form = form
        self.output.currentIndexChanged.connect(self._show_folder)
        self._show_folder()

    def _show_folder(self) -> None:
        self._form.setRowVisible(self.folder, self.saves and self._form.isRowVisible(self.output))

    def adapt_to(self, images: list[Image]) -> None:
        """Offer what these images leave open, which must be of the same kind for axes."""
        labels = {axis_labels(image) for image in images}
        pairs = axis_pairs(labels.pop()) if len(labels) == 1 else []
        chosen = self.axes.currentText()
        with QSignalBlocker(self.axes):
            self.axes.clear()
            for text, axes in pairs:
                self.axes.addItem(text, axes)
            self.axes.setCurrentIndex(max(0, self.axes.findText(chosen)))
        stack = any(image.ndim > 2 for image in images)
        lazy = bool(images) and all(is_lazy(image) for image in images)
        self._form.setRowVisible(self.axes, len(pairs) > 1)
        self._form.setRowVisible(self.slices, stack)
        self._form.setRowVisible(self.output, bool(images))
        self._offer_memory(not lazy)
        self._show_folder()

    def _offer_memory(self, offered: bool) -> None:
        """Offer results in memory; those of lazy images are lazy, too, or go to disk."""
        model = self.output.model()
        if isinstance(model, QStandardItemModel):
            model.item(self.output.findData(MEMORY)).setEnabled(offered)
        if not offered and self.output.currentData() == MEMORY:
            self.output.setCurrentIndex(self.output.findData(AUTO))

    def choose(self, axes: Pair | None, *, current_slice: bool, lazy: bool) -> None:
        """Set all boxes as a result was made."""
        self.axes.setCurrentIndex(max(0, self.axes.findData(axes)))
        self.slices.setCurrentIndex(self.slices.findData(CURRENT if current_slice else ALL))
        self.output.setCurrentIndex(self.output.findData(LAZY if lazy else AUTO))
