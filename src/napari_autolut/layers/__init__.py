"""napari layers: from a layer to an array with axes, and from a result to a layer.

Lives here: axes, world geometry, plans, estimates, provenance and previews of layers. Not here: Qt
(``widgets``) and the computation on arrays (``arrays``). ``reader`` and ``saving`` load all of
``io`` and are imported where they are needed, so that docks open at once.
"""

from napari_autolut.layers.appearance import COLOURS, PLACE, take_over
from napari_autolut.layers.axes import Pair, axis_pairs, index_at
from napari_autolut.layers.changes import Described, LayerMoment
from napari_autolut.layers.choosing import LayerTraits, image_to_choose_for
from napari_autolut.layers.denoising import LARGEST_HALO, DenoiseTask, Models, channel_axis_of
from napari_autolut.layers.error_maps import ErrorLayerTask, is_error_map
from napari_autolut.layers.estimates import memory_for, probe, speeds
from napari_autolut.layers.geometry import enlarged_transform, linear_matrix, pixel_sizes, placement
from napari_autolut.layers.labels import LabelsTask
from napari_autolut.layers.pixels import fingerprint, is_lazy, layer_array
from napari_autolut.layers.placing import (
    SHINING_THROUGH,
    PlacedResult,
    above_all,
    family,
    layer_id,
    lets_through,
    place_result,
    source_id_of,
    take_away,
)
from napari_autolut.layers.plan import RunPlan
from napari_autolut.layers.preview import MIN_TILE_PIXELS, Preview, preview_steps
from napari_autolut.layers.provenance import (
    METADATA_KEY,
    NOT_TAKEN_OVER,
    PREVIEW_KEY,
    LayerData,
    Provenance,
    is_preview,
)
from napari_autolut.layers.source import LayerSource
from napari_autolut.layers.taking import LayerPart, UnsupportedLayerError, require_image
from napari_autolut.layers.task import LayerTask
from napari_autolut.layers.upscaling import upscaled_layer_data, upscaled_layer_steps
from napari_autolut.layers.viewport import (
    Region,
    Viewport,
    capped,
    data_to_world,
    displayed_axes,
    grown,
    visible_region,
    widened,
)
from napari_autolut.layers.world import (
    Units,
    point_in_pixels,
    point_in_world,
    unit_ratio,
    unit_ratios,
    world_ratios,
)

__all__ = [
    "COLOURS",
    "LARGEST_HALO",
    "METADATA_KEY",
    "MIN_TILE_PIXELS",
    "NOT_TAKEN_OVER",
    "PLACE",
    "PREVIEW_KEY",
    "SHINING_THROUGH",
    "DenoiseTask",
    "Described",
    "ErrorLayerTask",
    "LabelsTask",
    "LayerData",
    "LayerMoment",
    "LayerPart",
    "LayerSource",
    "LayerTask",
    "LayerTraits",
    "Models",
    "Pair",
    "PlacedResult",
    "Preview",
    "Provenance",
    "Region",
    "RunPlan",
    "Units",
    "UnsupportedLayerError",
    "Viewport",
    "above_all",
    "axis_pairs",
    "capped",
    "channel_axis_of",
    "data_to_world",
    "displayed_axes",
    "enlarged_transform",
    "family",
    "fingerprint",
    "grown",
    "image_to_choose_for",
    "index_at",
    "is_error_map",
    "is_lazy",
    "is_preview",
    "layer_array",
    "layer_id",
    "lets_through",
    "linear_matrix",
    "memory_for",
    "pixel_sizes",
    "place_result",
    "placement",
    "point_in_pixels",
    "point_in_world",
    "preview_steps",
    "probe",
    "require_image",
    "source_id_of",
    "speeds",
    "take_away",
    "take_over",
    "unit_ratio",
    "unit_ratios",
    "upscaled_layer_data",
    "upscaled_layer_steps",
    "visible_region",
    "widened",
    "world_ratios",
]
