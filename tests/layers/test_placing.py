"""Results among a viewer's layers: what is seen is the newest result, and all can be undone."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_autolut.layers import family, layer_id, place_result, upscaled_layer_data
from tests.imagelayers import picture


def placed(viewer, source, model, **options):
    return place_result(viewer, source, upscaled_layer_data(source, model), **options)


def test_the_result_goes_right_above_its_source_with_its_slider_range(model):
    viewer = ViewerModel()
    below = viewer.add_image(picture(8, 8), name="below")
    source = viewer.add_image(picture(8, 8), name="source", contrast_limits=(10, 90))
    source.contrast_limits_range = (0, 255)
    above = viewer.add_image(picture(8, 8), name="above")
    result = place_result(viewer, source, upscaled_layer_data(source, model)).result
    assert list(viewer.layers) == [below, source, result, above]
    assert viewer.layers.selection.active is above
    assert result.contrast_limits == [10, 90]
    assert result.contrast_limits_range == [0, 255]


def test_automatic_contrast_goes_on_being_automatic(model):
    viewer = ViewerModel()
    source = viewer.add_image(picture(3, 8, 8, dtype=np.float64), contrast_limits=(3, 4))
    if not hasattr(source, "auto_contrast"):
        pytest.skip("this napari has no automatic contrast of layers")
    source.auto_contrast = True
    result = place_result(viewer, source, upscaled_layer_data(source, model)).result
    assert result.auto_contrast
    shown = result.data[viewer.dims.current_step[0]]
    assert result.contrast_limits == [shown.min(), shown.max()]


def test_labels_are_seen_as_their_source_is(model):
    viewer = ViewerModel()
    source = viewer.add_labels(np.arange(64).reshape(8, 8))
    source.contour, source.selected_label, source.show_selected_label = 2, 7, True
    result = place_result(viewer, source, upscaled_layer_data(source, model)).result
    assert (result.contour, result.selected_label, result.show_selected_label) == (2, 7, True)


def test_a_new_result_lies_above_earlier_ones_whatever_the_image_is_called(model):
    viewer = ViewerModel()
    source = viewer.add_image(picture(8, 8), name="before")
    first = placed(viewer, source, model).result
    of_first = placed(viewer, first, model).result
    source.name = "after"
    namesake = viewer.add_image(picture(8, 8), name="before")
    second = placed(viewer, source, model).result
    assert list(viewer.layers) == [source, first, of_first, second, namesake]
    assert family(viewer, source) == [source, first, of_first, second]
    assert source.visible and first.visible  # an opaque result covers them


@pytest.mark.parametrize("look", [{"blending": "additive"}, {"opacity": 0.5}])
def test_what_would_be_seen_through_a_result_is_hidden_until_it_is_undone(model, look):
    viewer = ViewerModel()
    other = viewer.add_image(picture(8, 8), **look)
    source = viewer.add_image(picture(8, 8), **look)
    hidden = viewer.add_image(picture(8, 8), visible=False, **look)
    first = placed(viewer, source, model)
    second = placed(viewer, source, model)
    assert [each.visible for each in viewer.layers] == [True, False, False, True, False]
    assert second.hidden == [first.result]
    second.undo()
    assert list(viewer.layers) == [other, source, first.result, hidden]
    assert first.result.visible and not source.visible
    first.undo()
    assert source.visible and not hidden.visible


def test_a_result_can_take_the_place_of_the_last_one(model):
    viewer = ViewerModel()
    source = viewer.add_image(picture(8, 8), blending="additive")
    first = placed(viewer, source, model)
    name = first.result.name
    second = placed(viewer, source, model, replaced=first.result)
    assert list(viewer.layers) == [source, second.result]
    assert second.result.name == name
    assert not source.visible
    second.undo()
    assert list(viewer.layers) == [source, first.result]
    assert first.result.visible


def test_the_result_of_a_pyramid_takes_the_last_one_s_place_and_keeps_its_levels(
    model, monkeypatch
):
    monkeypatch.setattr("napari_autolut.layers.source.PYRAMID_SIDE", 12)
    viewer = ViewerModel()
    levels = [picture(8, 8), picture(4, 4)]
    source = viewer.add_image(levels, multiscale=True, blending="additive")
    first = placed(viewer, source, model)
    second = placed(viewer, source, model, replaced=first.result)
    for layer in (first.result, second.result):
        assert [each.shape for each in layer.data] == [(16, 16), (8, 8), (4, 4)]
    assert list(viewer.layers) == [source, second.result] and not source.visible
    second.undo()
    assert list(viewer.layers) == [source, first.result] and not source.visible
    first.undo()
    assert list(viewer.layers) == [source] and source.visible


def test_layers_removed_meanwhile_are_no_trouble(model):
    viewer = ViewerModel()
    source = viewer.add_image(picture(8, 8), blending="additive")
    result = placed(viewer, source, model)
    viewer.layers.clear()
    result.undo()
    assert not viewer.layers


def test_a_layer_keeps_its_number():
    viewer = ViewerModel()
    first, second = (viewer.add_image(np.zeros((4, 4))) for _ in range(2))
    assert layer_id(first) == layer_id(first) != layer_id(second)
