"""Engines: what runs a model on planes (the specification, the fast one, tiles, intensities)."""

from __future__ import annotations

from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from napari_autolut.model import LutModel

ENGINES = ("auto", "fast", "reference", "torch")


class PlaneEngine(Protocol):
    """Runs a model on one (H, W) float32 plane in [0, 255]; gives (H * r, W * r) float32."""

    def __call__(self, model: LutModel, plane: NDArray[np.float32]) -> NDArray[np.float32]:
        """Upscale one plane; safe to call from several threads at once."""
        ...


def plane_engine(name: str = "auto", *, threads: int | None = None) -> PlaneEngine:
    """Engine by name; ``"auto"`` takes the fast one, and the reference where numba is missing.

    ``"torch"`` runs on a graphics card where there is one and needs the extra "train".
    ``threads`` is how many an engine may use where it can use several; by default it decides.

    Raises
    ------
    ValueError
        if the name is not one of :data:`ENGINES`
    MissingExtraError
        for ``"torch"`` where torch is not installed
    """
    if name not in ENGINES:
        raise ValueError(f"engine: found {name!r}, expected one of {', '.join(ENGINES)}")
    if name == "torch":
        from napari_autolut.extras import torch_engine

        on_device: PlaneEngine = torch_engine().upscale_plane
        return on_device
    if name != "reference":
        try:
            from napari_autolut.engine.fast import upscale_plane as fast

            return fast if threads is None else partial(fast, threads=threads)
        except ImportError:
            if name == "fast":
                raise
    from napari_autolut.engine.reference import upscale_plane as reference

    return reference
