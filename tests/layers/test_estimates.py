"""What is known of a model's speed."""

import pytest

from napari_autolut.layers.estimates import MAX_SLOWER, Memory, Speeds, probe
from napari_autolut.layers.source import Denoising
from napari_autolut.util.boxes import TILE_SIZE
from tests.models import identity_model


@pytest.fixture
def model():
    return identity_model(2)


def test_nothing_is_known_at_first(model):
    assert Speeds().seconds(model, 100) is None


def test_a_run_counts_more_than_a_first_tile(model):
    speeds = Speeds()
    speeds.probed(model, 2e-6)
    assert speeds.seconds(model, 1_000_000) == pytest.approx(2)
    speeds.ran(model, 1_000_000, 4.0)
    speeds.probed(model, 2e-6)
    assert speeds.seconds(model, 1_000_000) == pytest.approx(4)


def test_the_newest_run_has_most_weight(model):
    speeds = Speeds()
    speeds.ran(model, 1_000_000, 1.0)
    speeds.ran(model, 1_000_000, 2.0)
    assert 1.5 < speeds.seconds(model, 1_000_000) < 2


def test_runs_to_disk_are_known_apart_and_take_longer_before(model):
    speeds = Speeds()
    speeds.ran(model, 1_000_000, 2.0)
    assert speeds.seconds(model, 1_000_000, 8_000_000) > 2.1
    speeds.ran(model, 1_000_000, 9.0, saved=True)
    assert speeds.seconds(model, 1_000_000, 8_000_000) == pytest.approx(9)
    assert speeds.seconds(model, 1_000_000) == pytest.approx(2)


def test_noise_takes_longer_until_there_was_such_a_run(model):
    speeds = Speeds()
    assert speeds.seconds(Denoising(model), 1_000_000) is None
    speeds.ran(model, 1_000_000, 2.0)
    assert speeds.seconds(Denoising(model), 1_000_000) == pytest.approx(8)
    speeds.ran(Denoising(model), 1_000_000, 3.0)
    assert speeds.seconds(Denoising(model), 1_000_000) == pytest.approx(3)
    assert speeds.seconds(model, 1_000_000) == pytest.approx(2)


def test_short_runs_do_not_count(model):
    speeds = Speeds()
    speeds.probed(model, 1e-6)
    speeds.ran(model, TILE_SIZE**2 - 1, 60.0)
    assert speeds.of(model) == 1e-6


def test_a_tile_can_be_timed(model):
    assert 0 < probe(model) < 1


def test_memory_is_comfortable_well_before_it_is_full():
    assert Memory(30, 100).comfortable
    assert Memory(60, 100).fits and not Memory(60, 100).comfortable
    assert not Memory(100, 100).fits


def test_a_run_with_the_lid_closed_says_little_of_the_next_one(model):
    speeds = Speeds()
    speeds.probed(model, 2e-6)
    speeds.ran(model, 1_000_000, 3600.0)
    assert speeds.seconds(model, 1_000_000) <= 2 * MAX_SLOWER
    for _ in range(3):
        speeds.ran(model, 1_000_000, 2.0)
    assert speeds.seconds(model, 1_000_000) < 4
