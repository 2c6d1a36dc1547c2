"""What the tests of docks share: viewers, docks, and work that is held.

Most docks need a list of layers alone, and get a viewer without a window. Where a window, menus or
pixels matter, a test asks for ``real_viewer``, which takes a second to open and to close.
"""

import gc
from functools import partial
from threading import Event

import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QThreadPool

from napari_autolut.arrays import run
from napari_autolut.widgets.train import session as train_session
from napari_autolut.widgets.train.dock import TrainWidget
from napari_autolut.widgets.upscale.dock import UpscaleWidget
from tests.conftest import ship
from tests.pictures import picture
from tests.training_runs import save, use_fake_trainer


@pytest.fixture
def qtbot(qtbot):
    """Waits longer than pytest-qt's own 5 s: machines are busy, and old versions of napari slow."""
    qtbot.waitUntil = partial(qtbot.waitUntil, timeout=20_000)
    return qtbot


@pytest.fixture(scope="module", autouse=True)
def _frozen():
    """Spare the collector what was imported since; what other modules' tests made is collected."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def rest(monkeypatch):
    """Seconds after which a lens goes on by itself: none of a test's, unless it asks for fewer."""
    monkeypatch.setattr("napari_autolut.widgets.layer_dock.lens.lens.REST", 600.0)


@pytest.fixture
def small_models(models_folder, monkeypatch):
    """A catalogue that holds the small models alone; the folder of the user's own ones."""
    ship(monkeypatch, models_folder / "shipped")
    return models_folder


@pytest.fixture
def viewer(small_models):
    """A viewer without a window."""
    return ViewerModel()


@pytest.fixture
def real_viewer(make_napari_viewer, small_models):
    """A viewer with its window, which is not shown."""
    return make_napari_viewer()


@pytest.fixture
def dock(viewer, qtbot, wait_for_threads):
    """The Upscale dock of a viewer without a window; whatever runs has ended afterwards."""
    widget = UpscaleWidget(viewer)
    qtbot.addWidget(widget)
    yield widget
    widget.run_bar.cancel()
    widget.lens.switch(False)
    wait_for_threads()


@pytest.fixture
def shown(qtbot, wait_for_threads):
    """Shows a dock; afterwards it is let go, and whatever ran in it has ended."""
    docks = []

    def show(dock):
        qtbot.addWidget(dock)
        dock.show()
        docks.append(dock)
        return dock

    yield show
    for dock in docks:
        dock.tear_down()
    wait_for_threads()


@pytest.fixture
def wait_for_threads(qtbot):
    """Wait until nothing runs in the background any more."""

    def wait():
        pool = QThreadPool.globalInstance()
        qtbot.waitUntil(lambda: pool.waitForDone(0), timeout=20_000)

    return wait


class Gate(Event):
    """Closed until set; ``tiles`` are those that got done."""

    def __init__(self):
        super().__init__()
        self.tiles = []

    def steps(self, *arguments, **options):
        """The real work, waiting after each tile."""
        steps = run(*arguments, **options)
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
    monkeypatch.setattr("napari_autolut.layers.source.run", made.steps)
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

    monkeypatch.setattr("napari_autolut.widgets.train.dock.training_problem", lambda: "")
    use("wait")
    return use


@pytest.fixture
def train_dock(trainer, small_models, qtbot, monkeypatch, wait_for_threads):
    """The Train dock of a viewer without a window, in a napari that has trained nothing yet."""
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
