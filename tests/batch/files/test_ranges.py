"""Value ranges of files, whatever the order of their axes."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from napari_autolut.batch.files.ranges import channel_ranges
from napari_autolut.io import ImageFile

AXES = "CZYX"
DATA = np.random.default_rng(0).gamma(2.0, 300.0, (2, 3, 60, 70)).astype(np.uint16)
DATA[1] += 4000


@pytest.mark.parametrize("axes", ["".join(each) for each in permutations(AXES)])
def test_the_order_of_axes_does_not_matter(axes: str) -> None:
    """Rows and columns that come first are not sampled as slices are."""
    data = DATA.transpose([AXES.index(axis) for axis in axes])
    expected = channel_ranges(ImageFile(DATA, AXES), "auto")
    assert channel_ranges(ImageFile(data, axes), "auto") == expected
    assert expected[0].hi < 4000 < expected[1].lo


def test_colours_stay_last() -> None:
    data = np.stack([DATA[0, 0], DATA[0, 1], DATA[0, 2]], axis=-1)
    across = ImageFile(data.swapaxes(0, 1), "XYS")
    assert channel_ranges(across, "auto") == channel_ranges(ImageFile(data, "YXS"), "auto")
