"""An image that is changed while it is upscaled: the result follows it, or says what it cannot."""

from warnings import catch_warnings

import numpy as np
import pytest

from tests.imagelayers import assert_same_extent, picture
from tests.widgets.upscale_dock import choose, names, press, start

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


@pytest.fixture
def source(viewer, dock):
    """A stack of three slices that is open."""
    return viewer.add_image(picture(3, 8, 8), name="cells", scale=(2, 1, 1))


@pytest.fixture
def changed_meanwhile(viewer, dock, qtbot, gate):
    """Run, change something while the run is at work, and give the result."""

    def change(how):
        start(qtbot, dock)
        with catch_warnings(action="ignore"):  # of units that differ for a moment
            how()
        gate.set()
        qtbot.waitUntil(lambda: not dock.run_bar.running)
        return viewer.layers[1]

    return change


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scale", (5, 0.5, 0.5)),
        ("translate", (0, 30, 40)),
        ("rotate", np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]])),
        ("shear", np.array([0, 0, 0.4])),
        ("affine", np.diag([1.0, 2.0, 3.0, 1.0])),
        ("units", ("um", "um", "um")),
    ],
)
def test_the_result_lies_where_the_image_lies_by_then(source, changed_meanwhile, name, value):
    result = changed_meanwhile(lambda: setattr(source, name, value))
    assert_same_extent(result, source)
    assert result.units == source.units


def test_the_result_is_called_and_looks_as_the_image_by_then(dock, source, changed_meanwhile):
    def change():
        source.name, source.colormap, source.contrast_limits = "nuclei", "magenta", (20, 90)
        source.blending = "additive"

    result = changed_meanwhile(change)
    assert result.name == "nuclei (small-x1)"
    assert (result.colormap.name, result.contrast_limits) == ("magenta", [20, 90])
    assert result.visible and not source.visible
    assert "other pixels" not in dock.run_bar.status.text()


@pytest.mark.parametrize("shape", [(3, 8, 8), (3, 5, 6), (5, 6)])
def test_other_pixels_are_said_and_the_result_is_of_the_first(
    dock, source, changed_meanwhile, shape
):
    first = source.data.copy()
    result = changed_meanwhile(lambda: setattr(source, "data", picture(*shape, seed=9)))
    assert result.data.shape == first.shape
    assert np.abs(result.data.astype(int) - first).mean() < 30
    assert tuple(result.scale) == (2, 1, 1)
    assert "'cells' has other pixels now" in dock.run_bar.status.text()


def test_pixels_that_are_painted_over_are_said(dock, source, changed_meanwhile):
    changed_meanwhile(lambda: source.data.fill(7))
    assert "pixels of 'cells' were changed during the run" in dock.run_bar.status.text()


def test_a_file_that_has_the_old_pixel_size_is_told_of(viewer, dock, source, qtbot, tmp_path):
    pytest.importorskip("zarr", reason="the extra zarr is not installed")
    choose(dock.options.output, "Save to disk")
    dock.options.folder.folder = tmp_path
    press(qtbot, dock)
    source.scale = (2, 0.5, 0.5)
    qtbot.waitUntil(lambda: not dock.run_bar.running)
    assert_same_extent(viewer.layers[1], source)
    assert "The file has the pixel size and place that 'cells' had" in dock.run_bar.status.text()


def test_what_was_removed_is_said_though_another_image_is_picked(
    viewer, dock, source, qtbot, gate, notes
):
    start(qtbot, dock)
    viewer.layers.remove(source)
    viewer.add_image(picture(5, 5), name="next")
    gate.set()
    qtbot.waitUntil(lambda: notes == ["Stopped: 'cells' was removed."])
    assert names(viewer) == ["next"]
    press(qtbot, dock)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2)
