"""Runs end to end on small generated images: they learn, resume, and keep what they have."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage import data, io

from autolut_training.api import train_folder, train_request
from autolut_training.data.dataset import read_folder
from autolut_training.loop import trainer
from autolut_training.loop.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from autolut_training.settings import Settings, SettingsError, read_recipe, recipe_names
from napari_autolut import load_model
from napari_autolut.model import Card
from napari_autolut.training.events import Checkpoint, Done, Started, Validation
from napari_autolut.training.images import TrainingDataError
from napari_autolut.training.request import TrainRequest
from napari_autolut.util import atomic
from tests.recipes import TINY, recipe_text

SMALL = Settings.of(
    scale=2, channels=(1,), branches=2, window=3, skip=False, steps=40, minutes=None,
    grids=((0.0, 3), (0.5, 5)), batch=2, crop=16, multi_scale=(),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five pieces of a photograph as PNG, one as 16-bit TIFF, one broken, one too small."""
    root = tmp_path_factory.mktemp("images")
    picture = data.camera()
    for i, (row, column) in enumerate([(384, 0), (0, 128), (128, 256), (256, 128), (384, 384)]):
        io.imsave(root / f"{i}.png", picture[row : row + 128, column : column + 128])
    (root / "deep").mkdir()
    deep = picture[256:384, 256:384].astype(np.uint16) * 200 + 7
    io.imsave(root / "deep" / "16bit.tif", deep, check_contrast=False)
    (root / "broken.png").write_bytes(b"no image")
    io.imsave(root / "small.png", picture[:20, :20], check_contrast=False)
    return root


def run(folder, out, settings=SMALL, **options):
    return list(train_folder(folder, out, settings, **options))


def test_a_run_learns_and_tells(folder, tmp_path):
    out = tmp_path / "own.safetensors"
    events = run(folder, out, SMALL.changed(steps=150))
    started, done = events[0], events[-1]
    assert isinstance(started, Started) and isinstance(done, Done)
    assert (started.images, started.held_out) == (5, 1)
    assert set(started.skipped) == {"broken.png", "small.png"}
    assert "expected at least 32 x 32" in started.skipped["small.png"]
    assert done.step == 150 and done.psnr > done.bicubic_psnr
    model = load_model(out)
    assert model.scale == 2 and model.name == "own"
    assert model.card.benchmark["held-out"]["psnr"] == pytest.approx(done.psnr, abs=0.01)
    assert not trainer.checkpoint_path(out).exists()


def test_same_seed_same_table(folder, tmp_path):
    for name in "ab":
        run(folder, tmp_path / f"{name}.safetensors")
    first, second = (load_model(tmp_path / f"{name}.safetensors") for name in "ab")
    for a, b in zip(first.tables, second.tables, strict=True):
        np.testing.assert_array_equal(a.values, b.values)


def test_stopped_and_resumed_is_uninterrupted(folder, tmp_path):
    whole, halved = tmp_path / "whole.safetensors", tmp_path / "halved.safetensors"
    run(folder, whole)
    dataset = read_folder(folder, 2, crop=16)
    first_half = trainer.Run(dataset, SMALL, halved, Card("halved"))
    while first_half.step < 25:
        first_half.advance(*first_half.schedule.point)
    first_half.save(trainer.checkpoint_path(halved))
    run(folder, halved, resume=True)
    for a, b in zip(load_model(whole).tables, load_model(halved).tables, strict=True):
        np.testing.assert_array_equal(a.values, b.values)


@pytest.mark.parametrize("begin", ["model.", "adam.0.exp_avg", "adam.0.step"])
def test_a_checkpoint_of_another_version_is_one_sentence(folder, tmp_path, begin):
    """What it names otherwise torch told in several lines, and the command with a traceback."""
    out = tmp_path / "t.safetensors"
    path = trainer.checkpoint_path(out)
    begun = trainer.Run(read_folder(folder, 2, crop=16), SMALL, out, Card("t"))
    begun.advance(*begun.schedule.point)
    begun.save(path)
    position, tensors = load_checkpoint(path)
    others = {f"{name}s" if name.startswith(begin) else name: t for name, t in tensors.items()}
    save_checkpoint(path, position, others)
    with pytest.raises(CheckpointError, match="it is damaged or of another version, and this"):
        run(folder, out, resume=True)


def test_closing_the_events_keeps_the_table(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL)
    next(events)
    with pytest.raises(KeyboardInterrupt):
        events.throw(KeyboardInterrupt)
    assert load_model(out).scale == 2
    assert trainer.checkpoint_path(out).is_file()


def test_checkpoints_are_written_while_it_runs(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    events = run(folder, tmp_path / "t.safetensors", SMALL.changed(steps=5))
    assert sum(isinstance(e, Checkpoint) for e in events) == 4
    kept = [e.psnr for e in events if isinstance(e, Validation) and e.best]
    assert kept == sorted(kept), "only better tables replace the stored one"


def test_resume_refuses_other_settings(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL)
    next(events)
    events.close()
    with pytest.raises(CheckpointError, match="a run with other settings"):
        run(folder, out, SMALL.changed(branches=3), resume=True)
    trainer.checkpoint_path(out).write_bytes(b"broken")
    with pytest.raises(CheckpointError, match="expected a checkpoint"):
        run(folder, out, resume=True)


def test_refusals_before_any_work(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainingDataError, match="found no image files, expected PNG"):
        run(tmp_path / "empty", tmp_path / "t.safetensors")
    with pytest.raises(TrainingDataError, match="no such folder"):
        run(tmp_path / "missing", tmp_path / "t.safetensors")
    with pytest.raises(SettingsError, match=r"ends with \.safetensors"):
        run(folder, tmp_path / "t.npy")
    with pytest.raises(SettingsError, match="found no folder"):
        run(folder, tmp_path / "missing" / "t.safetensors")
    existing = tmp_path / "t.safetensors"
    existing.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="exists already"):
        run(folder, existing)
    assert existing.read_bytes() == b"precious"


