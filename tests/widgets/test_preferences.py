"""Docks begin with what the preferences say, and compute as they say."""

import numpy as np
import pytest
from napari import settings
from qtpy.QtCore import Qt

from napari_autolut.engine.threads import limits, set_limits
from napari_autolut.widgets.models import preferred

pytestmark = pytest.mark.skipif(
    not hasattr(settings, "get_plugin_settings"), reason="napari before 0.9 has no such pages"
)


@pytest.fixture
def viewer(real_viewer):
    """A viewer with its window, menus and preferences."""
    return real_viewer


@pytest.fixture
def page(viewer, tmp_path, monkeypatch):
    """The page of the plugin, in a folder of this test."""
    monkeypatch.setattr(settings, "_CFG_PATH", str(tmp_path / "settings.yaml"))
    settings._clear_plugin_settings_cache()
    before = limits()
    yield settings.get_plugin_settings("napari-autolut").docks
    settings._clear_plugin_settings_cache()
    set_limits(before)


def opened(viewer, name):
    return viewer.window.add_plugin_dock_widget("napari-autolut", name)[1]


def test_docks_begin_with_the_preferred_model_and_range(viewer, page):
    page.own_model, page.value_range = "small-x4", "Contrast limits"
    dock = opened(viewer, "Upscale")
    assert dock.models.model.name == "small-x4"
    assert dock.value_range.value_range == "contrast"
    viewer.add_image(np.zeros((8, 8), np.uint8))
    ticked = opened(viewer, "Compare").views.ticked
    assert [getattr(choice, "name", choice) for choice in ticked] == [
        *("source", "bicubic", "small-x4")
    ]


def test_a_preferred_model_that_is_gone_is_named_once(viewer, page, notes, monkeypatch):
    monkeypatch.setattr(preferred, "_missed", set())
    page.own_model = "gone"
    for name in ("Upscale", "Upscale a folder"):
        assert opened(viewer, name).models.model.name == "small-x1"
    (note,) = notes
    assert note.startswith("No model 'gone' is in the list, which the preferences name")


def test_runs_take_what_the_page_allows(viewer, page, qtbot):
    page.threads, page.tile_size = 1, 64
    viewer.add_image(np.zeros((100, 100), np.uint8))
    dock = opened(viewer, "Upscale")
    seen = []
    dock.run_bar.progress.valueChanged.connect(lambda: seen.append(dock.run_bar.progress.maximum()))
    qtbot.mouseClick(dock.run_bar.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dock.run_bar.running, timeout=30_000)
    assert (limits().threads, limits().tile_size) == (1, 64)
    assert seen and seen[-1] == 4


def test_the_preferences_have_a_page(viewer, page):
    dialog = viewer.window._open_preferences_dialog()
    entries = [dialog._list.item(row).text() for row in range(dialog._list.count())]
    dialog.close()
    assert "AutoLUT upscaling" in entries
