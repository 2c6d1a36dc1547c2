"""What a session full of comparisons, layers and changes does to the window and to napari."""

import ctypes
import gc
import logging
import sys
import threading
import weakref

import numpy as np
import psutil
import pytest
from napari.components import ViewerModel
from napari.layers import Image
from napari.qt import QtViewer
from qtpy.QtCore import QThreadPool
from qtpy.QtWidgets import QApplication
from vispy.gloo import gl

from napari_autolut import upscale
from napari_autolut._compat import camera, grid, native_canvas
from napari_autolut.comparison import Results
from napari_autolut.widgets.compare import dock as module
from napari_autolut.widgets.compare.bar import Mode
from napari_autolut.widgets.compare.dock import CompareWidget
from tests.imagelayers import picture
from tests.widgets.compare.figures import choose_truth, rows
from tests.widgets.compare.figures import settled as all_measured
from tests.widgets.compare_dock import close, compare, names, press, with_truth

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


@pytest.fixture
def viewer(make_napari_viewer, small_models):
    """A viewer that is seen, so that two canvases are drawn."""
    return make_napari_viewer(show=True)


@pytest.fixture
def dock(viewer, wait_for_threads):
    """The dock as the plugin menu opens it; its window and whatever runs have ended afterwards."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-autolut", "Compare")
    yield widget
    close(widget)
    wait_for_threads()


def state(viewer):
    """All of a viewer that a comparison might disturb."""
    look, dims = camera(viewer), viewer.dims
    return (
        [(id(layer), layer.name, layer.visible, layer.opacity) for layer in viewer.layers],
        [tuple(layer.contrast_limits) for layer in viewer.layers],
        {id(layer) for layer in viewer.layers.selection},
        (dims.point, dims.range, dims.order, dims.ndisplay, dims.ndim),
        (look.center, look.zoom, look.angles),
        (grid(viewer).enabled, viewer.theme),
    )  # fmt: skip


def draw_all():
    for _ in range(3):
        QApplication.processEvents()


def memory_in_use():
    """Bytes in use, without freed ones that the C library keeps, where it can be told to."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone
        if trim is not None:
            trim(0)
    return psutil.Process().memory_info().rss


def assert_no_gl_error(*canvases):
    """Nothing that OpenGL has to say of what was drawn so far."""
    for canvas in canvases:
        native_canvas(canvas).makeCurrent()
        gl.check_error("after drawing")


@pytest.mark.parametrize("count", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_windows_leave_nothing_behind(viewer, dock, qtbot, caplog, count):
    caplog.set_level(logging.WARNING, "vispy")
    source, _ = with_truth(viewer, 16, 16)
    dock.layers.pick(source)
    main = viewer.window._qt_window._qt_viewer
    for button in compare(qtbot, dock).bar.buttons.values():
        button.click()  # what is loaded once for a mode is no leak
        draw_all()
    close(dock)
    draw_all()
    gc.collect()
    before, threads, views = state(viewer), threading.active_count(), len(QtViewer._instances)
    seen, tops = viewer.screenshot(flash=False), len(QApplication.topLevelWidgets())
    gone, memory = [], 0
    for number in range(count):
        window = compare(qtbot, dock)
        window.bar.buttons[list(Mode)[number % len(Mode)]].click()
        window.bar.magnifier.click()
        draw_all()
        assert_no_gl_error(main, window.canvas.qt_viewer)
        gone += map(weakref.ref, (window.canvas.model, window.canvas.qt_viewer))
        gone.append(weakref.ref(window.canvas.layers[2]))
        del window
        close(dock)
        draw_all()
        assert_no_gl_error(main)
        if number == count // 5:  # by then all is loaded that is loaded once
            gc.collect()
            memory = memory_in_use()
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))
    gc.collect()
    assert [ref for ref in gone if ref() is not None] == []
    assert state(viewer) == before
    np.testing.assert_array_equal(viewer.screenshot(flash=False), seen)
    assert threading.active_count() <= threads
    assert len(QtViewer._instances) == views
    assert len(QApplication.topLevelWidgets()) == tops
    assert memory_in_use() - memory < 50 * 2**20
    assert caplog.records == []


def test_closing_the_dock_closes_its_window(viewer, dock, qtbot):
    viewer.add_image(picture(8, 8))
    window = compare(qtbot, dock)
    viewer.window.remove_dock_widget(dock)
    assert not window.isVisible()
    assert dock.window_of_views is None


