"""Channels that are seen together in the views of a comparison."""

import numpy as np
import pytest
from napari.layers import Layer
from qtpy.QtWidgets import QApplication

from napari_autolut import upscale
from napari_autolut.layers import upscaled_layer_data
from napari_autolut.widgets.compare.bar import Mode
from napari_autolut.widgets.compare.channels import channels_of, counterpart
from tests.imagelayers import picture
from tests.widgets.compare_dock import compare, names

RED, GREEN = "red", "green"


@pytest.fixture
def channels(viewer):
    """Two channels as napari splits them: the lower one covers, the upper one is added."""
    image = np.stack([picture(3, 12, 9), picture(3, 12, 9) // 2])
    return viewer.add_image(
        image, channel_axis=0, name=["a", "b"], colormap=[RED, GREEN], contrast_limits=(0, 255)
    )


@pytest.fixture
def together(dock, channels):
    """The dock with both channels, of which the lower one is picked."""
    dock.layers.pick(channels[0])
    dock.channels.setChecked(True)
    return dock


def test_they_are_offered_where_layers_are_channels(viewer, dock, channels):
    assert channels_of(viewer.layers, channels[0]) == [channels[1]]
    assert channels_of(viewer.layers, channels[1]) == [channels[0]]
    assert not dock.channels.isHidden()
    assert "Show b, a together" in dock.channels.toolTip()
    other = viewer.add_image(picture(3, 12, 9), name="no channel")
    larger = viewer.add_image(picture(3, 24, 18), name="larger", blending="additive")
    assert channels_of(viewer.layers, channels[0]) == [channels[1]]
    assert channels_of(viewer.layers, other) == channels_of(viewer.layers, larger) == []
    dock.layers.pick(other)
    assert dock.channels.isHidden() and not dock.channels.others


def test_every_view_has_all_channels_in_their_colours(viewer, together, channels, qtbot):
    window = compare(qtbot, together)
    assert names(window) == ["Source (nearest)", "Bicubic", "small-x1"]
    number = viewer.dims.current_step[0]
    for stack in window.canvas.stacks:
        assert [each.colormap.name for each in stack] == [RED, GREEN]
        assert [each.blending for each in stack] == ["translucent", "additive"]
    for layer, channel in zip(window.canvas.stacks[2], channels, strict=True):
        expected = upscale(channel.data, "small-x1")[number]
        np.testing.assert_array_equal(layer.data[0], expected)


def test_the_canvas_shows_their_sum(viewer, dock, qtbot):
    both = np.stack([np.full((40, 40), 200, np.uint8), np.full((40, 40), 100, np.uint8)])
    viewer.add_image(both, channel_axis=0, colormap=[RED, GREEN], contrast_limits=(0, 255))
    dock.channels.setChecked(True)
    window = compare(qtbot, dock)
    for mode in (Mode.BESIDE, Mode.CURTAIN, Mode.BLINK):
        window.bar.buttons[mode].click()
        window.bar.play.setChecked(False)
        for _ in range(5):
            QApplication.processEvents()
        seen = window.canvas.qt_viewer.screenshot(flash=False)
        for place in window.canvas.places()[:2]:  # the source and its bicubic interpolation
            line = seen[int(place.center().y()), int(place.left()) : int(place.right()), :3]
            found = np.abs(line.astype(int) - (200, 100, 0)).max(-1) <= 2
            assert found.sum() > 20
            # Beside it is the background.
            assert (found | (line.max(-1) == line.min(-1))).mean() > 0.9


GREY_BELOW = {"colormap": "gray"}


@pytest.mark.parametrize(
    ("picked", "lower", "upper", "expected"),
    [
        (0, {"opacity": 0.5}, {"blending": "additive", "opacity": 0.8}, (100, 80, 0)),
        (1, {"opacity": 0.5}, {"blending": "additive", "opacity": 0.8}, (100, 80, 0)),
        (0, GREY_BELOW, {"blending": "minimum", "colormap": "I Blue"}, (155, 175, 200)),
        (1, GREY_BELOW, {"blending": "multiplicative", "colormap": "yellow"}, (78, 78, 0)),
    ],
)
def test_the_canvas_and_the_magnifier_blend_them_as_the_viewer(
    viewer, dock, qtbot, picked, lower, upper, expected
):
    for value, colormap, how in ((200, RED, lower), (100, GREEN, upper)):
        image = np.full((40, 40), value, np.uint8)
        viewer.add_image(image, contrast_limits=(0, 255), **{"colormap": colormap, **how})
    dock.layers.pick(viewer.layers[picked])
    dock.channels.setChecked(True)
    window = compare(qtbot, dock)
    for _ in range(5):
        QApplication.processEvents()
    seen = window.canvas.qt_viewer.screenshot(flash=False)
    place = window.canvas.places()[0].center()
    np.testing.assert_allclose(seen[int(place.y()), int(place.x()), :3], expected, atol=2)
    window.bar.magnifier.click()
    colour = window.magnifier.panes[0].magnified.image.pixelColor(0, 0)
    np.testing.assert_allclose(colour.getRgb()[:3], expected, atol=2)


def test_a_hidden_channel_is_left_out_unless_its_result_is_seen(viewer, dock, channels, model):
    lower, upper = channels
    upper.visible = False
    assert channels_of(viewer.layers, lower) == []
    assert channels_of(viewer.layers, upper) == [lower]
    result = viewer.add_layer(Layer.create(*upscaled_layer_data(upper, model)))
    assert channels_of(viewer.layers, lower) == [upper]
    lower.visible = upper.visible = result.visible = False
    assert channels_of(viewer.layers, lower) == [upper]


def test_each_channel_has_its_own_contrast(together, qtbot):
    window = compare(qtbot, together)
    row = window.bar.contrast
    assert [row.channel.itemText(n) for n in range(row.channel.count())] == ["a", "b"]
    row.channel.setCurrentIndex(1)
    row.slider.setValue((10, 60))
    for stack in window.canvas.stacks:
        limits = [tuple(each.contrast_limits) for each in stack]
        assert limits == [(0, 255), (10, 60)]
    window.bar.buttons[Mode.DIFFERENCE].click()
    qtbot.waitUntil(lambda: "\N{MINUS SIGN}" in names(window)[1])
    assert [stack[1].data.any() for stack in window.canvas.stacks] == [False] * 3
    window.bar.buttons[Mode.BESIDE].click()
    assert tuple(window.canvas.stacks[0][1].contrast_limits) == (10, 60)


def test_results_of_all_channels_are_one_view(viewer, together, channels, model, qtbot):
    for channel in channels:
        viewer.add_layer(Layer.create(*upscaled_layer_data(channel, model)))
    first, second = list(viewer.layers)[-2:]
    together.layers.pick(channels[0])
    together.channels.setChecked(True)
    together.views.tick(second)
    together.views.tick("bicubic", False)
    window = compare(qtbot, together)
    number = viewer.dims.current_step[0]
    for layer, result in zip(window.canvas.stacks[2], (first, second), strict=True):
        np.testing.assert_array_equal(layer.data[0], result.data[number])
    viewer.layers.remove(first)
    window = compare(qtbot, together)
    assert names(window)[2] == f"{second.name} (alone)"
    shown, nothing = window.canvas.stacks[2]
    assert shown.colormap.name == GREEN and not nothing.data.any()


def test_results_of_results_belong_together_too(viewer, channels, model):
    def added(layer):
        return viewer.add_layer(Layer.create(*upscaled_layer_data(layer, model)))

    first, second = (added(channel) for channel in channels)
    again, other = added(first), added(second)
    layers = list(viewer.layers)
    assert counterpart(layers, first, channels[1], channels) is second
    assert counterpart(layers, again, channels[1], channels) is other
    assert counterpart(layers, other, channels[0], channels) is again
    assert counterpart(layers, again, second, (first, second)) is other
    assert counterpart(layers, first, second, (first, second)) is None
    layers.remove(other)
    assert counterpart(layers, again, channels[1], channels) is None


def test_the_magnifier_shows_their_sum(viewer, together, channels, qtbot):
    window = compare(qtbot, together)
    window.bar.magnifier.click()
    image = window.magnifier.panes[0].magnified.image
    number = viewer.dims.current_step[0]
    colour = image.pixelColor(0, 0)
    assert (colour.red(), colour.green()) == tuple(each.data[number, 0, 0] for each in channels)


def test_what_shows_one_channel_alone_is_named_by_it(viewer, together, channels, qtbot):
    window = compare(qtbot, together)
    picked = together.layers.layer.name
    assert window.windowTitle().startswith(f"Compare: {picked}")
    assert not names(window)[0].startswith(picked)
    window.bar.buttons[Mode.DIFFERENCE].click()
    qtbot.waitUntil(lambda: not window.modes.colours.isHidden(), timeout=20_000)
    assert all(each.startswith(f"{picked}: ") for each in names(window))
