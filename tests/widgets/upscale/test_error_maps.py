"""The tick that adds maps of expected errors."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut import load_model, save_model, upscale
from napari_autolut.model import Card, ErrorTable
from tests.imagelayers import assert_same_extent, picture
from tests.widgets.upscale_dock import choose, names, press, run

TABLE = ErrorTable(np.full((2, 2, 2), 2, np.float32), ((-4.0, 6.0), (-4.0, 2.0), (-5.0, 3.0)))
MAP = "source x2 (own-x2, expected error (90 %))"


@pytest.fixture
def own(models_folder, viewer, dock):
    """A model with a table, chosen in the dock."""
    model = replace(load_model("small-x2"), expected_error=TABLE, card=Card("own-x2"))
    save_model(model, models_folder / "own-x2.safetensors")
    dock.models.refresh()
    choose(dock.models, "own-x2 (own)")
    return model


def test_a_hidden_layer_below_the_result(viewer, dock, qtbot, own):
    source = viewer.add_image(picture(12, 9, dtype=np.uint16), name="source", scale=(2, 3))
    dock.errors.setChecked(True)
    run(qtbot, dock)
    assert names(viewer) == ["source", MAP, "source x2 (own-x2)"]
    found = viewer.layers[MAP]
    _, expected = upscale(source.data, own, expected_error=True)
    np.testing.assert_array_equal(found.data, expected)
    assert not found.visible
    assert viewer.layers["source x2 (own-x2)"].visible
    assert_same_extent(found, source)
    assert found.contrast_limits[0] == 0


def test_its_image_is_followed_where_that_is_moved_meanwhile(viewer, dock, qtbot, own):
    source = viewer.add_image(picture(12, 9), name="source")
    dock.errors.setChecked(True)
    press(qtbot, dock)
    source.translate, source.colormap = (30, 40), "magenta"
    qtbot.waitUntil(lambda: not dock.run_bar.running)
    found = viewer.layers[MAP]
    assert_same_extent(found, source)
    assert found.colormap.name == "inferno" and not found.visible


def test_colours_become_the_largest_of_them(viewer, dock, qtbot, own):
    source = viewer.add_image(picture(12, 9, 4), name="source", rgb=True)
    dock.errors.setChecked(True)
    run(qtbot, dock)
    _, expected = upscale(source.data, own, rgb=True, expected_error=True)
    np.testing.assert_array_equal(viewer.layers[MAP].data, expected[..., :3].max(-1))


def test_undo_takes_it_away_too(viewer, dock, qtbot, own):
    viewer.add_image(picture(12, 9), name="source")
    dock.errors.setChecked(True)
    run(qtbot, dock)
    dock.placed.button.click()
    assert names(viewer) == ["source"]


def test_lazy_results_have_lazy_maps(viewer, dock, qtbot, own):
    source = viewer.add_image(picture(2, 12, 9), name="source")
    dock.errors.setChecked(True)
    choose(dock.options.output, "Computed when shown")
    run(qtbot, dock)
    found = viewer.layers[MAP]
    assert hasattr(found.data, "dask")
    _, expected = upscale(source.data, own, expected_error=True)
    np.testing.assert_array_equal(np.asarray(found.data), expected)


def test_a_model_without_a_table_has_no_tick(dock, own):
    assert dock.errors.isEnabled()
    choose(dock.models, "small-x4 (own)")
    assert not dock.errors.isEnabled()
    assert "no table" in dock.errors.toolTip()
