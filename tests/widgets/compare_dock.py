"""What the tests of the Compare dock do with it: tick, press, wait, close."""

from qtpy.QtCore import QCoreApplication, QEvent
from qtpy.QtWidgets import QApplication

from napari_autolut.widgets.compare.window import SIZE
from tests.imagelayers import picture
from tests.widgets.controls import press


def close(dock):
    """Close the window as the user does, and let Qt delete it."""
    if dock.window_of_views is not None:
        dock.window_of_views.close()
    delete_deferred()


def delete_deferred():
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


def compare(qtbot, dock):
    """Press Compare and wait for the window."""
    press(qtbot, dock)
    qtbot.waitUntil(lambda: not dock.run_bar.running, timeout=60_000)
    assert dock.window_of_views is not None, dock.run_bar.status.text()
    qtbot.waitUntil(dock.window_of_views.bar.isEnabled)
    return dock.window_of_views


def in_large_window(qtbot, dock):
    """As `compare`; the window is as on a usual screen, which that of tests may not be."""
    window = compare(qtbot, dock)
    window.resize(*SIZE)
    qtbot.waitUntil(lambda: window.canvas.qt_viewer.width() > SIZE[0] // 2)
    return window


def names(window):
    return [layer.name for layer in window.canvas.layers]


def with_truth(viewer, *shape, **meta):
    """A source and, below it, the image four times as large that covers the same place."""
    truth = picture(*shape[:-2], shape[-2] * 4, shape[-1] * 4)
    leading = (1,) * (len(shape) - 2)
    inner = viewer.add_image(
        truth,
        name="truth",
        scale=(*leading, 0.25, 0.25),
        translate=(*(0 for _ in leading), -0.375, -0.375),
        **meta,
    )
    return viewer.add_image(picture(*shape), name="source", **meta), inner


def tick_model(dock, name):
    (entry,) = [each for each in dock.views._choices if getattr(each, "name", "") == name]
    dock.views.tick(entry)
