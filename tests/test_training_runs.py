"""Trainings on disk: found again, and removed without a trace."""

import json

import pytest

from napari_autolut.catalogue import user_models_folder
from napari_autolut.file_lock import FolderLock
from napari_autolut.training_runs import (
    DESCRIPTION,
    HISTORY,
    LOG,
    begin_run,
    delete_run,
    list_runs,
    new_folder,
    publish,
    runs_folder,
)
from tests.training_runs import plan_of


@pytest.fixture
def run(models_folder, tmp_path):
    return begin_run(plan_of(tmp_path / "images"))


def test_a_training_is_found_again_as_it_was_begun(run):
    assert list_runs() == [run]
    assert run.folder.parent == runs_folder()


def test_without_trainings_there_is_no_folder(models_folder):
    assert list_runs() == []
    assert not runs_folder().exists()


def test_folders_that_hold_no_training_are_passed_over(run):
    new_folder()
    broken = new_folder()
    (broken / DESCRIPTION).write_text("{")
    other = new_folder()
    (other / DESCRIPTION).write_text(json.dumps({"plan": {"name": 3}}))
    (runs_folder() / "a file").write_text("")
    assert list_runs() == [run]


def test_the_latest_comes_first(run, tmp_path):
    description = run.folder / DESCRIPTION
    content = json.loads(description.read_text())
    description.write_text(json.dumps({**content, "begun": "2001-01-01T00:00:00"}))
    later = begin_run(plan_of(tmp_path / "images", "later"))
    assert [each.plan.name for each in list_runs()] == ["later", "own-x2"]
    delete_run(later)
    assert not later.folder.exists()


def test_history_and_log_are_read_as_far_as_they_go(run):
    assert (list(run.history()), run.log()) == ([], "")
    (run.folder / HISTORY).write_text('{"event": "step"}\n[1]\n{"event": "st')
    (run.folder / LOG).write_text("\n".join(str(line) for line in range(99)))
    assert list(run.history()) == [{"event": "step"}]
    assert run.log().splitlines()[-1] == "98"
    assert len(run.log().splitlines()) == 30


def test_publishing_takes_a_free_name(run):
    folder = user_models_folder()
    (folder / "own-x2.safetensors").write_bytes(b"precious")
    run.table.write_bytes(b"table")
    made, path = publish(run)
    assert path == folder / "own-x2-2.safetensors"
    run.table.write_bytes(b"better")
    _, again = publish(made)
    assert (again, again.read_bytes()) == (path, b"better")
    assert (folder / "own-x2.safetensors").read_bytes() == b"precious"


def test_there_is_nothing_to_publish_before_the_first_table(run):
    with pytest.raises(FileNotFoundError):
        publish(run)


def test_a_lock_is_held_once_and_can_be_given_back(tmp_path):
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    first.release()
    assert second.acquire()
    second.release()
