"""A picture of what the table makes of a held-out image, for whoever watches a run.

Belongs here: which place is shown, the four panels, and how often they are worth their time. That
there is a new one is told by ``trainer.py``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import uniform_filter

from autolut_training.report.validation import Enlarger, View, enlarged
from napari_autolut.util.atomic import atomic_write

PANEL_SIDE = 192
"""Pixels of a panel; fewer where the held-out images are smaller."""

SECONDS_BETWEEN_PREVIEWS = 5.0
SHARE_OF_TIME = 0.02


def preview_path(out: Path) -> Path:
    """Where the picture lies, beside the result of the run."""
    return out.with_name(out.name + ".preview.png")


class Previews:
    """Draws the same place again and again: LR (nearest), bicubic, table and HR in a row.

    Parameters
    ----------
    views : sequence of View
        Held-out images; the liveliest part of them is shown.
    scale : int
        Upscaling factor r.
    path : Path
        The PNG, four square panels of equal size side by side, 8-bit grey.
    """

    def __init__(self, views: Sequence[View], scale: int, path: Path) -> None:
        self.path, self.scale = path, scale
        self._hr, self._lr = liveliest(views, scale)
        # All panels alike: grey values of the truth from black to white.
        low, high = (float(v) for v in np.percentile(self._hr, (0.1, 99.9)))
        self._low, self._gain = low, 255 / max(high - low, 1.0)
        self._next = 0.0

    @property
    def due(self) -> bool:
        """Whether a new one is worth its time: every 5 seconds, and at most 2 % of a run."""
        return time.monotonic() >= self._next

    def draw(self, enlarge: Enlarger, started: float) -> None:
        """Write the picture whole, over the last one; ``started`` is when work on it began.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        lr, r = self._lr, self.scale
        nearest = lr.repeat(r, 0).repeat(r, 1)
        panels = (nearest, enlarged(lr, r), enlarge(lr), self._hr)
        grey = np.concatenate([self._shown(panel) for panel in panels], 1)
        with atomic_write(self.path, overwrite=True) as temporary:
            Image.fromarray(grey).save(temporary, "PNG")
        now = time.monotonic()
        self._next = now + max(SECONDS_BETWEEN_PREVIEWS, (now - started) / SHARE_OF_TIME)

    def _shown(self, panel: NDArray[np.float32]) -> NDArray[np.uint8]:
        stretched = np.clip((panel - self._low) * self._gain, 0, 255)
        shown: NDArray[np.uint8] = np.rint(stretched).astype(np.uint8)
        return shown


def liveliest(views: Sequence[View], scale: int) -> View:
    """The square of all views whose HR pixels differ most from their neighbours."""
    side = min(PANEL_SIDE // scale, max(min(lr.shape) for _, lr in views))
    places = [
        (*_liveliest_place(view[0], side * scale, scale), view)
        for view in views
        if min(view[1].shape) >= side
    ]
    _, top, left, (hr, lr) = max(places, key=lambda place: place[0])
    size = side * scale
    return (
        hr[top * scale : top * scale + size, left * scale : left * scale + size],
        lr[top : top + side, left : left + side],
    )


def _liveliest_place(hr: NDArray[np.float32], size: int, scale: int) -> tuple[float, int, int]:
    """Mean square of fine detail in the square, and LR row and column of its corner."""
    values = hr.astype(np.float64)
    fine = values - uniform_filter(values, 2 * scale + 1, mode="nearest")
    detail = uniform_filter(fine**2, size, mode="nearest")
    half = size // 2
    stops = (hr.shape[0] - size + half + 1, hr.shape[1] - size + half + 1)
    choice = detail[half : stops[0] : scale, half : stops[1] : scale]
    row, column = np.unravel_index(int(choice.argmax()), choice.shape)
    return float(choice[row, column]), int(row), int(column)
