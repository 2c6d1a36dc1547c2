"""The modes of a comparison's window: what is seen on its canvas, and by which keys."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QApplication

from napari_autolut._compat import camera, grid
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.compare.bar import Mode
from tests.widgets.compare_dock import close, compare, in_large_window, names, with_truth
from tests.widgets.controls import reached

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)

MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def compared(viewer, dock, qtbot):
    """A dock whose window shows a black and a white image of the same place."""
    viewer.add_image(np.full((40, 40), 255, np.uint8), name="white", contrast_limits=(0, 255))
    black = viewer.add_image(np.zeros((40, 40), np.uint8), name="black", contrast_limits=(0, 255))
    dock.layers.pick(black)
    tick_only(dock, "source", dock.views.layers[0])
    in_large_window(qtbot, dock)
    return dock


def tick_only(dock, *choices):
    for choice in dock.views.ticked:
        dock.views.tick(choice, choice in choices)
    for choice in choices:
        dock.views.tick(choice)


def seen(window):
    """Brightness of the canvas at mid-height, from left to right, 0 to 1."""
    for _ in range(5):
        QApplication.processEvents()
    picture = window.canvas.qt_viewer.screenshot(flash=False)
    return picture[picture.shape[0] // 2, :, :3].mean(-1) / 255


def test_side_by_side_shows_both_at_the_same_scale(compared):
    window = compared.window_of_views
    assert names(window) == ["Source (nearest)", "white"]
    line = seen(window)
    white = np.flatnonzero(line > 0.9)
    assert white[0] > len(line) / 2
    assert grid(window.canvas.model).shape == (1, 2)


def test_the_curtain_shows_each_view_in_its_lane(compared):
    window = compared.window_of_views
    window.bar.buttons[Mode.CURTAIN].click()
    line = seen(window)
    (border,) = window.canvas.splits
    white = np.flatnonzero(line > 0.9)
    assert abs(white[0] - border * len(line)) <= 6  # the handle is drawn beside it in Qt
    assert line[white[0] : white[-1] + 1].min() > 0.9


def test_the_same_region_is_seen_in_every_mode(viewer, dock, qtbot):
    viewer.add_image(np.zeros((4, 40, 40), np.uint8), contrast_limits=(0, 255))
    tick_only(dock, "source", "bicubic")
    window = compare(qtbot, dock)
    viewpoint = window.canvas.viewpoint

    def seen_part():
        return camera(window.canvas.model).zoom / viewpoint._whole_zoom()

    first = seen_part()
    for mode in (Mode.CURTAIN, Mode.DIFFERENCE, Mode.BLINK, Mode.DIFFERENCE, Mode.BESIDE):
        window.bar.buttons[mode].click()
        shown = mode is Mode.DIFFERENCE
        qtbot.waitUntil(lambda shown=shown: window.modes._differences_shown == shown)
        QApplication.processEvents()
        assert seen_part() == pytest.approx(first)


def test_the_border_is_dragged_with_the_mouse_and_moved_with_keys(compared, qtbot):
    window = compared.window_of_views
    window.bar.buttons[Mode.CURTAIN].click()
    (handle,) = window.modes.handles.handles
    width = window.canvas.native.width()
    before = window.canvas.splits[0]
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=QPoint(5, 50))
    qtbot.mouseMove(handle, QPoint(5 - round(width * 0.05), 50))
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton)
    (dragged,) = window.canvas.splits
    assert dragged == pytest.approx(before - 0.05, abs=0.01)
    assert handle.geometry().center().x() == pytest.approx(dragged * width, abs=2)
    qtbot.keyClick(handle, Qt.Key.Key_Right)
    assert window.canvas.splits[0] == pytest.approx(dragged + 0.01)
    qtbot.keyClick(handle, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert window.canvas.splits[0] == pytest.approx(dragged - 0.09)
    qtbot.keyClick(handle, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    white = np.flatnonzero(seen(window) > 0.9)
    assert abs(white[0] - window.canvas.splits[0] * width) <= 6
    for _ in range(20):
        qtbot.keyClick(handle, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert window.canvas.splits[0] == pytest.approx(0.02)


def test_after_the_curtain_nothing_stays_covered(compared):
    window = compared.window_of_views
    window.bar.buttons[Mode.CURTAIN].click()
    window.bar.buttons[Mode.BESIDE].click()
    assert window.modes.handles.handles[0].isHidden()
    white = np.flatnonzero(seen(window) > 0.9)
    assert white[0] > len(seen(window)) / 2


def test_blinking_shows_one_view_after_the_other(compared, qtbot):
    window = compared.window_of_views
    window.bar.buttons[Mode.BLINK].click()
    window.bar.play.setChecked(False)
    middle = window.canvas.native.width() // 2
    assert [label.text() for label in window.modes.names.shown] == ["Source (nearest)"]
    assert seen(window)[middle] < 0.1
    window.bar.next.click()
    assert [label.text() for label in window.modes.names.shown] == ["white"]
    assert seen(window)[middle] > 0.9
    window.bar.interval.setValue(200)
    window.bar.play.click()
    qtbot.waitUntil(lambda: window.modes.blink.current == 0, timeout=20_000)
    qtbot.waitUntil(lambda: window.modes.blink.current == 1, timeout=20_000)
    window.bar.buttons[Mode.BESIDE].click()
    assert not window.bar.play.isChecked()
    assert {layer.opacity for layer in window.canvas.layers} == {1}


def test_a_key_shows_the_next_view(compared, qtbot):
    window = compared.window_of_views
    qtbot.keyClick(window, Qt.Key.Key_N)
    assert window.bar.mode is Mode.BLINK
    assert not window.bar.play.isChecked()
    assert window.modes.blink.current == 0
    qtbot.keyClick(window, Qt.Key.Key_N)
    assert window.modes.blink.current == 1


def test_all_of_the_window_is_within_reach_of_the_keyboard(viewer, dock, qtbot):
    """The tab key goes round, past the fields of a stack's slices, where napari keeps it.

    The window need not be the active one, which on Windows and macOS other tests' windows may be.
    """
    if QApplication.styleHints().tabFocusBehavior() != Qt.TabFocusBehavior.TabFocusAllControls:
        pytest.skip("this system's tab key goes to texts and lists alone, as its settings say")
    viewer.add_image(np.zeros((5, 12, 9), np.uint8), name="stack")
    viewer.dims.set_point(0, 2)
    dock.all_slices.setChecked(True)
    window = compare(qtbot, dock)
    window.bar.mode = Mode.CURTAIN
    wanted = [*reached(window.bar), window.canvas.native, *window.modes.handles.shown]
    wanted = [each for each in wanted if each.isVisible()]
    window.bar.magnifier.setFocus()
    seen = set()
    for _ in range(3 * len(wanted)):
        seen.add(window.focusWidget())
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    modes = {*window.bar.buttons.values()}  # the arrow keys go from one to the next
    assert {*wanted} - modes <= seen and seen & modes
    assert all(each.accessibleName() for each in wanted[-3:])


def test_keys_look_elsewhere_and_close_the_window(viewer, dock, qtbot):
    viewer.add_image(np.zeros((5, 40, 40), np.uint8), name="stack")
    dock.all_slices.setChecked(True)
    window = compare(qtbot, dock)
    model, native = window.canvas.model, window.canvas.native
    window.canvas.viewpoint.fit()
    before, (_, y, x) = camera(model).zoom, camera(model).center
    at = model.dims.current_step[0]
    qtbot.keyClick(native, Qt.Key.Key_Left)
    assert model.dims.current_step[0] == at - 1
    qtbot.keyClick(native, Qt.Key.Key_Plus)
    assert camera(model).zoom == pytest.approx(1.25 * before)
    qtbot.keyClick(native, Qt.Key.Key_Minus)
    assert camera(model).zoom == pytest.approx(before)
    seen = window.canvas.viewpoint.image_box()
    qtbot.keyClick(native, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(native, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert camera(model).center[1] < y and camera(model).center[2] > x
    qtbot.keyClick(native, Qt.Key.Key_F)
    assert window.canvas.viewpoint.image_box() == seen
    qtbot.keyClick(native, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: dock.window_of_views is None)


def test_modes_show_the_same_part_of_the_world(compared):
    window = compared.window_of_views
    look = camera(window.canvas.model)
    look.center, centre = (0, 11.0, 22.0), (11.0, 22.0)
    zoom = look.zoom
    for mode in (Mode.CURTAIN, Mode.BLINK, Mode.DIFFERENCE, Mode.BESIDE):
        window.bar.buttons[mode].click()
        assert look.center[-2:] == centre
    assert look.zoom == pytest.approx(zoom)


def test_differences_are_signed_and_amplified(viewer, dock, qtbot):
    viewer.add_image(np.full((8, 8), 130, np.uint8), name="higher", contrast_limits=(0, 255))
    source = viewer.add_image(np.full((8, 8), 100, np.uint8), name="source")
    dock.layers.pick(source)
    tick_only(dock, "source", dock.views.layers[0])
    window = compare(qtbot, dock)
    window.bar.buttons[Mode.DIFFERENCE].click()
    qtbot.waitUntil(lambda: len(names(window)) == 2 and MINUS in names(window)[1], timeout=20_000)
    assert names(window) == ["Source (nearest)", f"higher {MINUS} Source (nearest)"]
    reference, higher = window.canvas.layers
    np.testing.assert_array_equal(higher.data, np.full((8, 8), 30))
    assert tuple(higher.contrast_limits) == (-15, 15)
    assert window.bar.gain_text.text() == f"{TIMES}2: ±15"
    window.bar.gain_slider.setValue(0)
    assert tuple(higher.contrast_limits) == (-30, 30)
    assert tuple(reference.contrast_limits) == tuple(source.contrast_limits)
    window.bar.reference_box.setCurrentIndex(1)
    qtbot.waitUntil(lambda: names(window)[1] == "higher", timeout=20_000)
    np.testing.assert_array_equal(window.canvas.layers[0].data, np.full((8, 8), -30))
    window.bar.buttons[Mode.BESIDE].click()
    assert names(window) == ["Source (nearest)", "higher"]


def test_differences_follow_the_slice(viewer, dock, qtbot):
    source, truth = with_truth(viewer, 3, 8, 8)
    dock.layers.pick(source)
    dock.all_slices.setChecked(True)
    tick_only(dock, "source", truth)
    window = compare(qtbot, dock)
    window.bar.reference_box.setCurrentIndex(1)
    window.bar.buttons[Mode.DIFFERENCE].click()
    for number in (0, 2):
        window.canvas.model.dims.set_point(0, number)
        nearest = source.data[number].repeat(4, 0).repeat(4, 1).astype(float)

        def shown(expected=nearest - truth.data[number], number=number):
            layer = window.canvas.layers[0]
            return layer.data.shape == (1, 32, 32) and np.array_equal(layer.data[0], expected)

        qtbot.waitUntil(shown, timeout=20_000)
        assert window.canvas.model.dims.point[0] == number
        assert window.canvas.layers[0].translate[0] == number


def test_closing_in_any_mode_leaves_nothing_running(compared, qtbot):
    window = compared.window_of_views
    for mode in Mode:
        window.bar.buttons[mode].click()
        close(compared)
        window = compare(qtbot, compared)


@pytest.mark.parametrize("shape", [(40, 40), (1, 40, 40)])
def test_a_look_that_waits_when_the_window_closes_shows_nothing(viewer, dock, qtbot, shape):
    """In a closed canvas it would end napari: nothing may be drawn there any more."""
    viewer.add_image(np.zeros(shape, np.uint8), contrast_limits=(0, 255))
    tick_only(dock, "source", "bicubic")
    window = compare(qtbot, dock)
    window.bar.buttons[Mode.DIFFERENCE].click()
    qtbot.waitUntil(lambda: window.modes._differences_shown)
    shown = []
    window.canvas.show_layers = shown.append
    window.modes._differences_shown = False  # as while a slice is computed
    window.canvas.view_changed.emit()
    window.close()
    QApplication.processEvents()
    assert shown == []


def test_views_are_never_drawn_where_nobody_looks(compared, qtbot):
    canvas = compared.window_of_views.canvas
    qtbot.waitUntil(canvas.native.updatesEnabled)
    stack = [canvas.layers[0].as_layer_data_tuple()]
    for count in (2, 3):  # as many cells as before, or new ones
        canvas.show_layers([stack] * count)
        canvas.lay_beside()
        assert not canvas.native.updatesEnabled(), "they would be seen before they were drawn"
        qtbot.waitUntil(canvas.native.updatesEnabled)
        first = canvas.qt_viewer.screenshot(flash=False)  # as the screen has it next
        np.testing.assert_array_equal(first, canvas.qt_viewer.screenshot(flash=False))
