"""The table that a run keeps, at every moment: its figure, its checkpoint, and going on from it."""

from dataclasses import replace
from pathlib import Path

import pytest

from autolut_training.api import train_folder
from autolut_training.loop import trainer
from autolut_training.loop.checkpoint import CheckpointError
from autolut_training.report.control import follow
from autolut_training.settings import Settings
from napari_autolut import load_model, save_model
from napari_autolut.training.events import Done, Started, Step, Stopped, Validation
from napari_autolut.training.record import held_out_figures

SMALL = Settings.of(
    scale=2, channels=(1,), branches=2, window=3, skip=False, steps=40, minutes=None,
    grids=((0.0, 3), (0.5, 5)), batch=2, crop=16, multi_scale=(),
)  # fmt: skip


def run(folder, out, settings=SMALL, **options):
    return list(train_folder(folder, out, settings, **options))


def test_resuming_where_nothing_is_yet_begins_anew_and_says_so(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    started, *_, done = run(folder, out, SMALL.changed(steps=2), resume=True)
    assert started.notes[0] == "There is nothing to resume yet; it begins anew."
    assert isinstance(done, Done) and out.exists()
    with pytest.raises(CheckpointError, match="its training is over; choose another name, or"):
        run(folder, out, resume=True)


def test_a_run_that_is_killed_after_its_first_table_can_be_resumed(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL.changed(init_from="natural-x2", grids=((0.0, 5),)))
    assert [type(next(events)) for _ in range(2)] == [Started, Validation]
    assert out.exists() and trainer.checkpoint_path(out).exists()
    events.close()


def test_a_stopped_run_tells_the_figure_of_the_table_it_keeps(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SECONDS_BETWEEN_STEP_EVENTS", 0.0)
    out, emitted = tmp_path / "t.safetensors", []

    class StopAtStep:
        def latest(self):
            return "stop" if isinstance(emitted[-1], Step) else None

    settings = SMALL.changed(steps=10**6)
    follow(lambda resume: train_folder(folder, out, settings), StopAtStep(), emitted.append, "")
    measured = [event for event in emitted if isinstance(event, Validation)]
    figures = held_out_figures(load_model(out).card)
    assert figures[:2] == (measured[-1].psnr, measured[-1].bicubic_psnr)
    assert isinstance(emitted[-1], Stopped)


def test_a_resumed_run_takes_the_figure_of_the_table_that_is_there(folder, tmp_path):
    out = tmp_path / "t.safetensors"
    events = train_folder(folder, out, SMALL)
    next(events)
    events.close()
    model = load_model(out)
    card = replace(model.card, benchmark={"held-out": {"psnr": 99.0, "bicubic_psnr": 30.0}})
    save_model(replace(model, card=card), out, overwrite=True)
    *_, done = run(folder, out, resume=True)
    assert done.psnr == 99.0 and load_model(out).card.benchmark["held-out"]["psnr"] == 99.0


def test_the_first_figure_of_what_it_learns_comes_soon(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SECONDS_TO_FIRST_VALIDATION", 0.0)
    events = run(folder, tmp_path / "t.safetensors", SMALL.changed(steps=5))
    assert [e.step for e in events if isinstance(e, Validation)] == [1, 5]


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="shown by Linux alone")
def test_a_resumed_run_keeps_no_file_mapped(folder, tmp_path):
    """Windows replaces no file that is mapped, and the next checkpoint replaces this one."""
    out = tmp_path / "t.safetensors"
    for resume in (False, True):
        events = train_folder(folder, out, SMALL, resume=resume)
        next(events)
        held = [line for line in Path("/proc/self/maps").read_text().splitlines()
                if str(tmp_path) in line]  # fmt: skip
        events.close()
    assert not held
