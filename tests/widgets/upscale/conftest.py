"""Fixtures of the Upscale dock's tests."""

import pytest

from napari_autolut.layers.estimates import Speeds


@pytest.fixture(autouse=True)
def speeds(monkeypatch):
    """Nothing is known of any model's speed."""
    fresh = Speeds()
    for module in ("layers.plan", "widgets.upscale.dock", "widgets.upscale.speed_meter"):
        monkeypatch.setattr(f"napari_autolut.{module}.speeds", fresh)
    return fresh
