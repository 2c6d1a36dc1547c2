"""Blocks of planes: what shares work gives what each block alone would give."""

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.fft import dctn

from napari_autolut.noise.blocks import (
    CLOSER,
    SIDE,
    STRIDE,
    blocks_of,
    difference_blocks,
    unsorted_blocks_of,
)
from napari_autolut.noise.counting import MAX_BLACK


def places(plane, firsts=((0, 0),)):
    return [
        plane[row : row + SIDE, column : column + SIDE]
        for top, left in firsts
        for row in range(top, plane.shape[0] - SIDE + 1, STRIDE)
        for column in range(left, plane.shape[1] - SIDE + 1, STRIDE)
    ]


def close_places(plane):
    return places(plane, list(product((0, CLOSER), repeat=2)))


def energies(block):
    found = dctn(block - block.mean(), norm="ortho") ** 2
    found[0, 0] = 0
    return found


@pytest.mark.parametrize(
    ("shape", "places"),
    [((8, 8), places), ((31, 50), close_places), ((16, 9), close_places), ((9, 2900), places)],
)
def test_each_block_alone(shape, places):
    plane = np.random.default_rng(0).normal(1000, 3, shape)
    found, blocks = blocks_of([plane], clipped=True), places(plane)
    assert_allclose(found.means, [block.mean() for block in blocks])
    assert_allclose(found.energies, [energies(block) for block in blocks], rtol=1e-4, atol=1e-3)
    black = np.indices((SIDE, SIDE)).sum(0) % 2 == 0
    halves = [{block[black].mean(), block[~black].mean()} for block in blocks]
    assert_allclose(np.sort(found.halves), [sorted(pair) for pair in halves])


def test_nothing_in_small_planes():
    assert not len(blocks_of([np.ones((7, 30)), np.ones((0, 9))]).means)


def test_unusable_blocks_are_left_out():
    plane = np.random.default_rng(0).poisson(30, (64, 64)).astype(float)
    plane[:16, :16] = 0  # black and constant
    plane[16:40, 40:] = 500  # saturated
    plane[44:, 44:] += 400  # nearly
    plane[50, 3], plane[51, 30] = np.nan, np.inf

    def usable(block):
        return (
            np.isfinite(block).all()
            and np.ptp(block) > 0
            and block.max() < 500
            and np.mean(block <= 0) < MAX_BLACK
        )

    plane[2, 2] = 1
    expected = [block for block in close_places(plane) if usable(block)]
    plane[51, 30] = np.nan  # an infinite pixel would be the brightest
    found = blocks_of([plane])
    assert_allclose(found.means, [block.mean() for block in expected])
    assert_allclose(found.energies, [energies(block) for block in expected], rtol=1e-4, atol=1e-2)


def test_hardly_saturated_blocks_count_where_all_that_are_bright_are():
    """Where two photons saturate, only blocks without light lack such pixels."""
    light = np.tile(np.clip(np.linspace(-3, 2, 96), 0, None), (96, 1))
    image = np.minimum(np.random.default_rng(0).poisson(light) * 50 + 10, 160).astype(np.uint8)
    image += np.random.default_rng(1).integers(0, 3, image.shape, np.uint8)
    image = np.minimum(image, 160)
    means = blocks_of([image]).means
    assert np.count_nonzero(means > 60) > 10


@pytest.mark.parametrize("shape", [(8, 8), (7, 30), (16, 9), (31, 50), (127, 128), (161, 170)])
def test_unsorted_blocks_are_the_same_ones(shape):
    plane = np.random.default_rng(0).normal(np.linspace(1000, 1090, shape[1]), 3, shape)
    plane[:16, :8] = 990  # black and constant
    sorted_, found = blocks_of([plane]), unsorted_blocks_of([plane])
    places = [np.argsort(each.means) for each in (sorted_, found)]
    for expected, statistics in zip(sorted_, found, strict=True):
        one, other = expected[places[0]], statistics[places[1]]
        assert_allclose(other, one, rtol=1e-4, atol=1e-3)


def test_differences():
    rng = np.random.default_rng(0)
    one, other = rng.normal(100, 30, (41, 41)) + rng.normal(0, 2, (2, 41, 41))
    one[-1, -1], other[-1, -1] = 1000, 1000  # the brightest, in no block
    found = difference_blocks(one, other)
    pairs = list(zip(places(one), places(other), strict=True))
    assert_allclose(found.means, [(a.mean() + b.mean()) / 2 for a, b in pairs])
    assert_allclose(
        found.energies, [energies((a - b) / 2**0.5) for a, b in pairs], rtol=1e-4, atol=1e-2
    )
