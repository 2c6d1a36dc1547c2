"""What is known of a training from its events, and that in words."""

import math
from dataclasses import replace

import pytest

from napari_autolut.model.card import Card
from napari_autolut.training.events import (
    Checkpoint,
    Finishing,
    Paused,
    Postponed,
    Preview,
    Started,
    Step,
    Validation,
)
from napari_autolut.training.record import (
    OVER_NOISY,
    HeldOutFigures,
    TrainingRecord,
    gain_text,
    held_out_figures,
    left_text,
    pace_text,
    quality_text,
)

STARTED = Started(9, 1, {}, 30.0)


def step(number, loss=4.0):
    return Step(number, number / 100, loss, 5.0, 60.0)


def validation(number, psnr, best=True, teacher=False):
    return Validation(number, psnr, 30.0, best, teacher)


def record_of(*events):
    record = TrainingRecord()
    for event in events:
        record.take(event)
    return record


def test_curves_grow_with_the_events():
    record = record_of(STARTED, step(10), validation(10, 31.0), step(20, 3.0))
    record.take(validation(20, 30.5, best=False))
    assert record.loss == [(10, 4.0), (20, 3.0)]
    assert record.psnr == [(10, 31.0, True), (20, 30.5, False)]
    assert (record.best, record.bicubic, record.progress) == (31.0, 30.0, 0.2)


def test_steps_that_are_done_again_replace_the_first_ones():
    record = record_of(STARTED, step(10), step(20), validation(20, 31.0), STARTED, step(15, 1.0))
    assert record.loss == [(10, 4.0), (15, 1.0)]
    assert record.psnr == []
    assert record.best == 31.0, "the table on disk is still the one that was kept"


def test_a_figure_from_before_the_first_step_is_called_so():
    record = record_of(STARTED, validation(0, 27.0))
    assert quality_text(record).endswith("3.00 below bicubic by the table it begins with")
    record.take(validation(9, 31.0))
    assert quality_text(record).endswith("+1.00 over bicubic, +4.00 over the table it began with")


def test_a_table_that_is_as_it_began_is_called_so():
    """An hour of training that brought nothing must not read as its start's gain over bicubic."""
    assert gain_text(31.0, 30.0, initial=31.0).endswith(", no better than the table it began with")
    card = Card("own", benchmark=HeldOutFigures(31.0, 30.0, initial=30.5).as_benchmark())
    assert gain_text(*held_out_figures(card)).endswith(", +0.50 over the table it began with")
    noisy = record_of(replace(STARTED, over=OVER_NOISY), validation(0, 30.0), validation(9, 30.0))
    assert "began" not in quality_text(noisy), "it is what all its figures are compared with"


def test_the_figures_of_a_card():
    card = Card("own", benchmark={"held-out": {"psnr": 31.25, "bicubic_psnr": 30.0}})
    assert held_out_figures(card) == (31.25, 30.0, "bicubic", None)
    assert held_out_figures(Card("shipped")) is None


def test_the_network_that_teaches_has_a_curve_of_its_own():
    record = record_of(STARTED, step(10), validation(10, 33.0, best=False, teacher=True))
    assert (record.network, record.psnr, record.best) == ([(10, 33.0)], [], None)
    assert quality_text(record).endswith(
        "dB, +3.00 over bicubic by the network it is distilled from"
    )
    record.take(validation(20, 31.0))
    assert (record.network, record.best) == ([(10, 33.0)], 31.0)
    assert quality_text(record).endswith("dB, +1.00 over bicubic")
    record.take(validation(10, 34.0, best=False, teacher=True))
    assert record.network == [(10, 34.0)]
    record.take(step(5))
    assert record.network == record.psnr == []


def test_values_that_are_no_numbers_are_not_drawn():
    record = record_of(STARTED, step(1, float("nan")), validation(1, float("-inf")))
    assert (record.loss, record.psnr, record.best) == ([], [], None)


def test_a_pause_lasts_until_the_run_begins_again():
    record = record_of(STARTED, Paused(4))
    assert record.paused
    record.take(STARTED)
    assert not record.paused


def test_the_trainers_notes_on_the_images_are_kept():
    assert record_of(replace(STARTED, notes=("few images",))).notes == ("few images",)
    assert record_of(STARTED).notes == ()


@pytest.mark.parametrize("said", [-1e14, 1e14, math.nan, math.inf, -math.inf])
def test_progress_is_a_share_whatever_a_damaged_history_says(said):
    assert record_of(STARTED, Step(1, said, 1.0, 1.0, 1.0)).progress in (0.0, 1.0)


def test_pictures_and_an_early_end_are_noted():
    record = record_of(Preview(1, "a.png"), Finishing(3, 4, 31.0, 9.0))
    assert (record.preview, record.ending_early, record.seconds_left) == ("a.png", True, 9.0)


def test_what_could_not_be_replaced_is_said_until_it_is():
    held = Postponed(3, "t.checkpoint")
    record = record_of(STARTED, held, validation(3, 31.0))
    assert record.postponed.startswith("t.checkpoint: is open in another program; written when")
    record.take(Checkpoint(4, "t.checkpoint"))
    assert record.postponed == ""


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
