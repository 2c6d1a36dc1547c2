"""Labels in the Upscale dock: enlarged by nearest neighbour, and shown by no lens."""

import numpy as np
import pytest
from napari.layers import Labels

from napari_autolut.storage.summaries import TIMES
from tests.imagelayers import assert_same_extent, picture
from tests.widgets.upscale_dock import choose, names, run

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


def test_labels_are_enlarged_by_nearest_neighbour_beside_images(viewer, dock, qtbot):
    choose(dock.models, "small-x2 (own)")
    image = viewer.add_image(picture(3, 8, 6), name="source", scale=(4, 0.5, 0.5))
    cells = np.arange(3 * 8 * 6, dtype=np.int32).reshape(3, 8, 6)
    labels = viewer.add_labels(cells, name="cells", scale=(4, 0.5, 0.5), rotate=(0, 0, 20))
    assert dock.layers.currentText() == "cells"
    assert f" {TIMES} ".join(["3", "16", "12"]) + " px, int32" in dock.summary.text()
    run(qtbot, dock)
    result = viewer.layers["cells x2 (nearest neighbour)"]
    assert isinstance(result, Labels) and result.data.dtype == np.int32
    np.testing.assert_array_equal(result.data, cells.repeat(2, 1).repeat(2, 2))
    assert_same_extent(result, labels)
    assert not labels.visible  # it would be seen through the result
    viewer.layers.selection = {image, labels}
    dock.errors.setChecked(True)
    run(qtbot, dock)
    assert "source x2 (small-x2)" in names(viewer)


def test_the_lens_says_that_it_shows_no_labels(viewer, dock, qtbot):
    viewer.add_labels(np.ones((4, 4), int), name="cells")
    dock.show()
    dock.lens_box.click()
    qtbot.waitUntil(lambda: "'cells' is a Labels layer" in dock.lens_line.text())
    assert names(viewer) == ["cells"]
