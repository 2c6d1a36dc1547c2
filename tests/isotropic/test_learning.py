"""What is learned: symmetry, the check against cubic interpolation, and how coarse z is."""

import numpy as np
import pytest

from napari_autolut.arrays import finish
from napari_autolut.isotropic.blur import AxialBlur, thinned
from napari_autolut.isotropic.kernels import WEIGHTS_X, WEIGHTS_Z
from napari_autolut.isotropic.learning import learn_steps
from napari_autolut.isotropic.pairs import Loss, pair_of
from napari_autolut.isotropic.spectra import estimated_blur, lacking_detail
from napari_autolut.isotropic.table import ANGLES, RADIUS_X, RADIUS_Z, TAPS, cubic_weights
from napari_autolut.noise import NoiseModel
from tests.isotropic.stacks import anisotropic, truth


def learned(slices, factor=4, **options):
    return finish(learn_steps(np.float32(slices), [Loss(factor, AxialBlur(), **options)]))


def test_mirror_images_of_a_structure_have_mirrored_filters():
    table = learned(anisotropic())
    by_angle = table.filters.reshape(ANGLES, -1, 2 * RADIUS_Z + 1, 2 * RADIUS_X + 1, 4)
    mirrored_in_x = by_angle[::-1, :, :, ::-1]
    mirrored_in_z = by_angle[::-1, :, ::-1, :, ::-1]
    for mirrored in (mirrored_in_x, mirrored_in_z):
        np.testing.assert_allclose(by_angle, mirrored, atol=2e-3)


@pytest.mark.parametrize("weights", [WEIGHTS_Z, WEIGHTS_X])
def test_neighbours_on_both_sides_tell_alike_of_a_structure(weights):
    np.testing.assert_array_equal(weights, weights[::-1])
    assert weights.sum() == 1


def test_it_is_measured_on_slices_that_it_did_not_see():
    assert learned(anisotropic()).gain > 0.3


def test_where_nothing_can_be_learned_it_is_cubic_interpolation():
    white = np.random.default_rng(0).integers(0, 256, (10, 48, 48))
    table = learned(np.where(np.arange(10)[:, None, None] % 5 == 2, white, truth()[:10, :48, :48]))
    assert table.is_cubic and "no better" in table.note
    np.testing.assert_array_equal(table.base, cubic_weights(4))
    assert "cubic interpolation (the table was no better" in str(table)


def test_pairs_are_what_a_microscope_makes():
    slices = truth()[:3]
    pair = pair_of(slices, Loss(4, AxialBlur()), 2, along_columns=True)
    assert pair.target.shape == (15, 4, 3, 64)
    np.testing.assert_array_equal(pair.target[0, 1, 2], slices[2, :, 3])
    small = pair.volume[8:-8, :, 4:-4]
    np.testing.assert_allclose(small, pair.target.mean(1), rtol=1e-5)


@pytest.mark.parametrize("factor", [3, 4])
def test_single_planes_lie_in_the_middle_of_what_they_stand_for(factor):
    """Those of an even number of fine slices lie on one of them: all others lie half-way."""
    ramp = np.broadcast_to(np.arange(40, dtype=np.float32)[:, None], (2, 40, 20)).copy()
    pair = pair_of(ramp, Loss(factor, AxialBlur(0.0)), 1, along_columns=False)
    planes = pair.volume[8:-8, 0, 4:-4]
    np.testing.assert_array_equal(planes[:, 0], 1 + factor // 2 + factor * np.arange(len(planes)))
    np.testing.assert_allclose(pair.target[1:-1, :, 0].mean(1), planes[1:-1], rtol=1e-5)
    np.testing.assert_allclose(np.diff(pair.target[1:-1, :, 0], axis=1), 1, rtol=1e-4)


@pytest.mark.parametrize("factor", [2, 3, 4])
@pytest.mark.parametrize("sigma", [None, 0.7, 2.0])
def test_blur_keeps_levels_and_places(factor, sigma):
    ramp = np.arange(40 * factor, dtype=np.float32)[:, None]
    small = thinned(ramp, factor, AxialBlur(sigma))[8:-8, 0]
    np.testing.assert_allclose(small, np.arange(8, 32) * factor + (factor - 1) / 2, rtol=1e-4)


@pytest.mark.parametrize("sigma", [2.0, 3.0])
def test_the_axial_blur_is_found(sigma):
    column = anisotropic(sigma=sigma).astype(np.float32)
    assert estimated_blur(column, 4).sigma == pytest.approx(sigma, abs=0.5)


def test_a_mean_over_slices_is_found_and_so_is_too_little_to_tell():
    column = anisotropic().astype(np.float32)
    assert estimated_blur(column, 4) == AxialBlur()
    assert estimated_blur(column[:5], 4) is None


def test_structures_that_are_coarser_along_z_are_found():
    from scipy.ndimage import gaussian_filter1d

    assert lacking_detail(np.float32(anisotropic()), 4, AxialBlur()) == 0
    coarse = thinned(gaussian_filter1d(truth(), 2, axis=0), 4, AxialBlur())
    assert lacking_detail(coarse, 4, AxialBlur()) >= 1


def test_filters_have_no_weight_where_there_is_nothing():
    assert learned(truth()).filters.shape == (144, TAPS, 4)


@pytest.mark.parametrize(("deviation", "cubic"), [(12.0, True), (1.0, False)])
def test_noise_that_a_table_gives_back_is_no_gain(deviation, cubic):
    """Thinned slices hold noise of what they are compared with: giving it back looked better."""
    slices = truth() + deviation * np.random.default_rng(1).standard_normal(truth().shape)
    loss, noise = Loss(2, AxialBlur()), NoiseModel(0.0, deviation**2)
    table = finish(learn_steps(np.float32(slices), [loss], noise))
    assert table.is_cubic == cubic
    assert ("more noise than detail" in table.note) == cubic
