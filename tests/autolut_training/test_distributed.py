"""Two processes with half of every batch each are one process with the whole of it."""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from autolut_training.api import train_folder
from autolut_training.loop import trainer
from autolut_training.settings import read_recipe
from napari_autolut import load_model
from napari_autolut.training.events import Step
from napari_autolut.training.request import TrainRequest
from tests.recipes import recipe_text

pytestmark = pytest.mark.slow

RECIPE = {
    "scale": 2, "channels": (2, 1), "branches": 2, "window": 3, "skip": True, "steps": 12,
    "grids": ((0.0, 3), (0.5, 5)), "batch": 2, "crop": 16, "intensity_augmentation": 0.5,
    "noise": 2.0, "multi_scale": (),
}  # fmt: skip
PROGRAM = """
import contextlib, os
from autolut_training.loop import distributed
from autolut_training.loop import trainer
from autolut_training.__main__ import app
trainer.SECONDS_BETWEEN_STEP_EVENTS = 0.0
try:
    app()
finally:
    # A thread of the group's that is left at the end may end the process with SIGABRT.
    assert not distributed.distributed.is_initialized()
    tasks = "/proc/self/task"
    for task in os.listdir(tasks) if os.path.isdir(tasks) else ():
        with contextlib.suppress(OSError):  # it has ended since
            assert "gloo" not in open(f"{tasks}/{task}/comm").read()
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def started(count, *arguments, before=""):
    """Processes as torchrun starts them; ``before`` is run in each of them first."""
    common = {
        "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count, "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": free_port(), "OMP_NUM_THREADS": 1,
    }  # fmt: skip
    return [
        subprocess.Popen(
            [sys.executable, "-c", before + PROGRAM, *map(str, arguments)],
            env=os.environ | {k: str(v) for k, v in common.items()}
            | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for rank in range(count)
    ]  # fmt: skip


def finished(processes):
    ends = [process.communicate(timeout=200) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), ends
    return [[json.loads(line) for line in out.splitlines()] for out, _ in ends]


DISTILLED = {
    "route": "distilled", "label_weight": 0.5, "distill_start": 0.5, "features": 4, "blocks": 1,
}  # fmt: skip


@pytest.mark.parametrize("route", ["direct", "distilled"])
def test_the_loss_curve_of_a_doubled_batch(folder, tmp_path, monkeypatch, route):
    half, double = tmp_path / "half.toml", tmp_path / "double.toml"
    for path, batch in ((half, 2), (double, 4)):
        # Noise is the one thing that cannot be distilled.
        changes = {"noise": 0.0, **DISTILLED} if route == "distilled" else {}
        path.write_text(recipe_text(**{**RECIPE, **changes, "batch": batch}))
    out = tmp_path / "two.safetensors"
    request = tmp_path / "request.toml"
    TrainRequest(folder, out, recipe=str(half)).write(request)
    first, second = finished(started(2, request, "--json-events"))
    assert first[0]["event"] == "started" and first[-1]["event"] == "done"
    assert second == [], "only the first process tells"

    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_STEP_EVENTS", 0.0)
    alone = tmp_path / "one.safetensors"
    whole, _ = read_recipe(str(double))
    curve = [e.loss for e in train_folder(folder, alone, whole) if isinstance(e, Step)]
    together = [event["loss"] for event in first if event["event"] == "step"]
    assert len(curve) == 12
    np.testing.assert_allclose(together, curve, rtol=1e-3)
    for a, b in zip(load_model(out).tables, load_model(alone).tables, strict=True):
        np.testing.assert_allclose(a.values * a.scale, b.values * b.scale, atol=2 * a.scale)


def test_a_full_disk_of_the_first_sends_the_second_home(folder, tmp_path):
    recipe = tmp_path / "half.toml"
    recipe.write_text(recipe_text(**{**RECIPE, "steps": 1000000}))
    no_room = (
        "import autolut_training.loop.trainer as t; t.SECONDS_BETWEEN_CHECKPOINTS = 0.0\n"
        "def full(*_, **__): raise OSError(28, 'No space left on device')\n"
        "t.save_model = full\n"
    )
    request = tmp_path / "request.toml"
    TrainRequest(folder, tmp_path / "t.safetensors", recipe=str(recipe)).write(request)
    processes = started(2, request, before=no_room)
    ends = [process.communicate(timeout=200) for process in processes]
    assert [process.returncode for process in processes] == [2, 0], ends
    assert "No space left on device; training stopped at step 1, without a table" in ends[0][1]
