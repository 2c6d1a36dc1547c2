"""What the tests of the folder dock share."""

from threading import Event

import pytest

from napari_autolut.batch import kept_results, log
from napari_autolut.io import ImageFile, write_image
from napari_autolut.widgets.batch import log_button
from napari_autolut.widgets.batch.dock import BatchWidget
from tests.pictures import picture


@pytest.fixture
def dock(viewer, qtbot, wait_for_threads):
    """The dock of a viewer; whatever runs has ended afterwards."""
    widget = BatchWidget(viewer)
    qtbot.addWidget(widget)
    yield widget
    widget.run_bar.cancel()
    wait_for_threads()


@pytest.fixture
def folder(tmp_path):
    """Two good images, one of them in a sub-folder and with a pixel size, and a bad one."""
    top = tmp_path / "in"
    (top / "day 2").mkdir(parents=True)
    write_image(top / "a.png", ImageFile(picture((5, 6)), "YX"))
    (top / "bad.png").write_bytes(b"no PNG")
    stack = ImageFile(picture((2, 5, 4), "uint16"), "ZYX", {"Z": 2, "Y": 0.5, "X": 0.5}, "µm")
    write_image(top / "day 2" / "b.ome.tif", stack)
    return top


@pytest.fixture(autouse=True)
def opened(tmp_path, monkeypatch):
    """The log is in a folder of this test; what the system is asked to open."""
    asked = []
    monkeypatch.setattr(log, "user_log_path", lambda *_, **__: tmp_path / "log")
    monkeypatch.setattr(
        log_button.QDesktopServices, "openUrl", lambda url: asked.append(url.toLocalFile())
    )
    return asked


@pytest.fixture
def hold(monkeypatch):
    """Holds the work on the second file after its first tile until it is set."""
    gate, work, begun = Event(), kept_results.upscale_file_steps, []

    def held(image, *arguments, **options):
        begun.append(image)
        steps = work(image, *arguments, **options)
        yield next(steps)
        if len(begun) == 2:
            gate.wait(20)
        return (yield from steps)

    monkeypatch.setattr(kept_results, "upscale_file_steps", held)
    yield gate
    gate.set()
