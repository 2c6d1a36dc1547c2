"""The trainer as a process: heard, commanded, and what its end means."""

import os
import subprocess
import sys
import tracemalloc

import pytest

from napari_autolut.training.commands import Command
from napari_autolut.training.events import Done, Started, Step, Validation
from napari_autolut.training.process import (
    NICENESS,
    PROGRAM,
    AlreadyTrainingError,
    Outcome,
    TrainingProcess,
)
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.runs import REQUEST, begin_run
from tests.training_runs import request_of, until, use_fake_trainer


@pytest.fixture
def start(models_folder, tmp_path, monkeypatch):
    """Starts a stand-in that does as it is told; ends what is left of it."""
    processes = []

    def begin(how, run=None):
        use_fake_trainer(monkeypatch, models_folder, how)
        made = TrainingProcess(run or begin_run(request_of(tmp_path / "images")))
        processes.append(made)
        return made

    yield begin
    for each in processes:
        each.kill()
        to_the_end(each)


def listen(process, kind):
    """Events up to one of this kind."""
    events = []

    def seen():
        events.extend(process.take()[0])
        return any(isinstance(event, kind) for event in events)

    until(seen)
    return events


def to_the_end(process):
    """All other events, and the end; nothing where the end was taken already."""
    events, ends = [], []

    def over():
        some, end = process.take()
        events.extend(some)
        ends.append(end)
        return end is not None or process._process.stdout.closed

    until(over)
    return events, ends[-1]


def test_events_are_heard_and_other_lines_are_not(start):
    process = start("done")
    events, end = to_the_end(process)
    assert [type(event) for event in events] == [Started, Step, Validation, Done]
    assert end.outcome is Outcome.DONE


def test_a_line_without_an_end_fills_no_memory(start):
    tracemalloc.start()
    try:
        events, _ = to_the_end(start("endless"))
        assert tracemalloc.get_traced_memory()[1] < 2**25
    finally:
        tracemalloc.stop()
    assert isinstance(events[-1], Done)


def test_what_was_told_is_found_again(start):
    process = start("done")
    events, _ = to_the_end(process)
    assert list(process.run.history()) == events


def test_stop_ends_it_in_good_order(start):
    process = start("wait")
    listen(process, Validation)
    process.send(Command.STOP)
    assert to_the_end(process)[1].outcome is Outcome.STOPPED


def test_a_trainer_whose_napari_is_gone_stops_and_keeps(start):
    process = start("wait")
    listen(process, Validation)
    process._process.stdin.close()
    assert to_the_end(process)[1].outcome is Outcome.STOPPED
    assert (process.run.folder / "stopped at end").exists()


def test_a_crash_gives_the_end_of_the_log(start):
    _, end = to_the_end(start("crashed"))
    assert end.outcome is Outcome.FAILED
    assert end.reason == "The trainer ended unexpectedly, with status 7."
    assert "something broke" in end.log


def test_a_refusal_is_the_trainers_own_sentence(start, tmp_path):
    run = begin_run(request_of(tmp_path / "images"))
    (tmp_path / "images").rmdir()
    _, end = to_the_end(start("wait", run))
    assert (end.outcome, end.reason) == (Outcome.FAILED, f"{tmp_path / 'images'}: no such folder")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
def test_a_process_that_the_system_has_ended_says_so(start):
    process = start("wait")
    listen(process, Validation)
    os.kill(process._process.pid, 9)
    _, end = to_the_end(process)
    assert end.outcome is Outcome.FAILED
    assert "signal 9; the system may have run out of memory" in end.reason


def test_a_killed_one_is_no_failure(start):
    process = start("wait")
    process.kill()
    assert to_the_end(process)[1].outcome is Outcome.KILLED


def test_commands_to_one_that_has_ended_do_no_harm(start):
    process = start("done")
    until(lambda: process._process.poll() is not None)
    process.send(Command.PAUSE)
    process.kill()
    to_the_end(process)
    process.send(Command.PAUSE)


def test_a_run_is_trained_by_one_process_at_a_time(start):
    process = start("wait")
    assert process.run.locked
    with pytest.raises(AlreadyTrainingError, match="another napari"):
        start("wait", process.run)
    process.kill()
    to_the_end(process)
    assert not process.run.locked


def test_a_program_that_is_not_there_leaves_no_lock(start, monkeypatch, models_folder, tmp_path):
    run = begin_run(request_of(tmp_path / "images"))
    monkeypatch.setattr("napari_autolut.training.process.PROGRAM", (str(tmp_path / "nothing"),))
    with pytest.raises(OSError, match="nothing"):
        TrainingProcess(run)
    assert not run.locked


def test_a_program_that_windows_does_not_name_is_named(monkeypatch, models_folder, tmp_path):
    def without_its_name(*_, **__):
        raise FileNotFoundError(2, "The system cannot find the file specified")

    run = begin_run(request_of(tmp_path / "images"))
    monkeypatch.setattr(subprocess, "Popen", without_its_name)
    with pytest.raises(FileNotFoundError) as caught:
        TrainingProcess(run)
    assert caught.value.filename == PROGRAM[0]


def test_it_is_patient_and_asked_for_what_was_chosen(start):
    process = start("wait")
    listen(process, Validation)
    folder = process.run.folder
    assert (folder / "patience").read_text() == "passive"
    if sys.platform != "win32":
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, process._process.pid) == max(own, NICENESS)
    run = process.run
    assert TrainRequest.read(folder / REQUEST) == run.request


def test_a_second_time_it_resumes(start):
    process = start("crashed")
    to_the_end(process)
    again = start("wait", process.run)
    listen(again, Validation)
    assert TrainRequest.read(process.run.folder / REQUEST).resume
