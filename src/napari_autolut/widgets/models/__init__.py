"""Choosing a model: picker, list to search in, card, and buttons for user models.

Lives here: every widget that shows models. Not here: where models are found (``storage``).
"""

from napari_autolut.widgets.models.advice import CHOOSING, ModelAdvice
from napari_autolut.widgets.models.panel import ModelPanel
from napari_autolut.widgets.models.picker import ModelPicker
from napari_autolut.widgets.models.scale import ScaleField
from napari_autolut.widgets.models.suitable import SuitableModel

__all__ = ["CHOOSING", "ModelAdvice", "ModelPanel", "ModelPicker", "ScaleField", "SuitableModel"]
