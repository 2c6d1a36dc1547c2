"""The box that follows a viewer's image layers."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_autolut.layers.provenance import PREVIEW_KEY
from napari_autolut.widgets.shared.layer_picker import ImageLayerPicker


@pytest.fixture
def viewer():
    return ViewerModel()


@pytest.fixture
def picker(viewer, qtbot):
    widget = ImageLayerPicker(viewer)
    qtbot.addWidget(widget)
    return widget


def listed(picker):
    return [picker.itemText(row) for row in range(picker.count())]


def add(viewer, name):
    return viewer.add_image(np.zeros((4, 4)), name=name)


def test_images_are_listed_as_in_the_layer_list(viewer, picker):
    assert not picker.isEnabled()
    add(viewer, "one")
    viewer.add_points(np.zeros((1, 2)), name="spots")
    add(viewer, "two")
    assert listed(picker) == ["two", "one"]
    assert picker.isEnabled()
    viewer.layers.move(0, 3)
    assert listed(picker) == ["one", "two"]


def test_images_that_were_there_before_are_listed_too(viewer, qtbot):
    add(viewer, "early")
    picker = ImageLayerPicker(viewer)
    qtbot.addWidget(picker)
    assert picker.currentText() == "early"


def test_the_selected_image_is_picked_and_other_layers_are_not(viewer, picker):
    one, two = add(viewer, "one"), add(viewer, "two")
    assert picker.layer is two
    viewer.layers.selection.active = one
    assert picker.layer is one
    viewer.add_points(np.zeros((1, 2)))
    assert picker.layer is one


def test_a_pick_by_hand_stays_until_the_selection_changes(viewer, picker):
    one, _ = add(viewer, "one"), add(viewer, "two")
    picker.setCurrentIndex(listed(picker).index("one"))
    assert picker.layer is one


def test_the_picked_image_keeps_its_place_when_renamed_or_moved(viewer, picker):
    one, _ = add(viewer, "one"), add(viewer, "two")
    viewer.layers.selection.active = one
    one.name = "first"
    assert picker.currentText() == "first"
    viewer.layers.move(0, 2)
    assert picker.layer is one


def test_when_the_picked_image_goes_another_one_is_picked(viewer, picker, qtbot):
    one, two = add(viewer, "one"), add(viewer, "two")
    with qtbot.waitSignal(picker.layer_changed):
        viewer.layers.remove(two)
    assert picker.layer is one
    viewer.layers.clear()
    assert picker.layer is None
    assert not picker.isEnabled()


def test_without_an_image_the_selected_layer_can_be_named(viewer, picker):
    labels = viewer.add_labels(np.zeros((4, 4), int))
    assert picker.layer is labels


def test_a_deleted_box_is_not_called_any_more(viewer, qtbot):
    picker = ImageLayerPicker(viewer)
    gone = []
    picker.destroyed.connect(lambda: gone.append(True))
    picker.deleteLater()
    qtbot.waitUntil(lambda: bool(gone))
    add(viewer, "later")


@pytest.fixture
def several(viewer, qtbot):
    widget = ImageLayerPicker(viewer, several=True)
    qtbot.addWidget(widget)
    return widget


def test_several_selected_images_are_an_entry_of_their_own(viewer, several):
    one, two, three = (add(viewer, name) for name in ("one", "two", "three"))
    viewer.layers.selection = {three, one, viewer.add_points(np.zeros((1, 2)))}
    assert listed(several) == ["2 selected layers", "three", "two", "one"]
    assert several.layers == [one, three]
    several.pick(two)
    assert several.layers == [two]
    viewer.layers.selection.events.changed(added=set(), removed=set())  # as where a layer comes
    assert several.layers == [two]
    viewer.layers.selection.active = three
    assert listed(several) == ["three", "two", "one"]
    assert several.layers == [three]


def test_a_selected_image_that_goes_is_no_longer_among_them(viewer, several):
    one, two, three = (add(viewer, name) for name in ("one", "two", "three"))
    viewer.layers.selection = {one, two, three}
    viewer.layers.remove(two)
    assert several.layers == [one, three]
    viewer.layers.remove(three)
    assert several.layers == [one]


def test_what_a_lens_shows_is_no_image_to_work_on(viewer, picker):
    add(viewer, "one")
    viewer.add_image(np.zeros((4, 4)), metadata={PREVIEW_KEY: True})
    assert listed(picker) == ["one"]
    assert picker.currentText() == "one"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data", np.zeros((5, 4))),
        ("data", np.zeros((2, 4, 4))),
        ("data", np.zeros((4, 4), np.uint8)),
        ("scale", (2, 3)),
        ("units", ("um", "um")),
        ("axis_labels", ("t", "x")),
    ],
)
def test_a_picked_layer_that_becomes_another_kind_of_image_is_told_of(viewer, picker, name, value):
    layer, said = add(viewer, "one"), []
    picker.layer_changed.connect(lambda: said.append(picker.layer))
    setattr(layer, name, value)
    assert said == [layer]
    picker.connections.undo()
    layer.scale = (7,) * layer.ndim
    assert said == [layer]


def test_the_next_frame_and_what_is_not_picked_are_not(viewer, picker):
    other, layer, said = add(viewer, "one"), add(viewer, "two"), []
    picker.layer_changed.connect(lambda: said.append(picker.layer))
    layer.data = np.ones((4, 4))
    layer.translate, layer.name = (3, 4), "three"
    other.scale = (2, 2)
    assert said == []
