"""The Upscale dock in a real viewer."""

import pytest
from qtpy.QtCore import QThreadPool


@pytest.fixture
def viewer(make_napari_viewer, models_folder, monkeypatch):
    """A viewer whose catalogue holds the small models alone."""
    monkeypatch.setattr("napari_autolut.catalogue.files", lambda _: models_folder / "shipped")
    return make_napari_viewer()


@pytest.fixture
def dock(viewer, qtbot):
    """The dock as the plugin menu opens it; whatever still runs has ended afterwards."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-autolut", "Upscale")
    yield widget
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().activeThreadCount() == 0, timeout=10_000)


@pytest.fixture
def notes():
    """Sentences that napari has shown since the test began."""
    from napari.utils.notifications import notification_manager

    shown = []

    def collect(notification):
        shown.append(notification.message)

    notification_manager.notification_ready.connect(collect)
    yield shown
    notification_manager.notification_ready.disconnect(collect)
