"""The only file that knows napari versions: names that moved between 0.6.6 and 0.9."""

from __future__ import annotations

from typing import Any


def camera(viewer: Any) -> Any:
    """Where the viewer looks; ``viewer.camera`` before 0.9."""
    return viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera


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
