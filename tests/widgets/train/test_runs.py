"""Trainings of the past: listed, resumed, kept and deleted."""

import shutil

import pytest

from napari_autolut.training.runs import begin_run, list_runs
from napari_autolut.util.file_lock import FolderLock
from tests.training_runs import own_models, request_of
from tests.widgets.train_dock import answer, press


@pytest.fixture
def unfinished(models_folder, tmp_path):
    run = begin_run(request_of(tmp_path / "images", "before-x2"))
    shutil.copy(models_folder / "small-x2.safetensors", run.table)
    return run


def test_unfinished_trainings_are_listed_resumed_and_deleted(unfinished, dock, qtbot, monkeypatch):
    (entry,) = dock.source.runs.entries
    press(qtbot, entry.keep)
    qtbot.waitUntil(lambda: dock.page is dock.result)
    assert "before-x2" in own_models()
    press(qtbot, dock.result.again)
    (entry,) = dock.source.runs.entries
    answer(monkeypatch, discard=False)
    press(qtbot, entry.delete)
    assert list_runs() != []
    answer(monkeypatch, discard=True)
    press(qtbot, dock.source.runs.entries[0].delete)
    assert list_runs() == []
    assert dock.source.runs.entries == []
    assert "before-x2" in own_models(), "the model stays"


def test_a_training_of_another_napari_is_left_alone(unfinished, dock, qtbot):

    lock = FolderLock(unfinished.folder)
    assert lock.acquire()
    dock.source.refresh()
    (entry,) = dock.source.runs.entries
    assert not entry.resume.isEnabled() and not entry.delete.isEnabled()
    lock.release()
