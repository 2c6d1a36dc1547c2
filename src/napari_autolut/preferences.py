"""What the user prefers: what docks begin with, and how much of the machine they take.

Belongs here: the preferences, their defaults, and what follows from them. The page in napari's
preferences is declared in ``napari.yaml``; napari before 0.9 has no such pages, and the defaults
hold there.
"""

from __future__ import annotations

from dataclasses import dataclass

from napari_autolut._compat import plugin_settings
from napari_autolut.arrays import AUTO
from napari_autolut.engine.threads import Limits, set_limits
from napari_autolut.util.boxes import TILE_SIZE
from napari_autolut.util.spelling import composed

PLUGIN, SECTION = "napari-autolut", "docks"
"""Names of the plugin and of the section of its preferences in ``napari.yaml``."""

RANGES = {
    "Automatic": None,
    "Data type": "dtype",
    "Minimum to maximum": "data",
    "Contrast limits": "contrast",
}
"""What the page calls the value ranges of `upscaled_layer_data`."""


@dataclass(frozen=True)
class Preferences:
    """What the page of preferences says.

    Parameters
    ----------
    model : str
        Name of the model that docks begin with, a shipped or an own one; "auto" chooses by the
        image.
    value_range : {"dtype", "data", "contrast"}, optional
        Range that docks begin with; None is the automatic one.
    threads : int, default 0
        How many the engine uses; 0 stands for one per processor core.
    tile_size : int, pixels
        Approximate side, in the input, of the tiles that images are computed in.
    """

    model: str = AUTO
    value_range: str | None = None
    threads: int = 0
    tile_size: int = TILE_SIZE

    @property
    def limits(self) -> Limits:
        """What the engine may take."""
        return Limits(self.threads or None, self.tile_size)


def preferences() -> Preferences:
    """Read what the user prefers at this moment."""
    page = plugin_settings(PLUGIN, SECTION)
    if page is None:
        return Preferences()
    return Preferences(
        composed(page.own_model.strip()) or page.model,
        RANGES[page.value_range],
        page.threads,
        page.tile_size,
    )


def limit_engines() -> None:
    """Let the engine take what the preferences say; NAPARI_AUTOLUT_THREADS has the last word."""
    set_limits(preferences().limits)
