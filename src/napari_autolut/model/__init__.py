"""What a LUT model is: a graph of branches and tables, frozen and validated.

Lives here: the types, their rules, symmetries and the card. Not here: files (``storage``) and the
computation (``engine``).
"""

from napari_autolut.model.card import Card
from napari_autolut.model.graph import ChannelNode, LutModel, SpatialNode
from napari_autolut.model.tables import ModelError

__all__ = ["Card", "ChannelNode", "LutModel", "ModelError", "SpatialNode"]
