"""A model's cost as a whole: shipped tables are far inside, what nobody could run is refused."""

import numpy as np
import pytest

from napari_autolut.model import (
    Branch,
    FilterBranch,
    LutModel,
    NoisyModel,
    Signal,
    SpatialNode,
    limits,
)
from napari_autolut.storage import list_models, load_model_file
from tests.model.parts import CARD, branch, node, refused, table, windows

FILTERS = np.full((4, 1, 1, 1), 1, np.float32)


def chain(count, branches, **options):
    """Nodes one after the other."""
    return tuple(
        SpatialNode((branch(source=Signal(number)),) * branches, 4.0, **options)
        for number in range(count)
    )


def test_shipped_tables_are_far_inside(monkeypatch):
    for name in ("MAX_LOOKUPS", "MAX_FETCHED", "MAX_WORK", "MAX_WEIGHTS", "MAX_VALUES"):
        monkeypatch.setattr(limits, name, getattr(limits, name) // 8)
    for entry in list_models():
        assert load_model_file(entry.path).nbytes


def test_a_full_stage_of_branches_in_each_of_four_stages_is_allowed():
    assert len(list(LutModel(chain(4, 64), CARD).tables)) == 256


def test_nodes_that_nobody_reads():
    unread = (node(), node(), node(source=Signal(1)))
    refused("nodes", lambda: LutModel(unread, CARD), "[2] that no other reads")


def test_scales_in_between():
    nodes = (*(node(16, 4, source=Signal(n)) for n in range(7)), node(source=Signal(0)))
    refused("scale", lambda: LutModel(nodes, CARD), "16 after node 2", "at most 8")


@pytest.mark.parametrize("rotations", [1, 4])
def test_look_ups(rotations):
    def made():
        once = {"rotations": rotations}
        nodes = tuple(
            SpatialNode((branch(source=Signal(n), window=1),) * 64, 4.0, **once) for n in range(60)
        )
        return LutModel(nodes, CARD)

    refused("look-ups a pixel", made, str(60 * 64 * rotations), "at most 1024")


def test_look_ups_on_large_planes_count_for_each_pixel():
    first = node(16, 4)
    rest = tuple(SpatialNode((branch(source=Signal(n)),) * 8, 4.0) for n in range(1, 4))
    refused("look-ups a pixel", lambda: LutModel((first, *rest), CARD), str(4 + 3 * 8 * 64))


def test_bytes_that_are_read():
    wide = SpatialNode((Branch(table(columns=256), windows()),) * 64, 4.0)
    last = node(source=Signal(1))
    refused("bytes read a pixel", lambda: LutModel((wide, last), CARD), "at most 65536")


def test_planes_that_are_held_together():
    ones = {"rotations": 1}

    def made():
        wide = [SpatialNode((branch(64, 1, source=Signal(0)),), 4.0, **ones) for _ in range(33)]
        kept = tuple(branch(1, 1, source=Signal(n)) for n in range(1, 34))
        return LutModel((*wide, SpatialNode(kept, 4.0, **ones)), CARD)

    refused("values a pixel in all planes", made, str(33 * 64 + 1), "at most 2048")


def test_look_ups_times_bytes():
    """Thousands of look-ups in small tables are quick, and so are few in large ones."""
    large = table(columns=32, grid_size=17)
    first = SpatialNode((Branch(large, windows()),) * 64, 4.0)
    last = node(source=Signal(1))
    assert LutModel((SpatialNode((Branch(large, windows()),) * 16, 4.0), last), CARD)
    what = "look-ups a pixel times bytes of their tables"
    refused(what, lambda: LutModel((first, last), CARD), "at most 2147483648")


def test_models_for_noise_count_together():
    full = LutModel(chain(4, 60), CARD)
    noisy = tuple(NoisyModel(9.0 - place, full) for place in range(2))
    refused("look-ups a pixel", lambda: LutModel(full.nodes, CARD, noisy=noisy), "2880", "2048")


def test_weights():
    taps = np.full((4, 16, 15, 15), 1 / (16 * 225), np.float32)
    first = node(16)
    signals = tuple(Signal(1, channel) for channel in range(16))
    filtered = SpatialNode((FilterBranch(table(), taps, signals),) * 64, 64.0, rotations=4)
    refused("weights a pixel", lambda: LutModel((first, filtered), CARD), "at most 262144")


def test_memory_of_shared_tables(monkeypatch):
    monkeypatch.setattr(limits, "MAX_TABLE_BYTES", 60 * table().nbytes)
    refused("bytes of all tables", lambda: LutModel(chain(1, 64), CARD))
    assert LutModel(chain(1, 60), CARD)


def test_models_for_noise_are_bounded_each():
    quiet = LutModel(chain(1, 56), CARD)
    noisy = tuple(NoisyModel(float(sigma), quiet) for sigma in range(80, 0, -10))
    assert len(LutModel(quiet.nodes, CARD, noisy=noisy).noisy) == 8
