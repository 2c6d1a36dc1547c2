"""A training from its start to its table in the catalogue."""

from threading import Event, current_thread

import pytest

from napari_autolut import load_model
from napari_autolut.training import session
from napari_autolut.training.process import Outcome
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.runs import begin_run, list_runs, publish
from napari_autolut.training.session import State, Training
from tests.training_runs import own_models, request_of, until, use_fake_trainer


@pytest.fixture
def begin(models_folder, tmp_path, monkeypatch):
    """Begins a training with the stand-in; ends what is left of it."""
    trainings = []

    def start(how="wait", run=None):
        use_fake_trainer(monkeypatch, models_folder, how)
        made = Training(run or begin_run(request_of(tmp_path / "images")))
        trainings.append(made)
        return made

    yield start
    for each in trainings:
        each.discard()
        until(lambda each=each: (each.poll(), each.over)[1])


def reach(training, state):
    def there():
        training.poll()
        return training.state is state

    until(there)


def test_a_finished_training_leaves_its_model_and_nothing_else(begin):
    training = begin("done")
    reach(training, State.ENDED)
    assert training.end.outcome is Outcome.DONE
    assert load_model("own-x2").scale == 2
    assert training.model.stem == "own-x2"
    assert list_runs() == []


def test_a_stopped_one_gives_its_model_and_can_be_resumed(begin):
    training = begin()
    reach(training, State.RUNNING)
    training.stop()
    assert training.state is State.STOPPING
    reach(training, State.ENDED)
    assert training.end.outcome is Outcome.STOPPED
    assert "own-x2" in own_models()
    (run,) = list_runs()
    again = begin("done", run)
    assert again.record.best == 31.0, "the curve goes on from what was told before"
    reach(again, State.ENDED)
    assert own_models().count("own-x2") == 1
    assert "own-x2-2" not in own_models()
    assert list_runs() == []


def test_stopped_before_there_is_a_table_it_says_so_and_stays(begin):
    training = begin("network")
    reach(training, State.RUNNING)
    until(lambda: training.poll() or training.record.network)
    training.stop()
    reach(training, State.ENDED)
    assert training.end.outcome is Outcome.FAILED
    assert training.end.reason.startswith("stopped before there was a table; resume it")
    assert training.model is None and "own-x2" not in own_models()
    (run,) = list_runs()
    assert TrainRequest.read(run.write_request()).resume


def test_a_model_that_somebody_has_changed_meanwhile_is_not_replaced(begin):
    training = begin()
    reach(training, State.RUNNING)
    training.stop()
    reach(training, State.ENDED)
    training.model.write_bytes(b"precious")
    (run,) = list_runs()
    again = begin("done", run)
    reach(again, State.ENDED)
    assert training.model.read_bytes() == b"precious"
    assert again.model.stem == "own-x2-2"


def test_pausing_and_going_on(begin):
    training = begin()
    reach(training, State.RUNNING)
    training.pause()
    assert training.state is State.PAUSING
    reach(training, State.PAUSED)
    training.resume()
    reach(training, State.RUNNING)
    until(lambda: (training.poll(), training.record.step)[1] == 30)


def test_a_paused_one_can_be_stopped(begin):
    training = begin()
    reach(training, State.RUNNING)
    training.pause()
    reach(training, State.PAUSED)
    training.stop()
    reach(training, State.ENDED)
    assert training.end.outcome is Outcome.STOPPED


@pytest.mark.parametrize("state", [State.STARTING, State.RUNNING, State.PAUSED])
def test_discarding_leaves_nothing(begin, state):
    training = begin("silent" if state is State.STARTING else "wait")
    if state is not State.STARTING:
        reach(training, State.RUNNING)
    if state is State.PAUSED:
        training.pause()
        reach(training, State.PAUSED)
    training.discard()
    reach(training, State.ENDED)
    assert not training.run.folder.exists()
    assert "own-x2" not in own_models()


def test_stopped_before_it_began_nothing_of_it_is_kept(begin):
    training = begin("silent")
    training.stop()
    reach(training, State.ENDED)
    assert training.model is None
    assert training.end.reason.startswith("stopped before anything was learned")
    assert list_runs() == [] and not training.run.folder.exists()


def test_stopped_before_it_began_again_all_that_was_learned_is_kept(begin):
    first = begin("network")
    reach(first, State.RUNNING)
    first.stop()
    reach(first, State.ENDED)
    again = begin("silent", run=list_runs()[0])
    again.stop()
    assert not again.measures
    reach(again, State.ENDED)
    assert again.end.reason.startswith("stopped before there was a table; resume it")
    assert again.run.checkpoint.exists() and not again.discarded


def test_a_crash_keeps_what_there_is(begin):
    training = begin("crashed")
    reach(training, State.ENDED)
    assert training.end.outcome is Outcome.FAILED
    (run,) = list_runs()
    assert run.checkpoint.exists() and run.table.exists()


def test_images_that_are_gone_matter_only_at_the_next_start(begin, tmp_path):
    training = begin()
    reach(training, State.RUNNING)
    (tmp_path / "images").rmdir()
    training.stop()
    reach(training, State.ENDED)
    assert training.end.outcome is Outcome.STOPPED
    again = begin(run=list_runs()[0])
    reach(again, State.ENDED)
    assert "no such folder" in again.end.reason
    assert len(list_runs()) == 1


def test_a_table_that_cannot_be_published_is_not_lost(begin, monkeypatch):
    training = begin()
    reach(training, State.RUNNING)
    training.run.table.unlink()
    training.stop()
    reach(training, State.ENDED)
    assert training.end.outcome is Outcome.FAILED
    assert len(list_runs()) == 1


def test_nobody_who_asks_waits_for_the_table_to_be_saved(begin, monkeypatch):
    """A window asks ten times a second, and must not stand still for a slow disk."""
    saved, threads = Event(), []

    def slow(run):
        threads.append(current_thread())
        assert saved.wait(30)
        return publish(run)

    monkeypatch.setattr(session, "publish", slow)
    training = begin("done")
    until(lambda: (training.poll(), threads)[1])
    assert threads[0] is not current_thread()
    assert training.state is State.STOPPING and not training.poll()
    training.discard()  # too late: it is being saved
    saved.set()
    reach(training, State.ENDED)
    assert training.model.stem == "own-x2" and not training.discarded
