"""Boxes to tick in the folder dock: their words.

Belongs here: text and tool tips alone. What they mean is ``batch.FolderRequest``.
"""

from __future__ import annotations

from qtpy.QtWidgets import QCheckBox

SUB_FOLDERS = (
    "&Sub-folders too",
    "Look into sub-folders; results lie in sub-folders of that name",
)
OVERWRITE = (
    "&Overwrite results",
    "Replace results; otherwise those of these settings are kept, and beside those of other "
    "settings the new ones get the model's name",
)
COMMON_RANGE = (
    "One range for &all files",
    "Each channel has one range, from up to 64 of the files, or for minimum to maximum from all of "
    "them: intensities stay comparable, as in a time series kept as files",
)
MISSING_AS_EMPTY = (
    "&Zarr gaps are empty",
    "Read chunks that a Zarr lacks as empty, also where nothing tells that none was lost",
)
"""Words of a box and its tool tip."""


def tick(text: str, tip: str, *, ticked: bool = False) -> QCheckBox:
    """Make a box with a tool tip."""
    box = QCheckBox(text)
    box.setChecked(ticked)
    box.setToolTip(tip)
    return box
