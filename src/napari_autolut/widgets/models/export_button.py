"""Writing the chosen model for other programs.

Belongs here: the button, the question for a file, and what is said afterwards. What is written is
``export``.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from pathlib import Path

from napari.utils.notifications import show_error, show_info
from qtpy.QtWidgets import QPushButton

from napari_autolut.arrays import Progress
from napari_autolut.model import LutModel
from napari_autolut.util.optional import MissingDependencyError, for_export
from napari_autolut.widgets.models.picker import ModelPicker
from napari_autolut.widgets.shared import LatestRun
from napari_autolut.widgets.shared.plain_text import plain
from napari_autolut.widgets.shared.save_dialog import ask_where

KINDS = {"ONNX model (*.onnx)": ".onnx", "BioImage Model Zoo package (*.zip)": ".zip"}
"""What a user can choose in the dialog for files, and its suffix."""


class ExportButton(QPushButton):
    """Asks for a file and writes the model of a picker to it, in a thread."""

    def __init__(self, models: ModelPicker) -> None:
        super().__init__("Export\N{HORIZONTAL ELLIPSIS}")
        self.setToolTip(
            "Write this model for other programs: as ONNX, or as a package of the BioImage Model "
            "Zoo for ilastik, deepImageJ and QuPath"
        )
        self._models = models
        self._run = LatestRun(self)
        self._run.returned.connect(self._say)
        self._run.refused.connect(self._refuse)
        self.clicked.connect(self._ask)
        models.model_changed.connect(self._enable)
        self._enable()

    def _enable(self) -> None:
        usable = isinstance(self._models.loaded, LutModel)
        self.setEnabled(usable and not self._run.running)

    def _ask(self) -> None:
        try:
            for_export("onnx")
        except MissingDependencyError as error:
            self._refuse(str(error))
            return
        model = self._models.model
        path = ask_where(self, "Export a model", f"{model.name}.onnx", KINDS)
        if path is not None:
            self._run.start(partial(_written, model, path))
            self._enable()

    def _say(self, said: str) -> None:
        self._enable()
        show_info(plain(said))

    def _refuse(self, reason: str) -> None:
        self._enable()
        show_error(plain(reason))


def _written(model: LutModel, path: Path) -> Generator[Progress, None, str]:
    """Write a file that the user has agreed to replace, and say so."""
    from napari_autolut.export import export_model, left_out  # with Pillow: a dock opens without

    yield Progress(0, 1)
    export_model(model, path, overwrite=True)
    lost = left_out(model)
    return f"{path} is written. {lost}." if lost else f"{path} is written."
