"""Fixtures of the Upscale dock's tests."""

import pytest

from napari_autolut.layers.estimates import Speeds


@pytest.fixture(autouse=True)
def speeds(monkeypatch):
    """Nothing is known of any model's speed."""
    fresh = Speeds()
    docks = ("layer_dock.dock", "layer_dock.lens.pace", "upscale.dock", "upscale.speed_meter")
    for module in ("layers.plan", *(f"widgets.{dock}" for dock in docks)):
        monkeypatch.setattr(f"napari_autolut.{module}.speeds", fresh)
    return fresh