def test_a_place_that_takes_no_files_is_refused_before_anything(folder, tmp_path, monkeypatch):
    """Windows grants access to every folder when it is asked, and denies each file."""
    out, rename = tmp_path / f"{'n' * 40}.safetensors", Path.rename

    def denied(target, mode):
        raise PermissionError(errno.EACCES, "Access is denied", str(target))

    def limited(path, target):
        if len(target.name) > len(out.name) + 11:  # a table and a checkpoint, but no preview
            raise FileNotFoundError(errno.ENOENT, "The system cannot find the path", str(path))
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "create_beside", denied)
        with pytest.raises(PermissionError, match="nothing can be written there; choose another"):
            run(folder, out)
    monkeypatch.setattr(Path, "rename", limited)
    with pytest.raises(OSError, match="takes no names, or paths, as long as this; choose"):
        run(folder, out)
    assert not list(tmp_path.glob("n*"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scale": 5}, "scale: found 5"),
        ({"crop": 20}, "crop: found 20, expected a multiple of 16"),
        ({"steps": None}, "neither steps nor minutes"),
        ({"minutes": -1.0}, "minutes: found -1.0"),
        ({"minutes": float("inf")}, "minutes: found inf, expected more than 0, at most"),
        ({"steps": 10**20}, "steps: found 1000"),
        ({"seed": -1}, "seed: found -1, expected 0 or more"),
        ({"method": "gaussian", "sigma": 1e9}, "sigma: found 1000000000.0, expected 0 to 100"),
        ({"photons": float("inf")}, "photons: found inf, expected 0 to"),
        ({"scale": 1}, "scale: found 1 without noise"),
        ({"method": "nearest"}, "degradation: found nearest, expected bicubic, area, gaussian"),
        ({"method": "gaussian"}, "sigma: found 0.0, expected more than 0"),
        ({"jpeg": 99}, "jpeg: found 99"),
        ({"intensity_augmentation": 2.0}, "data.intensity_augmentation: found 2.0"),
        ({"window": 9}, "model.window: found 9"),
        ({"grids": ((0.5, 5),)}, "expected a first one at 0"),
    ],
)
def test_settings_that_cannot_be(change, message):
    with pytest.raises(SettingsError, match=message):
        SMALL.changed(**change)


def test_every_recipe_can_be_read(tmp_path):
    assert "standard" in recipe_names()
    for name in recipe_names():
        settings, card = read_recipe(name)
        assert settings.model.architecture.scale == settings.scale
        assert set(card) <= {"task", "description", "licence", "training_data", "source"}
    with pytest.raises(SettingsError, match="found no 'nothing'"):
        read_recipe("nothing")
    wrong = tmp_path / "wrong.toml"
    wrong.write_bytes(b"\xff\x00")
    with pytest.raises(SettingsError, match="found no text, expected a TOML file"):
        read_recipe(str(wrong))
    wrong.write_text("[optimiser]\nspeed = 3\n")
    with pytest.raises(SettingsError, match="speed"):
        read_recipe(str(wrong))


def test_json_events_from_the_shell(folder, tmp_path, capsys):
    recipe = tmp_path / "small.toml"
    recipe.write_text(recipe_text(**TINY))
    out = tmp_path / "t.safetensors"
    request = TrainRequest(folder, out, recipe=str(recipe), degradation={"noise": 5.0})
    train_request(request, json_events=True)
    assert "Gaussian noise of 5" in load_model(out).card.description
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [lines[0]["event"], lines[-1]["event"]] == ["started", "done"]
    assert lines[-1]["path"] == str(out)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to a child there")
def test_ctrl_c_keeps_the_best_table(folder, tmp_path):
    recipe, out = tmp_path / "small.toml", tmp_path / "t.safetensors"
    recipe.write_text(recipe_text(**TINY | {"steps": 100_000}))
    command = (sys.executable, "-m", "napari_autolut", "train", str(folder), "--out", str(out))
    process = subprocess.Popen(
        [*command, "--recipe", str(recipe), "--json-events"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ,
    )  # fmt: skip
    for line in process.stdout:
        if json.loads(line)["event"] == "step":
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert f"the best table so far is {out}" in errors
    assert load_model(out).scale == 2
    assert trainer.checkpoint_path(out).is_file()


@pytest.mark.parametrize("start", ["", "natural-x2-light"])
def test_a_run_whose_time_is_over_before_it_begins_has_no_table(folder, tmp_path, start):
    """Not even the one that it starts from."""
    settings = SMALL.changed(steps=None, minutes=1e-9, init_from=start)
    with pytest.raises(SettingsError, match=r"minutes: found 1e-09, .* give it more time"):
        run(folder, tmp_path / "m.safetensors", settings)
    assert not list(tmp_path.glob("m.*"))
