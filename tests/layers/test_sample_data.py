"""The images under File > Open Sample."""

import numpy as np
import pytest
from napari.layers import Layer

from napari_autolut.layers import sample_data


@pytest.mark.parametrize(
    ("sample", "shape"),
    [
        (sample_data.cell, (165, 137)),
        (sample_data.tissue, (128, 128, 3)),
        (sample_data.astronaut, (128, 128, 3)),
    ],
)
def test_samples_are_small_real_pictures_without_a_download(sample, shape, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", None)
    (data,) = sample()
    layer = Layer.create(*data)
    assert layer.data.shape == shape
    assert layer.data.dtype == np.uint8
    assert layer.rgb is (len(shape) == 3)
    assert layer.data.std() > 10


def test_the_cell_has_its_physical_size():
    (data,) = sample_data.cell()
    layer = Layer.create(*data)
    height = layer.scale[0] * layer.data.shape[0]
    assert [str(unit) for unit in layer.units] == ["micrometer", "micrometer"]
    assert height == pytest.approx(660 * 0.107)
