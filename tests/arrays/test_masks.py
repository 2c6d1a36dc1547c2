"""Masked arrays: what is masked stays so, and has no influence on the rest."""

from __future__ import annotations

import numpy as np
import pytest
from napari.layers import Image

from napari_autolut import Upscaler, denoise, upscale
from napari_autolut.arrays.masks import masked_like
from napari_autolut.arrays.value_range import IntensityWarning
from napari_autolut.layers import upscaled_layer_data
from tests.conftest import small_model
from tests.pictures import picture

MODEL = small_model("small-x2", 2)


def with_hole(shape: tuple[int, ...], dtype: str, hidden: float) -> np.ma.MaskedArray:
    """A picture with a square and a far corner masked, which hold something else."""
    data = picture(shape, dtype, top=100 if dtype == "uint8" else 3000)
    mask = np.zeros(shape, bool)
    mask[..., 10:14, 10:14] = mask[..., -1, -1] = True
    data[mask] = hidden
    return np.ma.MaskedArray(data, mask)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
@pytest.mark.parametrize("shape", [(40, 50), (2, 40, 50)])
def test_what_is_masked_has_no_influence(shape: tuple[int, ...], dtype: str) -> None:
    low = with_hole(shape, dtype, 0)
    high = with_hole(shape, dtype, 250 if dtype == "uint8" else 30000)
    for run in (lambda m: upscale(m, MODEL), lambda m: denoise(m, strength=1.0)):
        with pytest.warns(IntensityWarning, match="masked is filled from the pixels around"):
            first, second = run(low), run(high)
        assert isinstance(first, np.ma.MaskedArray) and first.dtype == dtype
        assert (first.data == second.data).all()
        scale = first.shape[-1] // shape[-1]
        mask = np.repeat(np.repeat(low.mask, scale, -2), scale, -1)
        assert (first.mask == mask).all()
        assert first.max() <= low.max() * 1.2


def test_far_from_the_mask_nothing_changes() -> None:
    masked = with_hole((2, 40, 50), "uint16", 9)
    with pytest.warns(IntensityWarning):
        result = upscale(masked, MODEL, value_range=(0, 4000))
    plain = upscale(masked.data, MODEL, value_range=(0, 4000))
    assert (result.data[:, 60:70, 60:80] == plain[:, 60:70, 60:80]).all()


@pytest.mark.parametrize("mask", [np.ma.nomask, False])
def test_a_masked_array_of_which_nothing_is_masked_gives_one(mask: bool) -> None:
    """A loop over frames reads the mask of each."""
    frame = picture((20, 24), "uint16", top=3000)
    whole = np.ma.MaskedArray(frame, mask)
    for run in (lambda image: upscale(image, MODEL), denoise):
        result = run(whole)
        assert isinstance(result, np.ma.MaskedArray) and not result.mask.any()
        assert result.mask.shape == result.shape
        assert type(run(frame)) is np.ndarray and (run(frame) == result.data).all()


def test_a_layer_gives_the_same_pixels() -> None:
    masked = with_hole((40, 50), "uint16", 65535)
    with pytest.warns(IntensityWarning):
        result = upscale(masked, MODEL)
        data, meta, _ = upscaled_layer_data(Image(masked), MODEL)
        kept = Upscaler(MODEL).fit(masked).value_range
    assert (np.asarray(data) == result.data).all()
    assert meta["metadata"]["napari-autolut"]["limits"] == kept


def test_colours_and_planes_of_which_all_is_masked() -> None:
    colours = picture((20, 24, 3), "uint8")
    mask = np.zeros(colours.shape, bool)
    mask[3:5, 4:6] = True
    mask[..., 2] = True
    with pytest.warns(IntensityWarning):
        result = upscale(np.ma.MaskedArray(colours, mask), MODEL, rgb=True)
    assert result.shape == (40, 48, 3) and result.mask[..., 2].all()
    assert not result.mask[20:, 20:, :2].any()


def test_factors_that_no_table_has() -> None:
    masked = with_hole((20, 24), "uint16", 9)
    with pytest.warns(IntensityWarning):
        result = upscale(masked, MODEL, scale=1.5)
    assert isinstance(result, np.ma.MaskedArray) and result.shape == (30, 36)
    expected = np.zeros((30, 36), bool)
    expected[15:21, 15:21] = expected[28:, 34:] = True  # whose centres lie in what is masked
    assert (result.mask == expected).all()


@pytest.mark.usefixtures("integers_of_32_bits")
def test_masks_of_large_images_keep_their_place() -> None:
    wide = np.ma.MaskedArray(np.zeros((1, 40000)), np.arange(40000)[None] >= 39998)
    result = masked_like(np.zeros((1, 80000)), wide)
    assert np.flatnonzero(result.mask).tolist() == [79996, 79997, 79998, 79999]
