"""make_isotropic: what comes out for which stacks, and that no result depends on how it was cut."""

from dataclasses import replace

import dask.array as da
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from napari_autolut import ModelFileError, make_isotropic
from napari_autolut.isotropic import (
    AxialBlur,
    IsotropicWarning,
    interpolation,
    learn_axial_tables,
    plan_steps,
    save_axial_tables,
)
from napari_autolut.isotropic.blur import thinned
from napari_autolut.isotropic.pairs import half_way
from napari_autolut.isotropic.stack import stack_of
from napari_autolut.isotropic.table import cubic_table
from tests.isotropic.stacks import anisotropic, psnr, truth

SPACING = (0.4, 0.1, 0.1)


@pytest.fixture(scope="module")
def tables():
    return learn_axial_tables(anisotropic(), SPACING)


@pytest.mark.parametrize(
    ("psf", "least"), [("either", 0.3), ("area", 0.3), (2.0, 1.0), ("auto", 0.3)]
)
def test_it_is_better_than_cubic_interpolation(psf, least):
    stack = anisotropic(sigma=psf if psf == 2.0 else None)
    result = make_isotropic(stack, SPACING, psf)
    assert result.shape == truth().shape and result.dtype == np.uint8
    cubic = make_isotropic(stack, SPACING, table=cubic_table(4))
    assert psnr(result) > psnr(cubic) + least


def test_blocks_threads_and_laziness_do_not_matter(tables, monkeypatch):
    stack = anisotropic()[:, :50, :61]
    whole = make_isotropic(stack, SPACING, table=tables)
    monkeypatch.setattr(interpolation, "MAX_VOXELS", 64 * 33 * 33)
    monkeypatch.setenv("NAPARI_AUTOLUT_THREADS", "3")
    np.testing.assert_array_equal(make_isotropic(stack, SPACING, table=tables), whole)
    lazy = make_isotropic(da.from_array(stack, chunks=(5, 20, 30)), SPACING, table=tables)
    assert isinstance(lazy, da.Array) and lazy.dtype == np.uint8
    np.testing.assert_array_equal(lazy.compute(scheduler="threads"), whole)


def test_the_order_of_bytes_stays(tables):
    stack = anisotropic()[:, :24, :24].astype(np.uint16)
    expected = make_isotropic(stack, SPACING, table=tables)
    other = stack.astype(">u2")
    for each in (other, da.from_array(other)):
        result = make_isotropic(each, SPACING, table=tables)
        assert result.dtype == other.dtype
        np.testing.assert_array_equal(result, expected)


def test_what_is_learned_does_not_depend_on_threads(tables, monkeypatch):
    monkeypatch.setenv("NAPARI_AUTOLUT_THREADS", "1")
    (table,) = learn_axial_tables(da.from_array(anisotropic()), SPACING)
    np.testing.assert_array_equal(table.filters, tables[0].filters)


def test_intensities_may_be_of_any_size(tables):
    stack = anisotropic()
    expected = make_isotropic(stack.astype(np.float64), SPACING, table=tables, value_range=(0, 255))
    shifted = make_isotropic(
        stack.astype(np.float64) * 16 + 1000, SPACING, table=tables, value_range=(1000, 5080)
    )
    np.testing.assert_allclose(shifted, expected * 16 + 1000, atol=0.02)


def test_a_hot_pixel_changes_no_more_than_what_is_around_it(tables):
    stack = anisotropic().astype(np.uint16) * 10
    hot = stack.copy()
    hot[8, 30, 30] = 60_000
    before, after = (make_isotropic(each, SPACING, table=tables) for each in (stack, hot))
    changed = np.abs(after.astype(int) - before) > 3
    changed[:, 20:41, 20:41] = False
    assert not changed.any()


def test_constant_stacks_stay_constant(tables):
    for level in (0, 7, 200, 255):
        stack = np.full((5, 20, 20), level, np.uint8)
        assert (make_isotropic(stack, SPACING, table=tables) == level).all()
    with pytest.warns(IsotropicWarning, match="one grey level"):
        result = make_isotropic(np.full((5, 20, 20), 7, np.uint16), SPACING)
    assert result.shape == (20, 20, 20) and (result == 7).all()


def test_axes_are_looped_over_and_channels_have_tables_of_their_own():
    one = anisotropic()[:, :40, :44]
    two = 255 - one[::-1]
    stack = np.stack([one, two], axis=1)  # (Z, C, Y, X)
    result = make_isotropic(stack, SPACING, z_axis=0, channel_axis=1)
    assert result.shape == (64, 2, 40, 44)
    for channel, alone in enumerate((one, two)):
        np.testing.assert_array_equal(result[:, channel], make_isotropic(alone, SPACING))
    colours = make_isotropic(np.moveaxis(stack[:, [0, 0, 1]], 1, -1), SPACING, rgb=True)
    np.testing.assert_array_equal(colours[..., 2], result[:, 1])


