"""The images under File > Open Sample."""

import subprocess
import sys

import numpy as np
import pytest
from napari.layers import Layer

from napari_autolut.samples import making, opening


@pytest.mark.parametrize(
    ("sample", "shape"),
    [
        (opening.cell, (165, 137)),
        (opening.tissue, (128, 128, 3)),
        (opening.astronaut, (128, 128, 3)),
    ],
)
def test_samples_are_small_real_pictures_without_a_download(sample, shape, monkeypatch):
    monkeypatch.setattr("socket.socket.connect", None)
    (data,) = sample()
    layer = Layer.create(*data)
    assert layer.data.shape == shape
    assert layer.data.dtype == np.uint8
    assert layer.rgb is (len(shape) == 3)
    assert layer.axis_labels == ("y", "x")
    assert layer.data.std() > 10


def test_the_cell_has_its_physical_size():
    (data,) = opening.cell()
    layer = Layer.create(*data)
    height = layer.scale[0] * layer.data.shape[0]
    assert [str(unit) for unit in layer.units] == ["micrometer", "micrometer"]
    assert height == pytest.approx(660 * 0.107)


@pytest.mark.parametrize(
    ("sample", "count", "spacing"),
    [
        (opening.fluorescence, 2, (0.3, 0.1, 0.1)),
        (opening.fluorescence_noisy, 2, (0.3, 0.1, 0.1)),
        (opening.fluorescence_anisotropic, 1, (0.5, 0.1, 0.1)),
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


def test_a_window_waits_for_nothing_but_a_file():
    """napari opens samples in its window's thread; importing or computing would take seconds."""
    every = "cell tissue astronaut fluorescence fluorescence_noisy fluorescence_anisotropic"
    code = (
        "import sys, napari_autolut.samples.opening as opening\n"
        f"for name in {every.split()}: getattr(opening, name)()\n"
        "heavy = {'scipy', 'skimage', 'dask', 'numba', 'napari_autolut.layers'}\n"
        "print(*(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_photographs_are_those_of_the_recipe():
    for name, image in making.photographs():
        (data,) = getattr(opening, name)()
        np.testing.assert_array_equal(data[0], image)


STACKS = (opening.fluorescence, opening.fluorescence_noisy, opening.fluorescence_anisotropic)


def test_stacks_are_those_of_the_recipe(tmp_path, monkeypatch):
    """Other versions of scipy and numpy may round a voxel otherwise, but draw no other noise."""
    monkeypatch.setattr(making, "photographs", dict)
    making.save(tmp_path)
    kept = [layer for stack in STACKS for layer in stack()]
    monkeypatch.setattr(opening, "FOLDER", tmp_path)
    made = [layer for stack in STACKS for layer in stack()]
    for (one, meta, _), (other, expected, _) in zip(kept, made, strict=True):
        assert np.mean(one != other) < 0.01
        assert meta["contrast_limits"] == pytest.approx(expected["contrast_limits"], rel=0.01)
