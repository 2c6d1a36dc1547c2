"""The Upscale dock in napari's window: how it comes, is reached and goes."""

import pytest
from qtpy import PYSIDE6
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel

from tests.imagelayers import picture
from tests.widgets.upscale_dock import choose, names, start

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


@pytest.fixture
def viewer(real_viewer):
    """A viewer with its window."""
    return real_viewer


@pytest.fixture
def dock(viewer):
    """The dock as the plugin menu opens it."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-autolut", "Upscale")
    return widget


def test_closing_the_dock_stops_the_run_and_lets_go_of_the_viewer(
    viewer, dock, qtbot, gate, wait_for_threads
):
    viewer.add_image(picture(3, 8, 8), name="source")
    start(qtbot, dock)
    with qtbot.waitSignal(dock.destroyed):
        viewer.window.remove_dock_widget(dock)
        assert not dock.run_bar.running
    gate.set()
    wait_for_threads()
    assert len(gate.tiles) < 3  # the second may have begun
    assert names(viewer) == ["source"]
    viewer.add_image(picture(5, 5), name="later")


def test_closing_the_viewer_stops_the_run_without_a_word(
    viewer, dock, qtbot, gate, notes, wait_for_threads
):
    viewer.add_image(picture(3, 8, 8), name="source")
    start(qtbot, dock)
    with qtbot.waitSignal(dock.destroyed):
        viewer.close()
    gate.set()
    wait_for_threads()
    assert notes == []
    assert len(gate.tiles) < 3  # the second may have begun
    assert names(viewer) == []


def test_hiding_the_dock_lets_the_run_go_on(viewer, dock, qtbot, gate):
    viewer.add_image(picture(3, 8, 8), name="source")
    start(qtbot, dock)
    dock.parent().hide()
    gate.set()
    qtbot.waitUntil(lambda: not dock.run_bar.running)
    assert names(viewer) == ["source", "source (small-x1)"]


@pytest.mark.skipif(
    PYSIDE6, reason="PySide6 never lets go of napari's widgets that the focus chain passes"
)
def test_every_control_can_be_reached_by_keyboard_and_explains_itself(viewer, dock):
    viewer.add_image(picture(3, 4, 4))
    controls = [
        dock.layers,
        dock.models,
        dock.panel.about,
        dock.panel.add,
        dock.panel.remove,
        dock.lens_box,
        dock.value_range.choice,
        *dock.options.boxes,
        dock.reuse.button,
        dock.run_bar.button,
    ]
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in controls)
    assert all(control.toolTip() for control in controls)
    chain, here = [], dock.layers
    while here not in chain:
        chain.append(here)
        here = here.nextInFocusChain()
    places = [chain.index(control) for control in controls if control in chain]
    assert len(places) == len(controls)
    assert places == sorted(places)
    buddies = [label.buddy() for label in dock.findChildren(QLabel)]
    named = [dock.layers, dock.models, dock.scale, dock.value_range, dock.noise, dock.colour]
    named += [*dock.options.boxes, dock.options.folder]
    assert [b for b in buddies if b is not None] == named


def test_the_lens_is_switched_by_its_box_and_goes_with_the_dock(viewer, dock, qtbot):
    viewer.add_image(picture(20, 20), name="image")
    choose(dock.models, "small-x2 (own)")
    dock.lens_box.setChecked(True)
    qtbot.waitUntil(lambda: dock.lens.layer is not None, timeout=30_000)
    assert names(viewer) == ["image", "Lens: image (small-x2)"]
    assert dock.layers.currentText() == "image"
    assert "\N{MULTIPLICATION SIGN}2" in dock.lens_line.text()
    choose(dock.models, "small-x4 (own)")
    qtbot.waitUntil(lambda: names(viewer) == ["image", "Lens: image (small-x4)"], timeout=30_000)
    viewer.window.remove_dock_widget(dock)
    assert names(viewer) == ["image"]
