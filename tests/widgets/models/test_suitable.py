"""Which model suits an image, found beside the window."""

from threading import current_thread, main_thread

import pytest
from qtpy.QtCore import QObject

from napari_autolut.arrays import ModelChoice
from napari_autolut.storage import ModelFileError
from napari_autolut.widgets.models import suitable as module
from napari_autolut.widgets.models.suitable import SuitableModel

CHOICE = ModelChoice("micro-x2", "A micrograph: micro-x2", "micrograph")


@pytest.fixture
def suitable(qtbot, wait_for_threads):
    owner = QObject()
    yield SuitableModel(owner)
    wait_for_threads()


def test_the_window_does_not_wait_for_the_file(suitable, qtbot, monkeypatch):
    reads = []
    monkeypatch.setattr(module, "load_model", lambda name: reads.append((name, current_thread())))
    with qtbot.waitSignal(suitable.found) as found:
        suitable.choose_by(lambda: CHOICE)
    assert found.args == [CHOICE]
    ((name, thread),) = reads
    assert name == CHOICE.name
    assert thread is not main_thread()


def test_a_damaged_file_is_chosen_all_the_same(suitable, qtbot, monkeypatch):
    def damaged(name):
        raise ModelFileError(f"{name}.safetensors", "tensors", "10 bytes", "20")

    monkeypatch.setattr(module, "load_model", damaged)
    with qtbot.waitSignal(suitable.found) as found:
        suitable.choose_by(lambda: CHOICE)
    assert found.args == [CHOICE], "the dock says what is wrong with it"
