"""Models for other programs: as ONNX, and as packages of the BioImage Model Zoo.

Lives here: a model's arithmetic as a graph of ONNX operations, and the files around it. Not here:
our own model file (``storage``), and what a model computes (``engine/reference.py``).
"""

from napari_autolut.export.files import export_model
from napari_autolut.export.graph import OPSET, ExportError
from napari_autolut.export.metadata import left_out

__all__ = ["OPSET", "ExportError", "export_model", "left_out"]