def test_closing_napari_closes_the_window(viewer, dock, qtbot):
    viewer.add_image(np.zeros((40, 40), np.uint8))
    canvas = compare(qtbot, dock).canvas
    viewer.close()
    assert {layer.data.size for layer in canvas.model.layers} == {1}
    assert dock.window_of_views is None


def test_closing_lets_go_of_pixels_at_once(viewer, dock, qtbot):
    """Not when Python next collects garbage: views may be gigabytes."""
    viewer.add_image(picture(8, 8))
    window = compare(qtbot, dock)
    window.bar.mode = Mode.DIFFERENCE
    qtbot.waitUntil(lambda modes=window.modes: modes._differences_shown)
    pixels = [weakref.ref(view.pixels) for view in window._comparison.views[1:]]
    pixels += [weakref.ref(layer.data.base) for layer in window.canvas.layers[1:]]
    dock._results = Results()
    del window
    gc.collect()
    gc.disable()
    try:
        close(dock)
        assert [each() for each in pixels] == [None] * 4
    finally:
        gc.enable()


def test_views_that_go_take_nothing_from_napari_s_canvas(viewer, dock, qtbot):
    viewer.add_image(picture(24, 24))
    window = compare(qtbot, dock)
    main = viewer.window._qt_window._qt_viewer
    draw_all()
    seen = viewer.screenshot(flash=False)
    for mode in (Mode.DIFFERENCE, Mode.BESIDE, Mode.DIFFERENCE, Mode.CURTAIN):
        native_canvas(main).repaint()
        before = names(window)
        window.bar.buttons[mode].click()
        qtbot.waitUntil(lambda before=before: names(window) != before, timeout=20_000)
        draw_all()
        assert_no_gl_error(main, window.canvas.qt_viewer)
    np.testing.assert_array_equal(viewer.screenshot(flash=False), seen)


@pytest.mark.parametrize("large", [False, True])
def test_layers_may_be_removed_while_a_comparison_shows_them(
    viewer, dock, qtbot, monkeypatch, notes, large
):
    if large:
        monkeypatch.setattr(module, "LARGE", 10)
        monkeypatch.setattr("napari_autolut.comparison.regions.REGION_SIDE", 16)
    source, truth = with_truth(viewer, 24, 24)
    dock.layers.pick(source)
    choose_truth(dock, truth)
    window = compare(qtbot, dock)
    shown = names(window)
    window.bar.magnifier.click()
    viewer.layers.remove(truth)
    viewer.layers.remove(source)
    assert dock.truth.currentData() is None
    for mode in (*Mode, Mode.BESIDE):
        window.bar.buttons[mode].click()
        camera(window.canvas.model).center = (0, 6 if mode is Mode.BLINK else 18, 12)
        qtbot.waitUntil(lambda: not window.region._delay.isActive())
        draw_all()
    qtbot.waitUntil(lambda: names(window) == shown, timeout=20_000)
    qtbot.waitUntil(lambda: all_measured(window), timeout=20_000)
    assert rows(window)[0][1].endswith("dB")
    assert notes == []
    press(qtbot, dock)
    assert notes == ["No layer to compare: open an image and select its layer."]
    assert dock.window_of_views is window


@pytest.mark.parametrize("count", [12, pytest.param(200, marks=pytest.mark.slow)])
def test_many_layers_can_be_compared(small_models, qtbot, count):
    viewer = ViewerModel()
    dock = CompareWidget(viewer)
    qtbot.addWidget(dock)
    layers = [Image(picture(8, 8, seed=number), name=f"image {number}") for number in range(count)]
    viewer.layers.extend(layers)
    assert dock.layers.count() == count
    assert len(dock.views.layers) == dock.truth.count() - 1 == count - 1
    dock.layers.setCurrentIndex(dock.layers.findText("image 2"))
    choose_truth(dock, layers[-2])
    window = compare(qtbot, dock)
    assert names(window) == ["Source (nearest)", "Bicubic", "small-x1", layers[-2].name]
    model, truth = window.canvas.layers[2:]
    np.testing.assert_array_equal(model.data, upscale(layers[2].data, "small-x1"))
    np.testing.assert_array_equal(truth.data, layers[-2].data)
    qtbot.waitUntil(lambda: all_measured(dock.window_of_views), timeout=20_000)
    for layer in layers[count // 2 :]:
        viewer.layers.remove(layer)
    assert len(dock.views.layers) == count // 2 - 1
    assert [view for view in dock.views.ticked if isinstance(view, Image)] == []
    shown = weakref.ref(window.canvas.qt_viewer)
    del window, model, truth
    close(dock)
    gc.collect()
    assert shown() is None
