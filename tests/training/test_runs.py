"""Trainings on disk: found again, and removed without a trace."""

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from napari_autolut.storage.model_file import load_model_file
from napari_autolut.storage.tensor_file import ModelFileError
from napari_autolut.training.events import Paused
from napari_autolut.training.runs import (
    DESCRIPTION,
    HISTORY,
    LOG,
    REQUEST,
    begin_run,
    delete_run,
    list_runs,
    new_folder,
    publish,
    runs_folder,
)
from napari_autolut.util.file_lock import FolderLock
from tests.training_runs import request_of


def learned(run):
    """The same training after its first checkpoint."""
    run.checkpoint.write_text("here")
    return run


@pytest.fixture
def run(models_folder, tmp_path):
    return learned(begin_run(request_of(tmp_path / "images")))


def test_a_training_that_never_began_is_not_listed(models_folder, tmp_path):
    run = begin_run(request_of(tmp_path / "images"))
    assert not run.began and list_runs() == []


def test_a_training_is_found_again_as_it_was_begun(run):
    assert list_runs() == [run]
    assert run.folder.parent == runs_folder()


@pytest.mark.parametrize("denied", ["training", "own-x2"])
def test_trainings_that_may_not_be_looked_at_are_not_listed(run, monkeypatch, denied):
    """In another user's home, or on a share that went."""

    def refused(real):
        def call(path, *args, **options):
            if denied in str(path):
                raise PermissionError(errno.EACCES, "denied", str(path))
            return real(path, *args, **options)

        return call

    for owner, name in ((os, "stat"), (Path, "iterdir")):
        monkeypatch.setattr(owner, name, refused(getattr(owner, name)))
    assert list_runs() == [] and not run.began and not run.has_new_table


def test_without_trainings_there_is_no_folder(models_folder):
    assert list_runs() == []
    assert not runs_folder().exists()


def test_folders_that_hold_no_training_are_passed_over(run):
    new_folder()
    broken = new_folder()
    (broken / DESCRIPTION).write_text("{")
    other = new_folder()
    (other / DESCRIPTION).write_text(json.dumps({"begun": "today"}))
    deep = learned(begin_run(run.request))
    (deep.folder / DESCRIPTION).write_text("[" * 100_000)
    (runs_folder() / "a file").write_text("")
    assert list_runs() == [run]


def test_a_history_that_lost_some_bytes_is_read_as_far_as_it_goes(run):
    whole = b'{"event": "paused", "step": 3}'
    (run.folder / HISTORY).write_bytes(b"\xff\0\n" + whole + b"\n" + whole[:9])
    assert list(run.history()) == [Paused(3)]


def test_what_never_became_a_training_is_removed_the_next_day(run):
    old, young = new_folder(), new_folder()
    for folder in (old, run.folder):
        os.utime(folder, (0, 0))
    new_folder()
    assert not old.exists()
    assert young.exists() and run.folder.exists()


def test_the_latest_comes_first(run, tmp_path):
    description = run.folder / DESCRIPTION
    content = json.loads(description.read_text())
    description.write_text(json.dumps({**content, "begun": "2001-01-01T00:00:00"}))
    later = learned(begin_run(request_of(tmp_path / "images", "later")))
    assert [each.request.name for each in list_runs()] == ["later", "own-x2"]
    delete_run(later)
    assert not later.folder.exists()


def test_history_and_log_are_read_as_far_as_they_go(run):
    assert (list(run.history()), run.log()) == ([], "")
    (run.folder / HISTORY).write_text('{"event": "paused", "step": 3}\n[1]\n{"event": "st')
    (run.folder / LOG).write_text("\n".join(str(line) for line in range(99)))
    assert list(run.history()) == [Paused(3)]
    assert run.log().splitlines()[-1] == "98"
    assert len(run.log().splitlines()) == 30


def test_publishing_takes_a_free_name(run, models_folder):
    (models_folder / "own-x2.safetensors").write_bytes(b"precious")
    shutil.copy(models_folder / "small-x2.safetensors", run.table)
    made, path = publish(run)
    assert path == models_folder / "own-x2-2.safetensors"
    card = load_model_file(path).card
    assert card.name == "own-x2-2"
    assert not made.has_new_table
    assert made in list_runs()
    shutil.copy(models_folder / "small-x4.safetensors", run.table)
    for time in (2**31, 2**20):
        os.utime(run.table, (time, time))
        assert made.has_new_table, "it learned something since, whatever the clock says"
    path.unlink()
    assert made.has_new_table, "its model was deleted"
    _, again = publish(made)
    assert again == path
    assert load_model_file(path).scale == 4
    assert (models_folder / "own-x2.safetensors").read_bytes() == b"precious"


def test_a_training_of_an_earlier_version_is_read(run):
    description = run.folder / DESCRIPTION
    content = json.loads(description.read_text())
    description.write_text(json.dumps({**content, "published": ["own-x2.safetensors", "ab"]}))
    assert [each.published for each in list_runs()] == [("own-x2.safetensors", "ab", 0)]


def test_a_record_of_impossible_numbers_is_no_training(run):
    description = run.folder / DESCRIPTION
    description.write_text('{"begun": "", "published": ["a.safetensors", "ab", Infinity]}')
    assert list_runs() == []


def test_there_is_nothing_to_publish_before_the_first_table(run):
    assert not run.has_new_table
    with pytest.raises(ModelFileError, match="no such file"):
        publish(run)


def test_a_lock_is_held_once_and_can_be_given_back(tmp_path):
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    first.release()
    assert second.acquire()
    second.release()


@pytest.mark.skipif(os.name == "nt", reason="pipes ask for rights there")
@pytest.mark.parametrize("name", [DESCRIPTION, HISTORY, LOG])
def test_nobody_waits_at_a_pipe(run, name):
    """The window would for ever, wherever the dock is opened."""
    (run.folder / name).unlink(missing_ok=True)
    os.mkfifo(run.folder / name)
    assert len(list_runs()) == (name != DESCRIPTION)
    assert (list(run.history()), run.log()) == ([], "")


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
def test_what_a_record_names_is_read_where_it_is_a_file(run):
    content = json.loads((run.folder / DESCRIPTION).read_text())
    said = {**content, "published": ["/dev/zero", "digest", 0]}
    (run.folder / DESCRIPTION).write_text(json.dumps(said))
    (found,) = list_runs()
    run.table.write_bytes(b"nothing")
    with pytest.raises(ModelFileError):
        publish(found)


def test_a_name_that_no_disk_takes_hides_no_other_training(run, tmp_path):
    other = learned(begin_run(run.request))
    text = (other.folder / REQUEST).read_text("utf-8")
    (other.folder / REQUEST).write_text(text.replace("own-x2.safetensors", 300 * "x"), "utf-8")
    assert list_runs() == [run]
