"""Graphs of dask arrays that are quick to read a part of."""

import dask.array as da
import numpy as np
import pytest
from dask import delayed
from dask.callbacks import Callback
from napari.layers import Image

from napari_autolut import upscale
from napari_autolut.layers import layer_array
from napari_autolut.noise import planes_of
from napari_autolut.util.dask_graphs import MANY_LAYERS, as_dask, flat
from tests.models import doubling_model

COUNT = MANY_LAYERS + 10


@pytest.fixture
def stack():
    """A stack of images that are read when they are looked at, as from a folder of files."""
    frames = [delayed(np.full)((40, 40), number, "uint16") for number in range(COUNT)]
    return da.stack([da.from_delayed(each, (40, 40), "uint16") for each in frames])


class Sizes(Callback):
    """How many tasks dask is asked to look through, each time."""

    def __init__(self):
        self.seen = []
        super().__init__(start=lambda graph: self.seen.append(len(graph)))


def test_a_stack_of_many_images_is_the_same_with_one_layer(stack):
    found = flat(stack)
    assert len(found.dask.layers) == 1
    assert (found.name, found.chunks, found.dtype) == (stack.name, stack.chunks, stack.dtype)
    np.testing.assert_array_equal(found, stack)


@pytest.mark.parametrize("array", [np.zeros(3), da.zeros((9, 9), chunks=3)])
def test_what_is_quick_stays_as_it_is(array):
    assert flat(array) is array


def test_a_sample_of_a_stack_costs_what_is_read(stack):
    with Sizes() as sizes:
        assert len(list(planes_of(stack))) >= 32
    assert max(sizes.seen) < 10


def test_layers_and_results_read_a_part_of_a_stack_for_itself(stack):
    taken = layer_array(Image(stack, contrast_limits=(0, 99)).data)
    result = upscale(stack, doubling_model(), value_range=(0, 99))
    assert max(len(taken.dask.layers), len(result.dask.layers)) < 10
    np.testing.assert_array_equal(taken[7], np.full((40, 40), 7))


class Stored:
    """Pixels on disk, in chunks."""

    def __init__(self, data, chunks):
        self.data, self.shape, self.ndim, self.dtype = data, data.shape, data.ndim, data.dtype
        self.chunks = chunks

    def __getitem__(self, index):
        return self.data[index]


@pytest.mark.parametrize(
    ("how", "chunks"),
    [((), ((1,) * 4, (3, 3, 3, 1), (4, 3))), ((2, 7), ((1,) * 4, (6, 4), (4, 3))),
     ((3, 8), ((4,), (6, 4), (7,)))],
)  # fmt: skip
def test_small_chunks_are_joined_within_a_plane(how, chunks):
    data = np.arange(4 * 10 * 7).reshape(4, 10, 7)
    found = as_dask(Stored(data, (1, 3, 4)), *how)
    assert found.chunks == chunks and as_dask(found) is found
    np.testing.assert_array_equal(found, data)
