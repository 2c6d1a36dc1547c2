"""What is known of a training from its events, and that in words."""

import pytest

from napari_autolut.training.record import (
    TrainingRecord,
    gain_text,
    left_text,
    pace_text,
    quality_text,
)

STARTED = {"event": "started", "images": 9, "held_out": 1, "skipped": {}, "bicubic_psnr": 30.0}


def step(number, loss=4.0):
    return {
        "event": "step", "step": number, "progress": number / 100, "loss": loss,
        "steps_per_second": 5.0, "seconds_left": 60.0,
    }  # fmt: skip


def validation(number, psnr, best=True):
    return {
        "event": "validation", "step": number, "psnr": psnr, "bicubic_psnr": 30.0, "best": best,
    }  # fmt: skip


def record_of(*events):
    record = TrainingRecord()
    for event in events:
        record.take(event)
    return record


def test_curves_grow_with_the_events():
    record = record_of(STARTED, step(10), validation(10, 31.0), step(20, 3.0), validation(20, 30.5))
    assert record.loss == [(10, 4.0), (20, 3.0)]
    assert record.psnr == [(10, 31.0, True), (20, 30.5, True)]
    assert (record.best, record.bicubic, record.progress) == (31.0, 30.0, 0.2)


def test_steps_that_are_done_again_replace_the_first_ones():
    record = record_of(STARTED, step(10), step(20), validation(20, 31.0), STARTED, step(15, 1.0))
    assert record.loss == [(10, 4.0), (15, 1.0)]
    assert record.psnr == []


def test_the_network_that_teaches_has_a_curve_of_its_own():
    taught = {**validation(10, 33.0, best=False), "teacher": True}
    record = record_of(STARTED, step(10), taught)
    assert (record.teacher, record.psnr, record.best) == ([(10, 33.0)], [], None)
    assert quality_text(record).endswith("dB, +3.00 over bicubic by the network that will teach it")
    record.take(validation(20, 31.0))
    assert (record.teacher, record.best) == ([(10, 33.0)], 31.0)
    assert quality_text(record).endswith("dB, +1.00 over bicubic")
    record.take(step(5))
    assert record.teacher == record.psnr == []


def test_events_that_are_not_known_or_not_whole_are_passed_over():
    record = record_of({"event": "dance"}, {"event": "step", "step": "x"}, {}, STARTED, step(1))
    assert record.step == 1


def test_values_that_are_no_numbers_are_not_drawn():
    record = record_of(STARTED, step(1, float("nan")), validation(1, float("-inf")))
    assert (record.loss, record.psnr, record.best) == ([], [], None)


def test_a_pause_lasts_until_the_run_begins_again():
    record = record_of(STARTED, {"event": "paused", "step": 4})
    assert record.paused
    record.take(STARTED)
    assert not record.paused


def test_the_trainers_notes_on_the_images_are_kept():
    assert record_of({**STARTED, "notes": ["few images"]}).notes == ("few images",)
    assert record_of(STARTED).notes == ()


def test_pictures_and_an_early_end_are_noted():
    early = {"event": "finishing", "step": 3, "validations": 4, "best_psnr": 31, "seconds_left": 9}
    record = record_of({"event": "preview", "step": 1, "path": "a.png"}, early)
    assert (record.preview, record.ending_early, record.seconds_left) == ("a.png", True, 9.0)


def test_what_an_earlier_process_told_is_no_present_state():
    record = TrainingRecord.of([STARTED, step(10), validation(10, 31.0)])
    assert (record.started, record.seconds_left, record.steps_per_second) == (False, None, None)
    assert (record.best, record.progress) == (31.0, 0.1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (float("inf"), ""),
        (5, "less than a minute left"),
        (70, "about a minute left"),
        (185, "about 3 minutes left"),
        (3600 * 2 + 300, "about 2 h 5 min left"),
    ],
)
def test_time_is_told_no_finer_than_it_is_known(seconds, text):
    assert left_text(seconds) == text


def test_gain_and_pace():
    assert gain_text(31.234, 30.0) == "31.23\N{NO-BREAK SPACE}dB, +1.23 over bicubic"
    assert gain_text(29.5, 30.0) == "29.50\N{NO-BREAK SPACE}dB, 0.50 below bicubic"
    assert gain_text(None, 30.0) == "not measured yet"
    assert pace_text(0.84) == "0.8\N{NO-BREAK SPACE}steps/s"
    assert pace_text(12.3) == "12\N{NO-BREAK SPACE}steps/s"
    assert pace_text(None) == ""
