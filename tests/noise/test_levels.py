"""White noise of images that are to be enlarged: rather too little than too much."""

import numpy as np
import pytest

from napari_autolut.noise import NoiseModel, levels


@pytest.mark.parametrize("start", [5_000, 15_000])
def test_no_line_starts_above_the_darkest_pixels(monkeypatch, start):
    """As where bright structure was taken for noise; the noise of the median is as it was found."""
    image = np.random.default_rng(0).normal(20_000, 3_000, (96, 96))
    darkest, median = np.quantile(image[::2, ::2], (0.001, 0.5))
    found = NoiseModel(9e6 / (median - start), -start * 9e6 / (median - start))
    monkeypatch.setattr(levels, "noise_of_planes", lambda planes: found)
    taken = levels.white_noise([image])
    assert taken.dark == pytest.approx(min(start, darkest))
    assert taken.variance(median) == pytest.approx(9e6)