def test_frames_share_a_table(tables):
    movie = np.stack([anisotropic(), anisotropic()[::-1]])
    lazy = make_isotropic(da.from_array(movie), SPACING, table=tables)
    eager = make_isotropic(movie, SPACING, table=tables[0])
    assert eager.shape == (2, 64, 64, 64)
    np.testing.assert_array_equal(lazy.compute(), eager)


def test_other_factors_reach_as_far():
    stack = anisotropic()
    ramp = np.broadcast_to(np.arange(16.0)[:, None, None], (16, 40, 40)).copy()
    table = cubic_table(4)
    result = make_isotropic(ramp, 3.7, table=table)
    assert result.shape == (59, 40, 40)
    expected = (np.arange(59) + 0.5) * 16 / 59 - 0.5
    np.testing.assert_allclose(result[12:-12, 20, 20], expected[12:-12], atol=0.02)
    assert make_isotropic(stack, 1.3, "planes").shape == (21, 64, 64)


def test_holes_stay_holes_and_do_not_spread(tables):
    stack = anisotropic().astype(np.float32)
    whole = make_isotropic(stack, SPACING, table=tables, value_range=(0, 255))
    stack[5, 20:24, 30:50] = np.nan
    stack[9, 1, 1] = np.inf
    result = make_isotropic(stack, SPACING, table=tables, value_range=(0, 255))
    expected = np.repeat(np.isnan(stack), 4, axis=0)
    np.testing.assert_array_equal(np.isnan(result), expected)
    assert (result[36:40, 1, 1] == np.inf).all()
    np.testing.assert_array_equal(result[:, 40:], whole[:, 40:])


def test_a_table_is_kept_for_the_next_stack(tables, tmp_path):
    path = save_axial_tables(tables, tmp_path / "microscope.safetensors")
    stack = anisotropic()
    np.testing.assert_array_equal(
        make_isotropic(stack, SPACING, table=path), make_isotropic(stack, SPACING, table=tables)
    )


@pytest.mark.parametrize(
    ("stack", "options", "says"),
    [
        (np.zeros((1, 20, 20)), {}, "found 1 slice along z, expected at least 2"),
        (np.zeros((20, 20)), {}, "expected slices, rows and columns"),
        (np.zeros((4, 20, 20)), {"spacing": None}, "expected the distances"),
        (np.zeros((4, 20, 20)), {"spacing": (10**400, 1, 1)}, "expected the distances"),
        (np.zeros((4, 20, 20)), {"spacing": (4, 1, 1), "psf": 10**400}, "expected .either"),
        (np.zeros((4, 20, 20)), {"spacing": (1, 1, 1)}, "isotropic already, or the distance"),
        (np.zeros((4, 20, 20)), {"spacing": (0.5, 1, 1)}, "nothing is missing along z"),
        (np.zeros((4, 20, 20)), {"spacing": (4, 1, 2)}, "expected square ones"),
        (np.zeros((4, 20, 20)), {"spacing": (0, 1, 1)}, "expected positive numbers"),
        (np.zeros((4, 20, 20)), {"spacing": (2000, 1, 1)}, "both are in the same unit"),
        (np.zeros((4, 20, 20)), {"psf": "airy"}, "expected 'either', 'area', 'planes', 'auto'"),
        (np.zeros((4, 20, 20)), {"psf": -1}, "a Gaussian of -1.0 pixels"),
        (np.zeros((4, 20, 20)), {"z_axis": 7}, "z_axis: found 7, expected -3 to 2"),
    ],
)
def test_what_cannot_be_is_said(stack, options, says):
    with pytest.raises(ValueError, match=says):
        make_isotropic(stack, **{"spacing": SPACING, **options})


def test_masks_are_refused():
    with pytest.raises(TypeError, match="bool"):
        make_isotropic(np.zeros((4, 20, 20), bool), SPACING)


def test_tables_that_do_not_fit(tables, tmp_path):
    with pytest.raises(ValueError, match="makes 4 slices of each, expected 3"):
        make_isotropic(anisotropic(), 3, table=tables)
    with pytest.raises(ValueError, match="tables of 2 channels, expected one or 1"):
        make_isotropic(anisotropic(), 4, table=[*tables, *tables])
    with pytest.raises(ModelFileError, match="no such file"):
        make_isotropic(anisotropic(), 4, table=tmp_path / "none.safetensors")


def test_small_slices_are_interpolated_and_that_is_said():
    stack = np.random.default_rng(0).integers(0, 255, (6, 12, 12), np.uint8)
    with pytest.warns(IsotropicWarning, match="12 x 12 pixels are too small to learn from"):
        assert make_isotropic(stack, 4).shape == (24, 12, 12)
    with pytest.warns(IsotropicWarning, match="one grey level"):
        assert (make_isotropic(np.full((6, 40, 40), 7, np.uint8), 4) == 7).all()


