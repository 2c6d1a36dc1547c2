"""Several layers in the Upscale dock: selected together, and very many."""

import numpy as np
import pytest
from napari.layers import Image

from tests.imagelayers import picture
from tests.widgets.upscale_dock import names, press, run, start


def test_several_selected_layers_are_run_together(viewer, dock, qtbot):
    sources = [viewer.add_image(picture(8, n), name=f"image {n}") for n in (5, 6, 7)]
    viewer.layers.selection = {sources[0], sources[2]}
    assert dock.layers.currentText() == "2 selected layers"
    assert dock.summary.text().startswith("Results: 2 layers, 96")
    run(qtbot, dock)
    assert names(viewer) == [
        "image 5",
        "image 5 (small-x1)",
        "image 6",
        "image 7",
        "image 7 (small-x1)",
    ]
    assert "Added 2 layers" in dock.run_bar.status.text()
    assert set(viewer.layers.selection) == {sources[0], sources[2]}


def test_one_of_several_that_cannot_be_upscaled_is_named_and_nothing_is_run(
    viewer, dock, qtbot, notes
):
    sources = [viewer.add_image(picture(4, 4)), viewer.add_image(np.zeros((4, 4), bool), name="m")]
    viewer.layers.selection = set(sources)
    press(qtbot, dock)
    assert notes == ["'m' holds bool values; convert it to integers or floats first."]
    assert len(viewer.layers) == 2


def test_removing_one_of_several_stops_the_run(viewer, dock, qtbot, gate, wait_for_threads):
    sources = [viewer.add_image(picture(3, 8, 8), name=name) for name in "ab"]
    viewer.layers.selection = set(sources)
    start(qtbot, dock)
    viewer.layers.remove("b")
    assert dock.run_bar.status.text() == "Stopped: 'b' was removed."
    gate.set()
    wait_for_threads()
    assert names(viewer) == ["a"]


@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_many_layers_can_be_open(viewer, dock, qtbot, count):
    layers = [Image(picture(4, 4), name=f"image {number}") for number in range(count)]
    viewer.layers.extend(layers)
    assert dock.layers.count() == count
    dock.lens_box.setChecked(True)
    qtbot.waitUntil(lambda: dock.lens.layer is not None, timeout=60_000)
    dock.lens_box.setChecked(False)
    viewer.layers.selection = set(viewer.layers)
    assert dock.layers.currentText() == f"{count} selected layers"
    assert f"Results: {count} layers" in dock.summary.text()
    viewer.layers.selection = set(layers[5:8])
    run(qtbot, dock)
    assert len(viewer.layers) == count + 3
