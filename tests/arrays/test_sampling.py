"""The sample that ranges are taken from: bounded, over all axes, the same each time."""

import dask.array as da
import numpy as np
import pytest

from napari_autolut.arrays.sampling import (
    MAX_CHUNK_BYTES,
    MAX_CHUNKS,
    MIN_CHUNKS,
    sampled_pixels,
)


def counted(shape, chunks, dtype=np.uint16):
    """A lazy array of its chunks' own numbers, and the places of those that were computed."""
    computed = []

    def fill(block_info=None):
        place = block_info[None]["chunk-location"]
        computed.append(place)
        return np.full(block_info[None]["chunk-shape"], sum(place), dtype)

    array = da.map_blocks(fill, chunks=da.core.normalize_chunks(chunks, shape), dtype=dtype)
    computed.clear()  # dask looks at what such a block is like
    return array, computed


def test_all_of_a_small_image_is_read():
    image = np.arange(3 * 20 * 30, dtype=np.uint16).reshape(3, 20, 30)
    np.testing.assert_array_equal(np.sort(sampled_pixels(image)), np.arange(1800))
    lazy = da.from_array(image, chunks=(2, 7, 11))
    np.testing.assert_array_equal(np.sort(sampled_pixels(lazy)), np.arange(1800))


@pytest.mark.parametrize(
    ("shape", "chunks"),
    [
        ((2, 300, 2, 600, 600), (1, 1, 1, 600, 600)),
        ((100_000, 100_000), (1024, 1024)),
        ((40, 1000, 1000), (1, 64, 64)),
        ((500, 2048, 2048), (1, 2048, 2048)),
        ((16, 256, 256), (16, 256, 256)),
    ],
)
def test_a_bounded_number_of_chunks_is_computed_over_all_axes(shape, chunks):
    image, computed = counted(shape, chunks)
    found = sampled_pixels(image)
    assert len(computed) == len(set(computed)) <= MAX_CHUNKS
    assert len(computed) * np.prod(chunks) * 2 <= MAX_CHUNK_BYTES
    assert found.size <= 2**26
    for axis, (length, side) in enumerate(zip(shape, chunks, strict=True)):
        places = {place[axis] for place in computed}
        count = -(-length // side)
        if count > 1:  # both halves of every axis
            assert min(places) < count / 2 <= max(places) + 1


def test_of_chunks_of_any_size_there_are_a_few():
    image, computed = counted((9, 2**13, 2**13), (1, 2**13, 2**13), np.uint8)
    sampled_pixels(image)
    assert len(computed) == MIN_CHUNKS
    image, computed = counted((4, 2**7, 2**20), (1, 2**7, 2**20), np.uint8)
    sampled_pixels(image)
    assert len(computed) <= MIN_CHUNKS


def test_what_is_neither_in_memory_nor_in_chunks_is_read_in_parts():
    class Sliced:
        shape, dtype, ndim = (5, 4000, 4000), np.dtype(np.uint16), 3

        def __getitem__(self, index):
            return np.full([each.stop - each.start for each in index[1:]], index[0], self.dtype)

    assert set(sampled_pixels(Sliced())) == {0, 1, 2, 3, 4}
