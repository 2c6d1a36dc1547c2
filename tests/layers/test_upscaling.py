"""Layers in and results out: what is refused, models by name, steps, and adding to a viewer."""

import numpy as np
import pytest
from napari.layers import Image, Labels, Layer, Points
from napari.utils._proxies import PublicOnlyProxy

from napari_autolut.layers.taking import UnsupportedLayerError, require_image
from napari_autolut.layers.upscaling import upscaled_layer_data, upscaled_layer_steps
from napari_autolut.storage import UnknownModelError, save_model
from tests.conftest import small_model
from tests.imagelayers import picture

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


def result_of(layer, model, **options):
    return Layer.create(*upscaled_layer_data(layer, model, **options))


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (None, "No layer to upscale: open an image"),
        (Points(np.zeros((1, 2)), name="spots"), "'spots' is a Points layer; select an Image"),
        (Image(np.zeros((4, 4), bool), name="mask"), "'mask' holds bool values; convert"),
    ],
)
def test_layers_that_cannot_be_upscaled_are_refused_in_one_sentence(model, layer, sentence):
    with pytest.raises(UnsupportedLayerError, match=sentence):
        upscaled_layer_data(layer, model)


def test_a_layer_that_napari_wraps_for_plugins_is_called_what_it_is():
    spots = PublicOnlyProxy(Points(np.zeros((1, 2)), name="spots"))
    with pytest.raises(UnsupportedLayerError, match="'spots' is a Points layer"):
        require_image(spots)


def test_only_who_upscales_hears_how_labels_are_upscaled():
    labels = Labels(np.zeros((4, 4), int), name="cells")
    with pytest.raises(UnsupportedLayerError, match="Upscale dock enlarges"):
        require_image(labels)
    with pytest.raises(UnsupportedLayerError, match="; select an Image layer to denoise"):
        require_image(labels, "denoise")


def test_models_are_taken_by_name_path_and_value(models_folder, tmp_path):
    source = Image(picture(5, 5))
    made = small_model("mine", 2)
    path = save_model(made, tmp_path / "mine.safetensors")
    by_path, by_value = result_of(source, path), result_of(source, made)
    np.testing.assert_array_equal(by_path.data, by_value.data)
    assert result_of(source, "small-x4").data.shape == (20, 20)
    with pytest.raises(UnknownModelError, match="did you mean small-x4"):
        upscaled_layer_data(source, "small-x5")


def test_steps_tell_progress_and_closing_them_cancels(model):
    source = Image(picture(5, 800, 20))
    steps = upscaled_layer_steps(source, model)
    first = next(steps)
    assert (first.done, first.total) == (1, 10)
    steps.close()
    assert list(upscaled_layer_steps(source, model))[-1] == (10, 10)
