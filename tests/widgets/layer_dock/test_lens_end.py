"""The lens ends with its source or layer, and leaves no trace."""

import pytest
from qtpy.QtCore import QObject

from napari_autolut._compat import camera
from napari_autolut.widgets.layer_dock.lens.lens import Lens
from tests.imagelayers import picture
from tests.widgets.layer_dock.lens_views import names


def test_removing_the_source_ends_it(viewer, lens, wanted, settled, qtbot):
    wanted.layer = viewer.add_image(picture(20, 20), name="source")
    viewer.add_image(picture(20, 20), name="other")
    lens.switch(True)
    settled()
    with qtbot.waitSignal(lens.ended) as ended:
        viewer.layers.remove("source")
    assert ended.args == ["Lens off: 'source' was removed."]
    assert not lens.on
    qtbot.waitUntil(lambda: names(viewer) == ["other"])


class Depth:
    """How many layers come or go within one another, at most."""

    def __init__(self, layers):
        self.now = self.most = 0
        for begin, end in (("inserting", "inserted"), ("removing", "removed")):
            layers.events[begin].connect(self.begin, position="first")
            layers.events[end].connect(self.end, position="last")

    def begin(self, _event):
        self.now += 1
        self.most = max(self.most, self.now)

    def end(self, _event):
        self.now -= 1


@pytest.mark.parametrize("selected", [["source"], ["source", "other"], ["other"]])
def test_its_layer_never_goes_while_another_one_does(
    viewer, lens, wanted, settled, qtbot, selected
):
    """napari's list of rows would count wrong, and draw rows that are gone."""
    wanted.layer = viewer.add_image(picture(20, 20), name="source")
    viewer.add_image(picture(20, 20), name="other")
    lens.switch(True)
    settled()
    viewer.layers.selection.events.changed.connect(lens.renew)
    viewer.layers.selection = [viewer.layers[name] for name in selected]
    settled()
    wanted.layer = viewer.layers[selected[-1]]  # as a dock's box goes on to what is selected
    depth = Depth(viewer.layers)
    viewer.layers.remove_selected()
    qtbot.waitUntil(lambda: not any(name.startswith("Lens") for name in names(viewer)))
    assert depth.most == 1


def test_its_layer_never_goes_while_another_one_comes(viewer, lens, wanted, settled, qtbot):
    wanted.layer = viewer.add_image(picture(20, 20), name="source")
    lens.switch(True)
    settled()
    depth = Depth(viewer.layers)
    viewer.layers.events.inserted.connect(lambda _event: lens.switch(False))
    viewer.add_image(picture(20, 20), name="other")
    qtbot.waitUntil(lambda: names(viewer) == ["source", "other"])
    assert depth.most == 1


def test_removing_its_layer_ends_it(viewer, lens, wanted, settled, qtbot):
    wanted.layer = viewer.add_image(picture(20, 20), name="source", blending="additive")
    lens.switch(True)
    settled()
    with qtbot.waitSignal(lens.ended):
        viewer.layers.remove(lens.layer)
    assert not lens.on
    assert names(viewer) == ["source"]
    qtbot.waitUntil(lambda: wanted.layer.visible)


def test_clearing_the_viewer_while_it_computes_ends_it(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(600, 600))
    lens.switch(True)
    viewer.layers.clear()
    settled()
    assert not lens.on
    assert names(viewer) == []


def test_it_comes_and_goes_twenty_times_without_a_trace(viewer, lens, wanted, settled):
    wanted.layer = viewer.add_image(picture(20, 20))
    look = camera(viewer).zoom, camera(viewer).center, viewer.dims.range
    for _ in range(20):
        lens.switch(True)
        settled()
        lens.switch(False)
    assert (camera(viewer).zoom, camera(viewer).center, viewer.dims.range) == look
    assert len(viewer.layers) == 1


def test_the_slice_that_was_looked_at_stays_when_it_goes(real_viewer, wanted, qtbot):
    wanted.layer = real_viewer.add_image(picture(5, 20, 20))
    real_viewer.dims.order = (1, 0, 2)
    real_viewer.dims.point = (0, 12, 0)
    owner = QObject()
    lens = Lens(real_viewer, wanted, owner)
    lens.switch(True)
    qtbot.waitUntil(lambda: lens.layer is not None and not lens.busy)
    lens.switch(False)
    assert real_viewer.dims.point[1] == pytest.approx(12, abs=0.5)
