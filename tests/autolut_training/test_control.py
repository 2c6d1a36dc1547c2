"""A run obeys what is typed into it, and tells an end of input from a stop."""

import json
import os
import subprocess
import sys

import pytest

from autolut_training.report.control import (
    InputCommands,
    StopRun,
    follow,
)
from napari_autolut import load_model
from napari_autolut.training.events import Done, Started, Step, Validation
from tests.recipes import TINY, recipe_text

STARTED = Started(4, 1, {}, 30.0)
DONE = Done(9, 1.0, 31.0, 30.0, "t")


def step(number):
    return Step(number, number / 10, 1.0, 1.0, 1.0)


class Runs:
    """Begins runs of five steps; remembers which were resumed and which were closed."""

    def __init__(self):
        self.resumed, self.closed, self.at = [], 0, 0

    def begin(self, resume):
        self.resumed.append(resume)
        try:
            yield STARTED
            while self.at < 5:
                self.at += 1
                yield step(self.at)
        except StopRun:
            self.closed += 1
            yield Validation(self.at, 31.0, 30.0, best=True)
            return
        except GeneratorExit:
            self.closed += 1
            raise
        yield DONE


class Script:
    """Commands to be given after certain numbers of events, and while paused."""

    def __init__(self, given, paused=()):
        self.given, self.paused, self.asked = given, list(paused), 0

    def latest(self):
        self.asked += 1
        return self.given.get(self.asked)

    def wait_for(self, *wanted):
        return self.paused.pop(0)


def names(emitted):
    return [type(each).__name__ for each in emitted]


def test_without_a_command_a_run_runs_to_its_end():
    runs, emitted = Runs(), []
    follow(runs.begin, Script({}), emitted.append, "t")
    assert names(emitted) == ["Started", *["Step"] * 5, "Done"]
    assert (runs.resumed, runs.closed) == ([False], 0)


def test_stop_closes_the_run_and_says_where_the_table_is():
    runs, emitted = Runs(), []
    follow(runs.begin, Script({3: "stop"}), emitted.append, "table")
    assert names(emitted) == ["Started", "Step", "Step", "Validation", "Stopped"]
    assert (emitted[-1].step, emitted[-1].path, runs.closed) == (2, "table", 1)


def test_a_pause_closes_the_run_and_resume_continues_it():
    runs, emitted = Runs(), []
    follow(runs.begin, Script({3: "pause"}, ["resume"]), emitted.append, "t")
    assert names(emitted)[3:6] == ["Validation", "Paused", "Started"]
    assert [each.step for each in emitted if isinstance(each, Step)] == [1, 2, 3, 4, 5]
    assert names(emitted)[-1] == "Done"
    assert (runs.resumed, runs.closed) == ([False, True], 1)


def test_a_paused_run_can_be_stopped():
    runs, emitted = Runs(), []
    follow(runs.begin, Script({1: "pause"}, ["stop"]), emitted.append, "t")
    assert names(emitted) == ["Started", "Validation", "Paused", "Stopped"]
    assert runs.resumed == [False]


def test_words_that_mean_nothing_are_ignored():
    runs, emitted = Runs(), []
    follow(runs.begin, Script({2: "resume", 3: "stopp"}), emitted.append, "t")
    assert names(emitted)[-1] == "Done"


def test_a_run_is_closed_when_nobody_listens_any_more():
    runs = Runs()

    def gone(emitted):
        if isinstance(emitted, Step):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        follow(runs.begin, Script({}), gone, "t")
    assert runs.closed == 1


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield InputCommands(reading), writing
    os.close(reading)


def test_commands_are_read_line_by_line_without_waiting(pipe):
    commands, writing = pipe
    assert commands.latest() is None
    os.write(writing, b"pau")
    assert commands.latest() is None
    os.write(writing, b"se\r\nresume\nst")
    assert commands.latest() == "resume"
    os.write(writing, b"op\n")
    assert commands.wait_for("resume", "stop") == "stop"
    os.close(writing)


def test_the_end_of_input_stops_nothing_unless_it_was_agreed_on(pipe):
    commands, writing = pipe
    os.close(writing)
    assert commands.latest() is None
    assert commands.latest() is None


def test_the_end_of_input_stops_where_it_was_agreed_on(pipe):
    commands, writing = pipe
    os.write(writing, b"stop at end\n")
    assert commands.latest() is None
    os.close(writing)
    assert commands.latest() == "stop"


def test_a_pause_that_nobody_can_end_is_a_stop(pipe):
    commands, writing = pipe
    os.close(writing)
    assert commands.wait_for("resume", "stop") == "stop"


RECIPE = recipe_text(**TINY | {"steps": 100_000}, multi_scale=())


def test_a_trainer_is_paused_resumed_and_stopped_from_outside(folder, tmp_path):
    recipe, out = tmp_path / "small.toml", tmp_path / "t.safetensors"
    recipe.write_text(RECIPE)
    command = [sys.executable, "-m", "napari_autolut", "train", str(folder), "--out", str(out)]
    with subprocess.Popen(
        [*command, "--recipe", str(recipe), "--json-events"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip

        def say(command):
            process.stdin.write(f"{command}\n")
            process.stdin.flush()

        def until(name):
            for line in process.stdout:
                event = json.loads(line)
                if event["event"] == name:
                    return event
            raise AssertionError(f"the run ended without {name!r}")

        say("pause")
        paused = until("paused")
        assert out.exists(), "what was learned is kept during a pause"
        say("resume")
        until("started")
        assert until("step")["step"] > paused["step"]
        say("stop at end")
        process.stdin.close()
        assert until("stopped")["path"] == str(out)
        assert process.wait(60) == 0
    assert load_model(out).scale == 2
    assert out.with_name(out.name + ".checkpoint").exists()