@pytest.mark.parametrize("psf", [8.0, 50.0])
def test_a_blur_that_cannot_have_been_is_not_undone(psf):
    """Else there are spikes of many times the stack's range."""
    stack = anisotropic()
    with pytest.warns(IsotropicWarning, match=f"finer along z than a Gaussian of {psf:g} pixels"):
        result = make_isotropic(stack, SPACING, psf)
    np.testing.assert_array_equal(result, make_isotropic(stack, SPACING, table=cubic_table(4)))


def test_learning_can_be_stopped():
    steps = plan_steps(stack_of(anisotropic(), None, None), SPACING, AxialBlur())
    first = next(steps)
    assert 0 < first.done < first.total
    steps.close()


def test_noise_is_not_taken_for_detail():
    rng = np.random.default_rng(0)
    noisy = rng.poisson(anisotropic(sigma=2.0) / 8.0).astype(np.uint16)
    with pytest.warns(IsotropicWarning, match="more noise than detail to this stack; denoise it"):
        result = make_isotropic(noisy, SPACING, 2.0)
    np.testing.assert_array_equal(result, make_isotropic(noisy, SPACING, table=cubic_table(4)))


@pytest.fixture(scope="module")
def long_along_z():
    """Cells that are coarser along z by themselves, and their slices as means of four."""
    coarse = gaussian_filter1d(truth(), 3, axis=0)
    return coarse, np.rint(thinned(coarse, 4, AxialBlur())).astype(np.uint8)


def _worse_than_cubic(stack, planes, **options):
    """Squared error over that of cubic interpolation where slices are planes of a truth."""

    def error(result):
        return np.mean((result.astype(np.float64) - planes[: len(result)]) ** 2)

    result = make_isotropic(stack, 3, **options)
    return error(result) / error(make_isotropic(stack, 3, table=cubic_table(3)))


def test_single_planes_are_no_worse_than_cubic_interpolation():
    """A table for means alone sharpens them: it is 0.1 to 1.0 dB worse."""
    stack = np.rint(truth()[1::3]).astype(np.uint8)
    unknown, known = (_worse_than_cubic(stack, truth(), psf=psf) for psf in ("either", "planes"))
    assert known < unknown < 0.95


def test_single_planes_that_look_like_means_are_hardly_sharpened(long_along_z):
    """Sharpened as means of finer structures, they are 1.8 dB below cubic interpolation."""
    coarse, _ = long_along_z
    stack = np.rint(coarse[1::3]).astype(np.uint8)
    with pytest.warns(
        IsotropicWarning, match="may be below cubic interpolation if slices are single"
    ):
        assert _worse_than_cubic(stack, coarse, psf="either") < 1.02
    assert _worse_than_cubic(stack, coarse, psf="planes") < 1.1


def test_structures_that_are_coarser_along_z_are_not_taken_for_blur(long_along_z):
    coarse, stack = long_along_z

    def error(result):
        return np.mean((result.astype(np.float64) - coarse) ** 2)

    (table,) = learn_axial_tables(stack, 4, "auto")
    assert table.blur == AxialBlur()
    assert "slices may also be blurred by a Gaussian of 3 pixels" in str(table)
    (said,) = learn_axial_tables(stack, 4, "area")
    tables = [cubic_table(4), *(replace(each, doubtful=False) for each in (table, said))]
    cubic, learned, as_said = (error(make_isotropic(stack, 4, table=each)) for each in tables)
    assert as_said < 0.5 * cubic and as_said < learned < 0.6 * cubic


@pytest.mark.parametrize(
    ("psf", "says"),
    [
        (4.25, "dB below cubic if slices are means of structures"),
        (6.0, "finer along z than a Gaussian of 6 pixels"),
    ],
)
def test_a_gaussian_that_is_wider_than_slices_tell_is_doubted_or_not_undone(
    long_along_z, psf, says
):
    """By first differences these means of long cells passed for such Gaussians."""
    _, stack = long_along_z
    with pytest.warns(IsotropicWarning, match=says):
        make_isotropic(stack, 4, psf)


@pytest.mark.filterwarnings("ignore:mean over the slice:napari_autolut.isotropic.IsotropicWarning")
@pytest.mark.parametrize("coarser", [1.5, 2.0])
def test_planes_of_structures_that_are_coarser_along_z_are_not_below_cubic(coarser):
    """They look like means of finer ones; sharpened as those, they are 0.6 and 2.3 dB below."""
    fine = gaussian_filter1d(truth(), coarser, axis=0)
    stack, expected = thinned(fine, 4, AxialBlur(0.0)), half_way(fine)
    results = make_isotropic(stack, 4), make_isotropic(stack, 4, table=cubic_table(4))
    errors = [np.std((each[: len(expected)] - expected)[4:-4]) for each in results]
    assert errors[0] < errors[1]
