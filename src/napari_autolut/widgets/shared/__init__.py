"""What several docks use: forms and fields, the layer picker, the run bar, work in threads.

Lives here: Qt parts that know no single dock. Not here: docks, and widgets that show models.
"""

from napari_autolut.widgets.shared.after_changes import AfterChanges
from napari_autolut.widgets.shared.background import REFUSALS, Refusal, Run, Steps, refusal_text
from napari_autolut.widgets.shared.connections import Connections
from napari_autolut.widgets.shared.dock import Dock
from napari_autolut.widgets.shared.engine_bar import EngineBar
from napari_autolut.widgets.shared.folder_field import FolderField
from napari_autolut.widgets.shared.form import (
    choice_box,
    dock_form,
    order_tabs,
    scrolled_form,
    wrapped_label,
    wrapping_row,
)
from napari_autolut.widgets.shared.latest_run import LatestRun
from napari_autolut.widgets.shared.layer_picker import ImageLayerPicker, is_source
from napari_autolut.widgets.shared.own_context import OwnContext
from napari_autolut.widgets.shared.placed_results import PeekButton, PlacedResults
from napari_autolut.widgets.shared.redrawing import redraw_when_computed
from napari_autolut.widgets.shared.run_bar import RunBar
from napari_autolut.widgets.shared.run_sources import RunSources
from napari_autolut.widgets.shared.selectable import SelectableLabel
from napari_autolut.widgets.shared.text import (
    GAP,
    axis_name,
    breakable,
    duration_text,
    number_text,
    range_text,
    rough_duration_text,
    sentence,
    size_text,
)
from napari_autolut.widgets.shared.value_range import ValueRangePicker

__all__ = [
    "GAP",
    "REFUSALS",
    "AfterChanges",
    "Connections",
    "Dock",
    "EngineBar",
    "FolderField",
    "ImageLayerPicker",
    "LatestRun",
    "OwnContext",
    "PeekButton",
    "PlacedResults",
    "Refusal",
    "Run",
    "RunBar",
    "RunSources",
    "SelectableLabel",
    "Steps",
    "ValueRangePicker",
    "axis_name",
    "breakable",
    "choice_box",
    "dock_form",
    "duration_text",
    "is_source",
    "number_text",
    "order_tabs",
    "range_text",
    "redraw_when_computed",
    "refusal_text",
    "rough_duration_text",
    "scrolled_form",
    "sentence",
    "size_text",
    "wrapped_label",
    "wrapping_row",
]
