"""How far a run is, and when it ends before its time."""

from dataclasses import replace

import pytest

from autolut_training.api import train_folder
from autolut_training.loop import trainer
from autolut_training.loop.schedule import Schedule
from autolut_training.settings import Settings, SettingsError, read_recipe
from napari_autolut import load_model
from napari_autolut.training.events import Done, Finishing, Validation
from napari_autolut.util.clock import Clock

STEPS = Settings.of(steps=100, minutes=None, grids=((0.0, 3), (0.8, 5)), patience=3)


def at(step, *psnrs, settings=STEPS):
    schedule = Schedule(settings, step)
    for psnr in psnrs:
        schedule.judge(psnr)
    return schedule


def test_a_run_that_only_gets_worse_is_run_through_quickly():
    schedule = at(50, 30.0, 30.2, 30.0, 29.9, 29.8)
    assert schedule.finishing and schedule.progress == 0.5
    progress = []
    while schedule.progress < 1:
        schedule.step += 1
        progress.append(schedule.progress)
    assert schedule.step == 55, "a tenth of what it has lasted"
    assert progress == sorted(progress) and progress[0] == pytest.approx(0.6)
    assert schedule.grid_size(1.0) == 3, "no finer grid any more"
    assert schedule.lr_factor(1.0) == 0.01


def test_learning_rates_fall_twice_where_tables_follow_a_network():
    settings = read_recipe("distilled")[0].changed(steps=1000, minutes=None)
    start = settings.distillation.distill_start
    factor = Schedule(settings, step=500).lr_factor
    middle = (1 + start) / 2
    assert [factor(0.0), factor(start / 2), factor(start)] == pytest.approx([1, 0.5, 1])
    assert [factor(middle), factor(1.0)] == pytest.approx([0.5, 0.01])
    assert Schedule(settings).lr_factor(0.0) == pytest.approx(1 / 200), "it rises first"


@pytest.mark.parametrize(
    "psnrs",
    [
        (30.0, 30.2, 30.0, 29.9),
        (30.2, 30.0, 30.0, 30.3, 30.0, 30.0),
        (30.0, 29.99, 29.98, 29.98, 29.99, 29.98),
        (30.0, 30.1, 30.2, 30.3, 30.4),
    ],
)
def test_a_rise_or_a_standstill_is_no_reason(psnrs):
    schedule = at(50, *psnrs)
    assert not schedule.finishing and schedule.progress == 0.5
    assert schedule.grid_size(0.9) == 5


def test_a_network_that_gets_worse_does_not_shorten_the_tables_that_follow():
    settings = read_recipe("distilled")[0].changed(steps=1000, minutes=None, patience=3)
    falling, tables = (30, 29, 28, 27, 26), settings.distillation.distill_start * 1000
    assert at(int(tables) - 10, *falling, settings=settings).early is None
    assert at(int(tables) + 10, *falling, settings=settings).early is not None


def test_never_without_patience():
    assert not at(50, *range(40, 20, -1), settings=STEPS.changed(patience=0)).finishing


def test_nothing_to_shorten_at_the_very_end():
    assert at(100, 30, 29, 28, 27, 26).progress == 1
    late = at(99, 30, 29, 28, 27)
    late.step += 1
    assert late.progress == 1


def test_seconds_left():
    schedule = Schedule(STEPS, 50, Clock(100.0))
    assert schedule.seconds_left == pytest.approx(100, abs=1)
    for psnr in (30, 29, 28, 27):
        schedule.judge(psnr)
    assert schedule.seconds_left == pytest.approx(10, abs=1)


def test_a_run_made_longer_takes_up_its_schedule_again():
    schedule = at(50, 30, 29, 28, 27)
    longer = replace(schedule, settings=STEPS.changed(steps=200))
    assert not longer.finishing and longer.progress == 0.25


def test_patience_counts_no_less_than_nothing():
    with pytest.raises(SettingsError, match="patience: found -1, expected at least 0"):
        STEPS.changed(patience=-1)


def test_an_early_end_is_told_resumed_and_keeps_the_best(folder, tmp_path, monkeypatch):
    """Validations fall from 30 dB on; the table of the first stays, after a pause too."""
    small = Settings.of(scale=2, channels=(1,), branches=1, window=3, skip=False, steps=400,
                     minutes=None, grids=((0.0, 3),), batch=1, crop=16, multi_scale=(),
                     patience=2)  # fmt: skip
    figures = iter(range(30, 0, -1))
    measure = trainer.Run.validate
    for seconds in ("SECONDS_BETWEEN_CHECKPOINTS", "SECONDS_TO_FIRST_VALIDATION"):
        monkeypatch.setattr(trainer, seconds, 1e9)
    monkeypatch.setattr(trainer.Run, "validate", lambda run: (next(figures), measure(run)[1]))
    out = tmp_path / "t.safetensors"
    told = []
    events = train_folder(folder, out, small)
    for event in events:
        told.append(event)
        if isinstance(event, Finishing):
            events.close()
    assert isinstance(told[-1], Finishing) and told[-1].best_psnr == 30
    told = list(train_folder(folder, out, small.changed(patience=0), resume=True))
    done = told[-1]
    assert isinstance(done, Done) and done.step == 66 and done.psnr == 30
    assert not any(event.best for event in told if isinstance(event, Validation))
    assert load_model(out).card.benchmark["held-out"]["psnr"] == 30
