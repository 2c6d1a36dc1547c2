"""The images under File > Open Sample."""

from threading import Barrier

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


@pytest.mark.parametrize(
    ("sample", "count", "spacing"),
    [
        (sample_data.fluorescence, 2, (0.3, 0.1, 0.1)),
        (sample_data.fluorescence_noisy, 2, (0.3, 0.1, 0.1)),
        (sample_data.fluorescence_anisotropic, 1, (0.5, 0.1, 0.1)),
    ],
)
def test_stacks_have_16_bits_voxel_sizes_and_units(sample, count, spacing):
    layers = [Layer.create(*data) for data in sample()]
    assert len(layers) == count
    for layer in layers:
        assert layer.data.dtype == np.uint16 and layer.data.ndim == 3
        assert layer.data.nbytes < 2_000_000
        np.testing.assert_allclose(layer.scale, spacing)
        assert {str(unit) for unit in layer.units} == {"micrometer"}
        assert layer.axis_labels == ("z", "y", "x")


def test_channels_are_made_beside_each_other(monkeypatch):
    both, made = Barrier(2, timeout=10), sample_data.Microscope.record

    def together(microscope, scene, seed):
        both.wait()
        return made(microscope, scene, seed)

    monkeypatch.setattr(sample_data, "SCENE", (6, 24, 24))
    monkeypatch.setattr(sample_data.Microscope, "record", together)
    names = [meta["name"] for _, meta, _ in sample_data.fluorescence()]
    assert names == ["filaments", "nuclei"]


def test_a_stack_is_the_same_each_time():
    np.testing.assert_array_equal(
        sample_data.fluorescence()[0][0], sample_data.fluorescence()[0][0]
    )
