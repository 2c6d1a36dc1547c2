"""Difference images: computed beside the window, for the slice that is seen.

Belongs here: when they are computed, and the layers they become. What a difference is, is
``comparison.metrics``.
"""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QObject, Signal

from napari_autolut.comparison import Comparison, difference_steps, largest_difference
from napari_autolut.layers import LayerData
from napari_autolut.widgets.shared import LatestRun

Index = tuple[int, ...]


class DifferenceImages(QObject):
    """Every view minus one of them; ``ready`` says that there are new images."""

    ready = Signal()
    refused = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._comparison: Comparison | None = None
        self._asked: tuple[int, Index] = (0, ())
        self._images: dict[int, Any] = {}
        self._run = LatestRun(self)
        self._run.returned.connect(self._take)
        self._run.refused.connect(self.refused)

    def compare(self, comparison: Comparison) -> None:
        """Forget the images of the comparison before."""
        self.cancel()
        self._comparison = comparison

    def ask(self, reference: int, index: Index) -> bool:
        """Compute the differences in a slice from a view, unless they are there; say whether so."""
        wanted = (reference, index)
        if self._comparison is None or (wanted == self._asked and self._run.running):
            return False
        if wanted == self._asked and self._images:
            return True
        self._asked, self._images = wanted, {}
        views = self._comparison.views
        images = [view for view in views if not view.error]
        self._run.start(lambda: difference_steps(images, views[reference], index))
        return False

    def cancel(self) -> None:
        """Stop computing, and let go of the views."""
        self._run.cancel()
        self._comparison, self._images = None, {}

    @property
    def limit(self) -> float:
        """The largest difference, either way."""
        return largest_difference(list(self._images.values()))

    def layers(self) -> list[LayerData]:
        """The reference and maps of errors as they are, and the differences of the others."""
        assert self._comparison is not None
        reference, index = self._asked
        shown = self._comparison.shown
        as_they_are = self._comparison.layer_data()
        minus = f" \N{MINUS SIGN} {shown[reference].view.name}"
        result = []
        for number, each in enumerate(shown):
            data, meta, kind = as_they_are[number]
            name = each.view.name
            if number != reference and not each.view.error:
                data, meta, kind = each.difference_data(self._images[number], index)
                name += minus
            if self._comparison.channels and not each.alone:
                name = f"{self._comparison.source.name}: {name}"  # the others are not seen
            result.append((data, {**meta, "name": name}, kind))
        return result

    def _take(self, images: list[Any]) -> None:
        assert self._comparison is not None
        views = self._comparison.views
        numbers = [number for number, view in enumerate(views) if not view.error]
        self._images = dict(zip(numbers, images, strict=True))
        self.ready.emit()
