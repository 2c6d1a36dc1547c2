"""Runs whose tables learn from a network that learns first."""

import time

import numpy as np
import pytest

from autolut_training.api import train_folder, train_request
from autolut_training.data.dataset import read_folder
from autolut_training.loop import trainer
from autolut_training.loop.distributed import LEAVE
from autolut_training.loop.run import Run
from autolut_training.loop.schedule import Schedule
from autolut_training.loop.trainer import checkpoint_path, train
from autolut_training.models.label_network import LabelNetwork, LabelNetworkError
from autolut_training.settings import Settings, SettingsError
from napari_autolut.model import Card
from napari_autolut.storage.model_file import load_model_file
from napari_autolut.training.events import Checkpoint, Done, Step, Validation
from napari_autolut.training.request import TrainRequest
from tests.conftest import small_model
from tests.recipes import recipe_text

QUICK = {
    "scale": 2, "channels": (1,), "branches": 1, "window": 3, "grids": ((0.0, 3),), "batch": 2,
    "crop": 16, "multi_scale": (), "route": "distilled", "label_weight": 0.5,
    "distill_start": 0.5,
    "features": 4, "blocks": 1, "minutes": None, "steps": 8,
}  # fmt: skip


def test_a_run(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = list(train_folder(folder, out, Settings.of(**QUICK)))
    done = events[-1]
    assert isinstance(done, Done) and done.step == 8
    assert load_model_file(out).scale == 2
    assert not checkpoint_path(out).exists()
    last = [event for event in events if isinstance(event, Validation)][-1]
    assert last.best and not last.teacher and done.psnr == last.psnr


def test_both_halves_get_better(folder, tmp_path):
    changes = {"steps": 240, "features": 8, "batch": 4, "label_weight": 1.0}
    dataset_settings = Settings.of(**{**QUICK, **changes})
    dataset = read_folder(folder, 2, crop=16)
    run = Run(dataset, dataset_settings, tmp_path / "t.safetensors", Card("t"))
    before, model = run.validate()
    assert model is None and run.trains_network
    while run.trains_network and run.step < 120:
        run.advance(*run.schedule.point)
    learned, _ = run.validate()
    assert learned > before
    run.advance(*run.schedule.point)
    first, model = run.validate()
    assert model is not None and not run.trains_network
    while run.schedule.progress < 1:
        run.advance(*run.schedule.point)
    assert run.validate()[0] > first + 1


@pytest.mark.parametrize("steps_before", [3, 6])
def test_resumed_runs_end_alike(folder, tmp_path, steps_before):
    settings, dataset = Settings.of(**QUICK), read_folder(folder, 2, crop=16)
    whole, cut = tmp_path / "whole.safetensors", tmp_path / "cut.safetensors"
    list(train(dataset, settings, whole, Card("t")))
    run = Run(dataset, settings, cut, Card("t"))
    for _ in range(steps_before):
        run.advance(*run.schedule.point)
    run.save(checkpoint_path(cut))
    events = list(train(dataset, settings, cut, Card("t"), resume=True))
    assert isinstance(events[-1], Done)
    expected, found = load_model_file(whole), load_model_file(cut)
    for one, other in zip(expected.tables, found.tables, strict=True):
        np.testing.assert_array_equal(one.values, other.values)


def test_stopped_while_the_network_learns(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("autolut_training.loop.trainer.SECONDS_BETWEEN_STEP_EVENTS", 0.0)
    monkeypatch.setattr("autolut_training.loop.trainer.SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    out = tmp_path / "t.safetensors"
    settings = Settings.of(**QUICK)
    events = train_folder(folder, out, settings, previews=True)
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, Checkpoint):
            break
    events.close()
    [measured] = [event for event in seen if isinstance(event, Validation)]
    assert measured.teacher and not measured.best
    assert not out.exists() and checkpoint_path(out).exists()
    assert out.with_name("t.safetensors.preview.png").exists()
    rest = list(train_folder(folder, out, settings, resume=True))
    assert isinstance(rest[-1], Done) and out.exists()
    assert max(event.progress for event in rest if isinstance(event, Step)) <= 1


def test_what_the_teacher_takes_for_its_answers_is_not_taken_from_the_minutes(
    folder, tmp_path, monkeypatch
):
    original = LabelNetwork.answer

    def slow(self, plane):
        time.sleep(0.2)
        return original(self, plane)

    settings = Settings.of(**QUICK)
    run = Run(read_folder(folder, 2, crop=16), settings, tmp_path / "t.safetensors", Card("t"))
    while run.schedule.progress < 0.5:
        run.advance(*run.schedule.point)
    monkeypatch.setattr(LabelNetwork, "answer", slow)
    begun, before = time.monotonic(), run.schedule.clock.seconds
    run.advance(*run.schedule.point)
    assert not run.trains_network
    took, counted = time.monotonic() - begun, run.schedule.clock.seconds - before
    assert took - counted >= 0.79


def test_the_networks_fall_does_not_end_the_run_of_the_tables():
    schedule = Schedule(Settings.of(**{**QUICK, "patience": 1}), step=5)
    for psnr in (30.0, 20.0):
        schedule.judge(psnr)
    assert schedule.early is not None
    schedule.begin_tables()
    assert schedule.early is None and schedule.judge(10.0) and schedule.progress == 5 / 8


def test_helpers_leave_while_a_network_learns():
    run = type("R", (), {"trains_network": True})()
    assert trainer._goes_on(run, (1.0, 3)) and not trainer._goes_on(run, (LEAVE, 0))
    run.trains_network = False
    assert trainer._goes_on(run, (0.9, 3)) and not trainer._goes_on(run, (1.0, 3))


def test_a_card_that_is_interrupted_while_it_asks_can_still_save(folder, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    settings, out = Settings.of(**QUICK), tmp_path / "t.safetensors"
    run = Run(read_folder(folder, 2, crop=16), settings, out, Card("t"))
    monkeypatch.setattr("autolut_training.loop.labels.crop_source", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.advance(0.5, 3)
    run.save(checkpoint_path(out))
    monkeypatch.undo()
    assert isinstance(list(train(read_folder(folder, 2, crop=16), settings, out, Card("t"),
                                 resume=True))[-1], Done)  # fmt: skip


def test_so_short_that_no_time_is_left_for_tables(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    settings = Settings.of(**{**QUICK, "steps": None, "minutes": 1e-9})
    events = list(train_folder(folder, out, settings))
    assert isinstance(events[-1], Done) and np.isfinite(events[-1].psnr)
    assert load_model_file(out).scale == 2


def test_the_shell_says_whose_figure_it_is(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("autolut_training.loop.trainer.SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    recipe = tmp_path / "r.toml"
    recipe.write_text(recipe_text(**QUICK))
    train_request(TrainRequest(folder, tmp_path / "t.safetensors", recipe=str(recipe)))
    assert "(the network)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label_weight": 0.0}, "distillation.label_weight: found 0.0, expected more than 0 on"),
        ({"distill_start": 1.0}, "distillation.distill_start: found 1.0, expected less than 1 on"),
        ({"extra_downscales": (2,)},
         r"extra_downscales: found \(2,\), expected different whole numbers from 2"),
        ({"scale": 4, "extra_downscales": (2,), "route": "direct", "distill_start": 1.0,
          "label_weight": 0.0}, r"extra_downscales: found \(2,\), expected none but on"),
        ({"noise": 5.0}, "data: found a noisy degradation, expected one without"),
        ({"blocks": 0}, "distillation.blocks: found 0, expected 1 to 1024"),
    ],
)  # fmt: skip
def test_settings_that_do_not_go_together(changes, message):
    with pytest.raises(SettingsError, match=message):
        Settings.of(**{**QUICK, **changes})


def test_finished_tables_cannot_be_asked_as_a_network():
    with pytest.raises(ValueError, match="model: found None"):
        Run.enlarger(type("R", (), {"cascade": small_model("m", 1, 2)})(), None)


def test_a_network_that_has_learned_is_kept_and_serves_the_next_table(folder, tmp_path):
    network, out = tmp_path / "network.safetensors", tmp_path / "t.safetensors"
    settings = Settings.of(**{**QUICK, "network": str(network)})
    assert isinstance(list(train_folder(folder, out, settings))[-1], Done)
    written = network.read_bytes()
    dataset = read_folder(folder, 2, crop=16)
    run = Run(dataset, settings, out, Card("t"))
    assert not run.trains_network and run.step == 4 and run.schedule.progress == 0.5
    events = list(train_folder(folder, out, settings, overwrite=True))
    assert isinstance(events[-1], Done)
    assert not any(event.teacher for event in events if isinstance(event, Validation))
    assert network.read_bytes() == written
    network.write_bytes(b"something else")
    with pytest.raises(LabelNetworkError, match=r"network\.safetensors: found another file"):
        Run(dataset, settings, out, Card("t"))


def test_a_network_is_not_kept_in_a_folder_that_is_not_there(folder, tmp_path):
    settings = Settings.of(**{**QUICK, "network": str(tmp_path / "none" / "network.safetensors")})
    out = tmp_path / "t.safetensors"
    assert isinstance(list(train_folder(folder, out, settings))[-1], Done)
    assert not (tmp_path / "none").exists()
