"""The only file that knows napari versions: names that moved between 0.6.6 and 0.9.

Belongs here: those names, and what napari has no public way to. What is done with it is elsewhere.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

logger = logging.getLogger(__name__)


def grid(viewer: Any) -> Any:
    """How layers are laid out side by side; ``viewer.grid`` before 0.9."""
    return viewer.canvas.grid if hasattr(viewer, "canvas") else viewer.grid


def share_contrast(source: Any, result: Any) -> None:
    """Give a shown image what its constructor does not take: slider range and automatic limits.

    Automatic limits per slice are new in 0.9, and wrong before a layer has been sliced once.
    """
    result.contrast_limits_range = source.contrast_limits_range
    if getattr(source, "auto_contrast", False):
        result.auto_contrast = True


def axis_labels(layer: Any) -> tuple[str, ...]:
    """Names of a layer's axes; those that nobody named are counted, "axis -1" before 0.9."""
    return tuple(re.sub(r"^axis (?=-\d+$)", "", label) for label in layer.axis_labels)


def show_name(layer: Any) -> None:
    """Write a layer's name on the canvas, where napari can (since 0.7)."""
    if hasattr(layer, "name_overlay"):
        layer.name_overlay.visible = True


def renamed(layers: Any) -> Any:
    """Signal that a layer has another name; before 0.7, any signal of the list or its layers."""
    return getattr(layers.events, "renamed", layers.events)


def visual(qt_viewer: Any, layer: Any) -> Any:
    """The vispy node that draws a layer; napari has no public way to it."""
    return qt_viewer.canvas.layer_to_visual[layer].node


def native_canvas(qt_viewer: Any) -> Any:
    """The Qt widget that shows a viewer's canvas."""
    return qt_viewer.canvas.native


@contextmanager
def shortcuts_bound_quietly() -> Iterator[None]:
    """Spare everything that shows a shortcut being written anew while a QtViewer is made.

    Each one binds all of napari's shortcuts once more, to what they are bound to already. Every
    welcome screen would follow each of 90 times 2: a third of a second.
    """
    from napari.utils.action_manager import action_manager

    events = action_manager.events
    name = "shortcut_changed" if "shortcut_changed" in events else "shorcut_changed"  # before 0.7
    with events[name].blocker():
        yield


def qt_viewer_in(window: Any) -> Any:
    """The QtViewer in a window of napari's; None in any other one."""
    return getattr(window, "_qt_viewer", None)


def qt_viewer_of(viewer: Any) -> Any:
    """The QtViewer that shows a viewer; None for one without a window."""
    window = getattr(getattr(viewer, "__wrapped__", viewer), "window", None)
    return None if window is None else qt_viewer_in(window._qt_window)


def camera(viewer: Any) -> Any:
    """Where a viewer looks; ``viewer.camera`` before 0.9."""
    return viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera


def scale_bar(viewer: Any) -> Any:
    """The bar that shows world units; ``viewer.scale_bar`` before 0.9."""
    return viewer.canvas.overlays.scale_bar if hasattr(viewer, "canvas") else viewer.scale_bar


def scale_bar_font(viewer: Any) -> float:
    """Size of the scale bar's text in points; since 0.10 it says None for what napari chooses."""
    chosen = scale_bar(viewer).font_size
    if chosen is None:
        from napari.settings import get_settings

        chosen = get_settings().appearance.font_size
    return float(chosen)


SCALE_BAR_LINE, SCALE_BAR_TICKS = 3, 11
"""Pixels of napari's scale bar before 0.10."""


def scale_bar_room(viewer: Any) -> float:
    """Pixels that napari's scale bar stays below; since 0.10 a quarter of the canvas's width."""
    if scale_bar(viewer).font_size is not None:  # which since 0.10 says None
        return 150
    return max(75, canvas_size(viewer)[1] / 4)


def thicken_scale_bar(qt_viewer: Any, factor: float) -> None:
    """Make the scale bar's line and ticks ``factor`` times napari's once it is drawn anew.

    From 0.10 on napari does so by itself, as the canvas grows; its private way is another one then.
    """
    canvas = qt_viewer.canvas
    name = "_viewer_overlay_to_visual"
    drawn = getattr(canvas, name if hasattr(canvas, name) else "_overlay_to_visual", {})
    for overlay in drawn.get(scale_bar(qt_viewer.viewer), []):
        node = overlay.node
        if hasattr(node, "TICK_LENGTH"):
            node.TICK_LENGTH = SCALE_BAR_TICKS * factor
            node.line.set_data(width=SCALE_BAR_LINE * factor)


