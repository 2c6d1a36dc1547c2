"""What a lens computes around a view at rest, so that a short pan needs nothing new."""

import math

import dask.array as da
import numpy as np
import pytest

from napari_autolut.layers import Region
from napari_autolut.widgets.layer_dock.lens.pieces import IDLE, piece_around
from tests.imagelayers import picture
from tests.widgets.layer_dock.lens_views import assert_shows, zoom_to


def test_what_is_around_a_view_ends_where_the_image_does():
    view = Region(((2, 3), (0, 80), (40, 200)))
    piece = piece_around(view, (1, 2), (9, 85, 900), 1e-9)
    assert piece.region.spans == ((2, 3), (0, 85), (20, 220))


def test_nothing_is_computed_around_a_whole_image_or_where_that_takes_long():
    view = Region(((0, 80), (0, 160)))
    assert piece_around(view, (0, 1), (80, 160), 1e-9) is None
    new = 100 * 200 - 80 * 160
    assert piece_around(view, (0, 1), (100, 180), 1.01 * IDLE / (90 * 180 - 80 * 160)) is None
    assert piece_around(view, (0, 1), (500, 500), IDLE / new).region.shape == (90, 180)


@pytest.fixture
def rest(monkeypatch):
    """Nobody waits long."""
    monkeypatch.setattr("napari_autolut.widgets.layer_dock.lens.lens.REST", 0.01)


@pytest.fixture
def idle(monkeypatch):
    """No machine is too busy to compute what is around a view."""
    monkeypatch.setattr("napari_autolut.widgets.layer_dock.lens.pieces.IDLE", math.inf)


def shape_of(lens):
    return (0, 0) if lens.layer is None else lens.layer.data.shape


def in_view(viewer, lens, wanted, qtbot, pixels):
    """Show the lens on the middle of pixels; sides of the view, enlarged, and all it shows."""
    wanted.layer = viewer.add_image(pixels)
    zoom_to(viewer, 10, 150, 150)
    shapes = []
    lens.status_changed.connect(lambda _: shapes.append(shape_of(lens)))
    lens.switch(True)
    qtbot.waitUntil(lambda: not lens.busy and shape_of(lens) != (0, 0))
    return shapes


def test_a_short_pan_shows_what_a_view_at_rest_has_brought(viewer, lens, wanted, idle, qtbot):
    shapes = in_view(viewer, lens, wanted, qtbot, picture(300, 300))
    view = shapes[-1]
    qtbot.waitUntil(lambda: not lens.busy and shape_of(lens)[0] >= 5 * view[0] // 4 - 4)
    assert_shows(lens, wanted)
    seen, lines = shape_of(lens), len(lens.lines)
    lens._rest.setInterval(600_000)
    pixels = lens.layer.data
    zoom_to(viewer, 10, 150 + view[0] / 2 / 10, 150)
    qtbot.waitUntil(lambda: len(lens.lines) > lines)
    assert lens.layer.data is pixels and not lens.busy
    assert f"{view[0] // 2} " in lens.lines[-1]  # what is seen, not what is there
    assert seen == shape_of(lens)


def test_the_line_says_how_long_the_view_took_not_what_followed(viewer, lens, wanted, idle, qtbot):
    view = in_view(viewer, lens, wanted, qtbot, picture(300, 300))[-1]
    took = lens._took
    qtbot.waitUntil(lambda: shape_of(lens)[0] > view[0])
    assert lens._took == took


def test_a_lazy_image_is_not_read_beyond_what_is_seen(viewer, lens, wanted, idle, qtbot):
    pixels = da.from_array(picture(300, 300), chunks=64)
    view = in_view(viewer, lens, wanted, qtbot, pixels)[-1]
    qtbot.wait(100)
    assert shape_of(lens) == view


def test_the_image_that_is_looked_at_meanwhile_stays_in_sight(viewer, lens, wanted, idle, qtbot):
    viewer.add_image(np.zeros((300, 300)))
    view = in_view(viewer, lens, wanted, qtbot, picture(300, 300))[-1]
    wanted.layer.blending = "additive"
    lens.peek(True)
    lens._rest.start()
    qtbot.waitUntil(lambda: not lens.busy and shape_of(lens)[0] > view[0])
    assert wanted.layer.visible and not lens.layer.visible
    lens.peek(False)
    assert not wanted.layer.visible and lens.layer.visible
