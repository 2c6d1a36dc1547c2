"""An enlarged image covers the world that its source covers."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_autolut.layers.geometry import (
    Plane,
    enlarged_plane,
    enlarged_point,
    enlarged_transform,
    linear_matrix,
)

numbers = st.floats(-100, 100, allow_subnormal=False)
factors = st.sampled_from([1, 2, 3, 4, 8])


@st.composite
def placed_images(draw):
    """Shape, scale, translate, rotation, shear, outer affine and factors of an nD image."""
    ndim = draw(st.integers(2, 5))
    vectors = arrays(float, ndim, elements=numbers)
    magnitude = draw(arrays(float, ndim, elements=st.floats(0.01, 50)))
    sign = draw(arrays(float, ndim, elements=st.sampled_from([-1.0, 1.0])))
    seed = draw(st.integers(0, 2**32 - 1))
    rotate, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(ndim, ndim)))
    shear = draw(arrays(float, ndim * (ndim - 1) // 2, elements=st.floats(-3, 3)))
    affine = np.eye(ndim + 1)
    affine[:-1] += draw(arrays(float, (ndim, ndim + 1), elements=st.floats(-2, 2)))
    shape = draw(st.tuples(*[st.integers(1, 20)] * ndim))
    factor = [1] * (ndim - 2) + [draw(factors), draw(factors)]
    return shape, magnitude * sign, draw(vectors), rotate, shear, affine, np.array(factor)


def outer_corners(shape, scale, translate, rotate, shear, affine):
    """World coordinates of the corners of the outermost pixels, written out on its own."""
    ndim = len(shape)
    upper = np.eye(ndim)
    upper[np.triu_indices(ndim, 1)] = shear
    ends = [(-0.5, size - 0.5) for size in shape]
    inner = [rotate @ (upper @ (scale * np.array(c))) + translate for c in product(*ends)]
    return np.array(inner) @ affine[:-1, :-1].T + affine[:-1, -1]


@given(placed_images())
def test_every_outer_corner_stays_where_it_was(image):
    shape, scale, translate, rotate, shear, affine, factor = image
    placed = enlarged_transform(scale, translate, factor, rotate=rotate, shear=shear)
    before = outer_corners(shape, scale, translate, rotate, shear, affine)
    after = outer_corners(np.array(shape) * factor, *placed, rotate, shear, affine)
    np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-9 * abs(before).max())


def test_four_times_as_many_pixels_start_three_eighths_of_a_pixel_earlier():
    placed = enlarged_transform((1, 1), (0, 0), (4, 4))
    assert placed.scale.tolist() == [0.25, 0.25]
    assert placed.translate.tolist() == [-0.375, -0.375]


def test_axes_that_do_not_grow_and_scale_one_change_nothing():
    placed = enlarged_transform((5, 0.2, 0.3), (7, 8, 9), (1, 2, 1))
    assert placed.scale.tolist() == [5, 0.1, 0.3]
    assert placed.translate[[0, 2]].tolist() == [7, 9]


def test_a_level_of_a_pyramid_has_a_fractional_factor():
    placed = enlarged_transform((1, 1), (0, 0), (0.5, 2))
    assert placed.scale.tolist() == [2, 0.5]
    assert placed.translate.tolist() == [0.5, -0.25]


def test_shear_is_taken_as_a_vector_and_as_a_triangular_matrix():
    vector = linear_matrix((2, 3, 4), shear=(0.1, 0.2, 0.3))
    matrix = linear_matrix((2, 3, 4), shear=[[1, 0.1, 0.2], [0, 1, 0.3], [0, 0, 1]])
    lower = linear_matrix((1, 1), shear=[[1, 0], [0.5, 1]])
    np.testing.assert_array_equal(vector, matrix)
    assert lower.tolist() == [[1, 0], [0.5, 1]]


@given(placed_images())
def test_points_and_planes_keep_their_place(image):
    _, scale, translate, rotate, shear, _, factor = image
    placed = enlarged_transform(scale, translate, factor, rotate=rotate, shear=shear)
    before, after = (linear_matrix(s, rotate, shear) for s in (scale, placed.scale))
    points = np.random.default_rng(0).uniform(-5, 20, (4, len(factor)))
    moved = np.array([enlarged_point(point, factor) for point in points])
    np.testing.assert_allclose(
        moved @ after.T + placed.translate, points @ before.T + translate, rtol=1e-7, atol=1e-6
    )


def test_a_cutting_plane_keeps_its_place_and_thickness():
    normal = np.array([0.6, 0.0, 0.8])
    plane, factor = Plane(np.array([3.0, 4, 5]), normal, 2.0), (1, 4, 4)
    moved = enlarged_plane(plane, factor)
    assert moved.position.tolist() == [3, 17.5, 21.5]
    assert np.linalg.norm(moved.normal) == pytest.approx(1)
    for point, inside in (([3, 9, 5], 0.0), ([3.6, 4, 5.8], 1.0), ([2.4, 4, 4.2], -1.0)):
        distance = moved.normal @ (enlarged_point(point, factor) - moved.position)
        assert distance == pytest.approx(inside * moved.thickness / 2)


@pytest.mark.parametrize("factor", [(0, 2), (2, -1), (np.nan, 2), (np.inf, 2)])
def test_impossible_factors_are_named(factor):
    with pytest.raises(ValueError, match=r"factor: found .* expected positive finite"):
        enlarged_transform((1, 1), (0, 0), factor)
