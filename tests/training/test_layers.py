"""Layers as training data: written slice by slice, and a source like any other."""

import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_autolut.arrays import finish
from napari_autolut.io.files import read_image
from napari_autolut.layers.taking import UnsupportedLayerError
from napari_autolut.training.degradation import Degradation
from napari_autolut.training.layers import (
    LayerPixels,
    folder_name,
    write_for_run,
    write_layers,
)
from napari_autolut.training.runs import runs_folder
from napari_autolut.training.sources import (
    OpenLayersSource,
    learned_from,
)
from tests.pictures import picture


@pytest.mark.parametrize(
    ("shape", "dtype", "rgb", "slices"),
    [
        ((64, 50), "uint16", False, 1),
        ((300, 300), "float32", False, 1),
        ((7, 64, 50), "uint16", False, 7),
        ((5, 9, 40, 64), "uint8", False, 45),
        ((64, 64, 3), "uint8", True, 1),
        ((1, 40, 64), "float64", False, 1),
    ],
)
def test_layers_are_written_value_by_value(tmp_path, shape, dtype, rgb, slices):
    data = picture(shape, dtype)
    layer = LayerPixels.of(Image(data, rgb=rgb, name="cells"))
    found = layer.found(layer.usable())
    assert (found.slices, found.size, found.dtype) == (slices, layer.size, dtype)
    folder = finish(write_layers([layer], tmp_path / "out"))
    (path,) = folder.iterdir()
    image = read_image(path)
    assert str(image.data.dtype) == dtype
    np.testing.assert_array_equal(image.data.ravel(), data.ravel())


def test_slices_of_a_lazy_layer_are_computed_one_by_one(tmp_path):
    import dask.array as da

    data = picture((6, 32, 32), "uint16")
    layer = LayerPixels("lazy", da.from_array(data, chunks=(1, 32, 32)), False)
    folder = finish(write_layers([layer], tmp_path / "out"))
    back = np.concatenate(
        [read_image(p).data.reshape(-1, 32, 32) for p in sorted(folder.iterdir())]
    )
    np.testing.assert_array_equal(back, data)


def test_progress_counts_planes(tmp_path):
    layers = [
        LayerPixels("a", picture((3, 32, 32)), False),
        LayerPixels("b", picture((32, 32)), False),
    ]
    told = [(each.done, each.total) for each in write_layers(layers, tmp_path / "out")]
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_of_a_layer_beyond_all_memory_slices_from_everywhere_are_taken(tmp_path, monkeypatch):
    monkeypatch.setattr("napari_autolut.training.layers.MAX_PIXELS", 25 * 32 * 32)
    layer = LayerPixels("long", np.arange(99)[:, None, None] * np.ones((32, 32), int), False)
    assert layer.found(None).planes == 25
    folder = finish(write_layers([layer], tmp_path / "out"))
    values = np.concatenate([read_image(p).data.ravel() for p in sorted(folder.iterdir())])
    taken = np.unique(values)
    assert (len(taken), taken.min(), taken.max()) == (25, 0, 98)


def test_writing_that_is_stopped_leaves_nothing(models_folder):
    steps = write_for_run([LayerPixels("a", picture((3, 32, 32)), False)])
    next(steps)
    assert len(list(runs_folder().iterdir())) == 1
    steps.close()
    assert list(runs_folder().iterdir()) == []


def test_labels_are_refused():
    with pytest.raises(UnsupportedLayerError, match="Labels"):
        LayerPixels.of(Labels(np.zeros((4, 4), int)))


def test_the_folder_is_named_after_the_layers():
    layers = [LayerPixels(name, np.zeros((4, 4)), False) for name in ("DAPI/1", "a*b")]
    assert folder_name(layers) == "open layers DAPI 1 a b"


def test_layers_are_a_source_like_any_other():
    layer = LayerPixels("cells", picture((3, 64, 64)), False)
    source = OpenLayersSource((layer,))
    findings = finish(source.find())
    assert [image.name for image in findings.images] == ["cells"]
    assert learned_from(source, findings) == "1 open layer: cells"
    assert source.effect(findings.images[0], 2, Degradation(), 0).before.shape == (64, 64)
