"""Image layers of napari, placed in every way it knows, and where their corners lie."""

from itertools import product

import numpy as np
from hypothesis import strategies as st
from napari.layers import Image


def picture(*shape, dtype=np.uint8, seed=0):
    top = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1
    return (np.random.default_rng(seed).random(shape) * top).astype(dtype)


def outer_corners(layer):
    """World coordinates of the outermost pixel corners, as napari itself computes them."""
    ends = [(low - 0.5, high + 0.5) for low, high in layer.extent.data.T]
    return np.array([layer.data_to_world(corner) for corner in product(*ends)])


def assert_same_extent(result, source):
    expected = outer_corners(source)
    np.testing.assert_allclose(
        outer_corners(result), expected, rtol=1e-7, atol=1e-7 * abs(expected).max()
    )


@st.composite
def image_layers(draw):
    """Layers of 2 to 5 dimensions, grey or in colour, placed in every way napari knows."""
    ndim = draw(st.integers(2, 5))
    rgb = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = [int(n) for n in rng.integers(1, 4, ndim)] + [3] * rgb
    sheared = {
        "none": None,
        "upper": rng.uniform(-2, 2, ndim * (ndim - 1) // 2),
        "lower": np.tril(rng.uniform(-2, 2, (ndim, ndim)), -1) + np.eye(ndim),
    }
    affine = np.eye(ndim + 1)
    affine[:-1] += rng.uniform(-1, 1, (ndim, ndim + 1)) * draw(st.booleans())
    return Image(
        picture(*shape),
        rgb=rgb,
        scale=rng.uniform(0.05, 20, ndim) * rng.choice([-1, 1], ndim),
        translate=rng.uniform(-100, 100, ndim) * draw(st.booleans()),
        rotate=np.linalg.qr(rng.normal(size=(ndim, ndim)))[0] if draw(st.booleans()) else None,
        shear=sheared[draw(st.sampled_from(list(sheared)))],
        affine=affine,
    )
