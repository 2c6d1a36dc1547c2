"""Several methods to enlarge the same image, compared view by view.

Lives here: methods, views of layers, differences and metrics of a comparison. Not here: windows
(``widgets.compare``) and the benchmark on folders (``evaluation``).
"""

from napari_autolut.comparison.composite import alone, stacks
from napari_autolut.comparison.error_views import ERROR_COLOURS, ExpectedError, error_name
from napari_autolut.comparison.layers import (
    DIFFERENCE_COLOURS,
    Comparison,
    LayerSnapshot,
    PlacedView,
)
from napari_autolut.comparison.magnifier import SIDE, Coloured, Magnified, magnify
from napari_autolut.comparison.methods import (
    Bicubic,
    ExistingLayer,
    Method,
    ModelMethod,
    Nearest,
    common_scale,
)
from napari_autolut.comparison.metrics import (
    Figures,
    Measured,
    View,
    border_of,
    difference_steps,
    largest_difference,
    measure_steps,
)
from napari_autolut.comparison.plan import ComparisonPlan, PlannedView
from napari_autolut.comparison.regions import LARGE, same_place, slice_at, visible_box
from napari_autolut.comparison.results import Results

__all__ = [
    "DIFFERENCE_COLOURS",
    "ERROR_COLOURS",
    "LARGE",
    "SIDE",
    "Bicubic",
    "Coloured",
    "Comparison",
    "ComparisonPlan",
    "ExistingLayer",
    "ExpectedError",
    "Figures",
    "LayerSnapshot",
    "Magnified",
    "Measured",
    "Method",
    "ModelMethod",
    "Nearest",
    "PlacedView",
    "PlannedView",
    "Results",
    "View",
    "alone",
    "border_of",
    "common_scale",
    "difference_steps",
    "error_name",
    "largest_difference",
    "magnify",
    "measure_steps",
    "same_place",
    "slice_at",
    "stacks",
    "visible_box",
]
