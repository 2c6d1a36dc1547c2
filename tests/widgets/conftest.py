"""The Upscale dock in a real viewer."""

from functools import partial
from threading import Event

import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QThreadPool

from napari_autolut.arrays.upscaling import upscale_steps
from napari_autolut.widgets.train import session as train_session
from napari_autolut.widgets.train.dock import TrainWidget
from tests.pictures import picture
from tests.training_runs import save, use_fake_trainer


@pytest.fixture
def qtbot(qtbot):
    """Waits longer than pytest-qt's own 5 s: machines are busy, and old versions of napari slow."""
    qtbot.waitUntil = partial(qtbot.waitUntil, timeout=20_000)
    return qtbot


@pytest.fixture
def viewer(make_napari_viewer, models_folder, monkeypatch):
    """A viewer whose catalogue holds the small models alone."""
    monkeypatch.setattr(
        "napari_autolut.storage.catalogue.files", lambda _: models_folder / "shipped"
    )
    return make_napari_viewer()


@pytest.fixture
def dock(viewer):
    """The dock as the plugin menu opens it."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-autolut", "Upscale")
    return widget


@pytest.fixture
def wait_for_threads(qtbot):
    """Wait until nothing runs in the background any more."""

    def wait():
        pool = QThreadPool.globalInstance()
        qtbot.waitUntil(lambda: pool.activeThreadCount() == 0, timeout=20_000)

    return wait


class Gate(Event):
    """Closed until set; ``tiles`` are those that got done."""

    def __init__(self):
        super().__init__()
        self.tiles = []

    def steps(self, *arguments, **options):
        """The real work, waiting after each tile."""
        steps = upscale_steps(*arguments, **options)
        while True:
            try:
                self.tiles.append(next(steps))
            except StopIteration as end:
                return end.value
            yield self.tiles[-1]
            self.wait()


@pytest.fixture
def gate(monkeypatch):
    """Holds the work after its first tile until it is set."""
    made = Gate()
    monkeypatch.setattr("napari_autolut.layers.upscaling.upscale_steps", made.steps)
    yield made
    made.set()


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


@pytest.fixture
def trainer(models_folder, monkeypatch):
    """Says what the stand-in for the trainer does; at first it waits for commands."""

    def use(how):
        use_fake_trainer(monkeypatch, models_folder, how)

    monkeypatch.setattr("napari_autolut.widgets.train.dock.torch_installed", lambda: True)
    use("wait")
    return use


@pytest.fixture
def train_dock(trainer, models_folder, qtbot, monkeypatch, wait_for_threads):
    """The Train dock of a viewer without a window, in a napari that has trained nothing yet."""
    monkeypatch.setattr(
        "napari_autolut.storage.catalogue.files", lambda _: models_folder / "shipped"
    )
    monkeypatch.setattr(train_session, "_session", None)
    widget = TrainWidget(ViewerModel())
    qtbot.addWidget(widget)
    yield widget
    widget.session.cancel()
    qtbot.waitUntil(lambda: not widget.session.busy, timeout=20_000)
    wait_for_threads()


@pytest.fixture
def images(tmp_path):
    """Three images to learn from, a small one, and one that cannot be read."""
    folder = tmp_path / "nuclei"
    for number in range(3):
        save(folder / f"{number}.png", picture((128, 128), seed=number))
    save(folder / "small.tif", picture((40, 40), "uint16"))
    (folder / "broken.png").write_bytes(b"nothing")
    return folder
