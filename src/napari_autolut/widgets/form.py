"""The form that the docks share: how their rows and boxes are laid out."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtWidgets import QComboBox, QFormLayout, QWidget


def dock_form(dock: QWidget, boxes: Iterable[QComboBox]) -> QFormLayout:
    """An empty form that fills a dock; ``boxes`` may become narrower than their longest entry."""
    for box in boxes:
        box.setSizeAdjustPolicy(box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)
    form = QFormLayout(dock)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setVerticalSpacing(8)
    return form
