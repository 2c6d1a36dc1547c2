from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_autolut.evaluation.metrics import luma, psnr_y, ssim_y


def colours(seed: int = 0, shape: tuple[int, ...] = (24, 20, 3)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def test_luma_is_matlabs() -> None:
    corners = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]]])
    expected = [16, 235, 16 + 65.481, 16 + 128.553, 16 + 24.966]
    assert luma(corners.astype(np.uint8))[0] == pytest.approx(expected)


def test_grey_is_three_equal_colours() -> None:
    grey = colours(shape=(24, 20))
    assert luma(grey) == pytest.approx(luma(np.stack([grey] * 3, -1)))


@given(offset=st.integers(1, 60), border=st.integers(0, 5))
def test_psnr_of_a_constant_error(offset: int, border: int) -> None:
    truth = colours(shape=(16, 14)) // 2
    expected = 20 * math.log10(255 / (offset * 219 / 255))
    assert psnr_y(truth + np.uint8(offset), truth, border=border) == pytest.approx(expected)


def test_the_border_is_cut() -> None:
    truth, damaged = colours(1), colours(1)
    damaged[:3] = damaged[:, -3:] = 0
    assert psnr_y(damaged, truth, border=3) == math.inf
    assert ssim_y(damaged, truth, border=3) == 1
    assert psnr_y(damaged, truth, border=2) < 40
    assert ssim_y(damaged, truth, border=2) < 1


def test_a_value_range_changes_nothing() -> None:
    first, truth = colours(1), colours(2)
    expected = psnr_y(first, truth, border=2), ssim_y(first, truth, border=2)
    for dtype, black, step in [("uint16", 1000, 51), ("float32", -1, 1 / 128)]:
        white = black + 255 * step
        scaled = [(black + each.astype(float) * step).astype(dtype) for each in (first, truth)]
        limits = {"border": 2, "value_range": (black, white)}
        found = psnr_y(*scaled, **limits), ssim_y(*scaled, **limits)
        assert found == pytest.approx(expected, abs=1e-6)


def ssim_by_definition(first: np.ndarray, second: np.ndarray) -> float:
    """Wang et al. 2004, equation 13, window by window."""
    distance = np.arange(-5, 6)
    gauss = np.exp(-(distance**2) / (2 * 1.5**2))
    window = np.outer(gauss, gauss) / gauss.sum() ** 2
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    views = [np.lib.stride_tricks.sliding_window_view(each, (11, 11)) for each in (first, second)]
    mx, my = ((view * window).sum((-2, -1)) for view in views)
    xx, yy, xy = (
        (a * b * window).sum((-2, -1)) - m * n
        for a, b, m, n in [(views[0], views[0], mx, mx), (views[1], views[1], my, my),
                           (views[0], views[1], mx, my)]
    )  # fmt: skip
    similarity = (2 * mx * my + c1) * (2 * xy + c2) / ((mx**2 + my**2 + c1) * (xx + yy + c2))
    return float(similarity.mean())


def test_ssim_by_its_definition() -> None:
    truth = colours(1, (40, 33, 3))
    noise = np.random.default_rng(3).normal(0, 20, truth.shape)
    noisy = np.clip(truth + noise, 0, 255).astype(np.uint8)
    cut = np.s_[4:-4, 4:-4]
    expected = ssim_by_definition(luma(noisy)[cut], luma(truth)[cut])
    assert ssim_y(noisy, truth, border=4) == pytest.approx(expected, abs=1e-7)


def test_lists_are_images_and_alpha_does_not_count() -> None:
    first, truth = colours(1), colours(2)
    expected = psnr_y(first, truth, border=2)
    assert psnr_y(first.tolist(), truth.tolist(), border=2) == expected
    assert psnr_y(np.dstack([first, first[..., 0]]), truth, border=2) == expected


def test_sizes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"\(24, 20\) and \(24, 19\)"):
        psnr_y(colours(), colours()[:, 1:], border=2)
    with pytest.raises(ValueError, match="at least 9 pixels"):
        psnr_y(colours()[:8], colours()[:8], border=4)
    with pytest.raises(ValueError, match="at least 15 pixels"):
        ssim_y(colours()[:14], colours()[:14], border=2)
