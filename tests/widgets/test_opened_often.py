"""Docks and comparisons that are opened again and again leave nothing behind."""

import gc

import numpy as np
import psutil
import pytest
from qtpy.QtCore import QCoreApplication, QEvent
from qtpy.QtWidgets import QApplication

DOCKS = ("Upscale", "Denoise", "Make isotropic", "Compare", "Train", "Upscale a folder")


def listeners(viewer):
    """How many callbacks the viewer, its layers and its axes have."""
    layers, dims = viewer.layers, viewer.dims
    groups = [viewer.events, layers.events, layers.selection.events, dims.events]
    groups += [layer.events for layer in layers]
    return sum(len(emitter.callbacks) for group in groups for emitter in group.emitters.values())


def settle():
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()
    gc.collect()


def left(viewer):
    """Callbacks, widgets and windows that there are."""
    settle()
    return listeners(viewer), len(QApplication.allWidgets()), len(QApplication.topLevelWidgets())


def open_and_close(viewer, name, wait_for_threads):
    dock, _ = viewer.window.add_plugin_dock_widget("napari-autolut", name)
    QApplication.processEvents()
    viewer.window.remove_dock_widget(dock)
    wait_for_threads()
    settle()


@pytest.fixture
def viewer(real_viewer):
    """A viewer with its window and a stack."""
    real_viewer.add_image(np.zeros((3, 16, 16), np.uint16), name="stack")
    return real_viewer


def test_a_dock_leaves_nothing_behind(viewer, wait_for_threads):
    for name in DOCKS:
        open_and_close(viewer, name, wait_for_threads)
        before = left(viewer)
        for _ in range(2):
            open_and_close(viewer, name, wait_for_threads)
        assert left(viewer) == before, name


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCKS)
def test_a_dock_opened_fifty_times_takes_no_more_memory(viewer, wait_for_threads, name):
    for _ in range(5):
        open_and_close(viewer, name, wait_for_threads)
    before, memory = left(viewer), psutil.Process().memory_info().rss
    for _ in range(50):
        open_and_close(viewer, name, wait_for_threads)
    assert left(viewer) == before
    assert psutil.Process().memory_info().rss - memory < 50 * 2**20