def canvas_size(viewer: Any) -> tuple[int, int]:
    """Height and width of a viewer's canvas in pixels; before 0.9 the model behind has them."""
    model = getattr(viewer, "__wrapped__", viewer)
    height, width = model.canvas.size if hasattr(model, "canvas") else model._canvas_size
    return int(height), int(width)


def plugin_settings(plugin: str, section: str) -> Any:
    """A section of a plugin's page in the preferences; None before 0.9, or without the plugin.

    None too where the page's file is damaged: napari resets single values alone, and ends in
    whatever a file that holds something else leads to.
    """
    import napari.settings

    if not hasattr(napari.settings, "get_plugin_settings"):
        return None
    with _plugins_as_found(plugin):
        try:
            page = napari.settings.get_plugin_settings().get(plugin)
        except Exception as error:  # noqa: BLE001 - an AssertionError with the file in it, for one
            logger.warning("the preferences of plugins cannot be read (%s)", type(error).__name__)
            return None
    return getattr(page, section, None)


@contextmanager
def _plugins_as_found(plugin: str) -> Iterator[None]:
    """Keep napari from looking for plugins where it has found this one.

    It looks before it makes the pages of its preferences, and reads the manifest of every plugin
    anew: 13 ms each, for which the first dock would wait. There is no public way to hold that back.
    """
    from npe2 import PluginManager

    manager = PluginManager.instance()
    if plugin in manager:
        vars(manager)["discover"] = lambda *_args, **_options: 0
    try:
        yield
    finally:
        vars(manager).pop("discover", None)


def closing_for_good(window: Any) -> bool:
    """Whether napari's window is being closed by a program, which cannot be asked to wait.

    Such a close shuts the viewer within the window before the window itself.
    """
    return bool(window._qt_viewer.isHidden())


def close_window(window: Any) -> None:
    """Close napari's window as it was last asked to, and napari itself if that was asked."""
    window.close(quit_app=window._quit_app)


def canvas_resized(viewer: Any) -> Any:
    """Signal that the canvas has another size; None before 0.9, which has none."""
    return viewer.canvas.events.size if hasattr(viewer, "canvas") else None


def world_units(viewer: Any) -> Any:
    """Units that a viewer shows its layers in, one for each axis; None before 0.9 or without."""
    return getattr(viewer.dims, "units", None)


def converts_units() -> bool:
    """Whether this napari shows layers of different units in one world, as since 0.9."""
    from napari.components import Dims

    fields = getattr(Dims, "model_fields", None)  # before 0.7 models are those of pydantic 1
    return "units" in (Dims.__fields__ if fields is None else fields)


def sliced_units(layer: Any) -> Any:
    """Units of the world in which a viewer showed a layer last; None before 0.9, or before that.

    napari has no public way to it; whoever has the viewer takes `world_units`.
    """
    return getattr(getattr(layer, "_slicing_state", None), "_units", None)


def slicing_owner(layer: Any) -> Any:
    """What holds ``dask_optimized_slicing``, within which a layer is sliced; the layer before 0.8.

    Where neither has it, what is set there is never looked at.
    """
    return getattr(layer, "_slicing_state", layer)


def together(layers: Any) -> AbstractContextManager[None]:
    """Within it layers go together: where napari can, it collects garbage once, not for each."""
    batched: Any = getattr(layers, "batched_update", nullcontext)
    return batched()


def insert_quietly(viewer: Any, index: int, layer: Any) -> None:
    """Add a layer without selecting it, which other docks would take for the user's wish.

    napari has no public way to it; where the private one is gone, what was selected is so again.
    """
    layers = getattr(viewer, "__wrapped__", viewer).layers
    if not hasattr(layers, "_activate_on_insert"):
        selected = set(layers.selection)
        layers.insert(index, layer)
        layers.selection = selected
        return
    before = layers._activate_on_insert
    layers._activate_on_insert = False
    try:
        layers.insert(index, layer)
    finally:
        layers._activate_on_insert = before


def swap_pixels(layer: Any, pixels: Any, place: Any) -> None:
    """Show other pixels at another place, within what the viewer's layers cover already.

    napari's setters draw the layer anew each, and have the viewer look at all its layers: 40 ms
    for three of them, and 130 ms with 200 layers open. Where the private way to hold that back is
    gone, it is slow again.
    """
    events = layer.events
    quiet = getattr(layer, "_block_refresh", nullcontext)
    with quiet(), events.data.blocker(), events.scale.blocker(), events.translate.blocker():
        layer.data = pixels
        layer.scale, layer.translate = place["scale"], place["translate"]
    layer.refresh(thumbnail=False, highlight=False)
