"""Trainings that are killed at any moment, from the shell and from the dock, and resumed.

Belongs here: small trainings that write a checkpoint at every step. What is lost of a real one is
the time since the last checkpoint, which is looked up.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from skimage import data, io

from napari_autolut.model import LutModel
from napari_autolut.storage import load_model_file
from napari_autolut.training import process
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.runs import begin_run
from napari_autolut.training.session import Training
from tests.soak.part import ROOT, Finding, folder, scaled

KILLS = 2
RECIPE_NAME = "small.toml"
MOST_LOST = 60.0
"""Seconds that a killed training may lose."""

STEPS = 15
RECIPE = """
[data]
crop = 16
multi_scale = []
[model]
channels = [1]
branches = 1
window = 3
skip = false
[optimiser]
grids = [[0.0, 3]]
batch = 1
"""
AT_EVERY_STEP = """
from autolut_training.loop import trainer
trainer.SECONDS_BETWEEN_CHECKPOINTS = 0.0
"""
FROM_SHELL = AT_EVERY_STEP + "from napari_autolut.cli import main\nmain()"
FROM_DOCK = AT_EVERY_STEP + "from autolut_training.__main__ import app\napp()"
SECONDS = 300.0
"""After which a training counts as stuck."""


def run(amount: float) -> Iterator[Finding]:
    """Kill both."""
    from autolut_training.loop import trainer

    rng, kills = np.random.default_rng(), scaled(KILLS, amount)
    seconds = trainer.SECONDS_BETWEEN_CHECKPOINTS
    late = () if seconds <= MOST_LOST else (f"{seconds:g} s between checkpoints",)
    with folder() as place:
        (place / RECIPE_NAME).write_text(RECIPE)
        images = place / "images"
        images.mkdir()
        for number in range(3):
            part = data.camera()[number * 96 : number * 96 + 96, 128:224]
            io.imsave(images / f"{number}.png", part)
        for name, one in (("the shell", from_shell), ("the dock", from_dock)):
            killed, faults = one(place, kills, rng)
            found = f"{killed} times; resumed to the same bits, at most {seconds:g} s lost"
            yield Finding(f"kill -9 of a training from {name}", found, (*late, *faults))


def from_shell(place: Path, kills: int, rng: np.random.Generator) -> tuple[int, list[str]]:
    """The command."""

    def command(out: Path) -> list[str]:
        resume = out.with_name(f"{out.name}.checkpoint").exists()
        arguments = ["train", place / "images", "--out", out, "--recipe", place / RECIPE_NAME,
                     "--scale", 2, "--steps", STEPS,
                     "--resume" if resume else "--overwrite"]  # fmt: skip
        return [sys.executable, "-c", FROM_SHELL, *map(str, arguments)]

    whole, out = place / "whole.safetensors", place / "killed.safetensors"
    seconds = ended(command(whole), whole, None)
    killed = 0
    for _ in range(kills):
        killed += ended(command(out), out, float(rng.uniform(0, seconds))) < 0
    ended(command(out), out, None)
    return killed, differences(load_model_file(whole), load_model_file(out))


def ended(command: list[str], out: Path, kill_after: float | None) -> float:
    """Run a training; seconds from its first checkpoint to its end, or -1 if it was killed."""
    checkpoint = out.with_name(f"{out.name}.checkpoint")
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    had = checkpoint.exists()
    while started.poll() is None and not (had or checkpoint.exists()):
        time.sleep(0.01)
    first = time.monotonic()
    try:
        said, _ = started.communicate(timeout=SECONDS if kill_after is None else kill_after)
    except subprocess.TimeoutExpired:
        started.kill()
        started.communicate()
        if out.exists():
            load_model_file(out)
        return -1
    if started.returncode:
        raise RuntimeError(f"exit {started.returncode}: {said.decode()[-300:]}")
    return time.monotonic() - first


def from_dock(place: Path, kills: int, rng: np.random.Generator) -> tuple[int, list[str]]:
    """What the dock starts, watches and takes up again."""
    program = (sys.executable, "-c", FROM_DOCK, "--json-events")
    home = {"XDG_DATA_HOME": str(place / "home")}
    with patch.object(process, "PROGRAM", program), patch.dict(os.environ, home):
        asked = TrainRequest(place / "images", Path("whole.safetensors"), scale=2, steps=STEPS,
                             recipe=str(place / RECIPE_NAME))  # fmt: skip
        whole = begin_run(asked)
        training, seconds = followed(Training(whole), None)
        expected, killed = model_of(training), 0
        run = begin_run(replace(asked, out=Path("killed.safetensors")))
        for _ in range(kills):
            training, _ = followed(Training(run), float(rng.uniform(0, seconds)))
            killed += training.model is None
            if training.model is not None:
                return killed, differences(expected, model_of(training))
        training, _ = followed(Training(run), None)
    return killed, differences(expected, model_of(training))


def followed(training: Training, kill_after: float | None) -> tuple[Training, float]:
    """Look after a training until it is over; seconds since its trainer began to learn."""
    first = None
    end = time.monotonic() + SECONDS
    while not training.over:
        training.poll()
        now = time.monotonic()
        if first is None and training.run.checkpoint.exists():
            first = now
        if first is not None and kill_after is not None and now > first + kill_after:
            os.kill(training._process._process.pid, signal.SIGKILL)
            kill_after = None
        if now > end:
            training.discard()
            raise RuntimeError("the trainer is stuck")
        time.sleep(0.005)
    return training, time.monotonic() - (first or time.monotonic())


def model_of(training: Training) -> LutModel:
    """What a training ended with."""
    if training.model is None:
        raise RuntimeError(f"no model: {training.end}")
    return load_model_file(training.model)


def differences(one: LutModel, other: LutModel) -> list[str]:
    """Whether two models have the same tables."""
    pairs = zip(one.tables, other.tables, strict=True)
    same = all(np.array_equal(a.values, b.values) for a, b in pairs)  # type: ignore[union-attr]
    return [] if same else ["the resumed training has other tables than the uninterrupted one"]
