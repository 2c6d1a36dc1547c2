"""Maps of expected errors as views of a comparison, in colours of their own."""

from dataclasses import replace

import numpy as np
import pytest

from napari_autolut import load_model, save_model, upscale
from napari_autolut.model import Card, ErrorTable
from napari_autolut.widgets.compare.bar import Mode
from napari_autolut.widgets.shared import number_text
from tests.imagelayers import picture
from tests.widgets.compare_dock import (
    compare,
    in_large_window,
    names,
    press,
    tick_model,
    with_truth,
)

TABLE = ErrorTable(np.full((2, 2, 2), 2, np.float32), ((-4.0, 6.0), (-4.0, 2.0), (-5.0, 3.0)))
MAP = "own-x2, expected error (90 %)"


@pytest.fixture
def own(models_folder, dock):
    """A model with a table of errors, ticked in the dock in place of the first one."""
    model = replace(load_model("small-x2"), expected_error=TABLE, card=Card("own-x2"))
    save_model(model, models_folder / "own-x2.safetensors")
    dock.views.refresh()
    for choice in dock.views.ticked[2:]:
        dock.views.tick(choice, False)
    tick_model(dock, "own-x2")
    dock.errors.setChecked(True)
    return model


def test_the_map_is_a_view_beside_its_result(viewer, dock, qtbot, own):
    source = viewer.add_image(picture(2, 12, 9, dtype=np.uint16), contrast_limits=(0, 9000))
    window = in_large_window(qtbot, dock)
    assert names(window) == ["Source (nearest)", "Bicubic", "own-x2", MAP]
    shown = window.canvas.layers[3]
    _, expected = upscale(source.data, own, expected_error=True)
    slice_number = viewer.dims.current_step[0]
    np.testing.assert_array_equal(shown.data[0], expected[slice_number])
    assert shown.colormap.name == "inferno"
    limits = tuple(shown.contrast_limits)
    assert limits == (0, pytest.approx(np.quantile(shown.data, 0.995)))
    (bar,) = window.modes.error_bars.shown
    assert bar.texts == ("0", "", f"\N{GREATER-THAN OR EQUAL TO} {number_text(limits[1])}")
    assert bar in window.modes.exported_overlays
    window.bar.contrast.slider.setValue((100, 5000))
    assert tuple(window.canvas.layers[2].contrast_limits) == (100, 5000)
    assert tuple(shown.contrast_limits) == limits


def test_among_channels_together_it_is_named_by_its_own(viewer, dock, qtbot, own):
    two = picture(2, 12, 9)
    viewer.add_image(two, channel_axis=0, name=["a", "b"], contrast_limits=(0, 255))
    dock.channels.setChecked(True)
    window = compare(qtbot, dock)
    assert names(window)[3] == f"{dock.layers.layer.name}: {MAP}"


def test_of_colours_it_is_the_largest(viewer, dock, qtbot, own):
    source = viewer.add_image(picture(12, 9, 3), rgb=True)
    window = compare(qtbot, dock)
    _, expected = upscale(source.data, own, rgb=True, expected_error=True)
    np.testing.assert_array_equal(window.canvas.layers[3].data, expected.max(-1))


def test_it_has_neither_figures_nor_differences(viewer, dock, qtbot, own):
    source, _ = with_truth(viewer, 16, 16)
    dock.layers.pick(source)
    dock.views.tick("bicubic", False)
    dock.truth.setCurrentIndex(1)
    dock.truth.activated.emit(1)
    window = compare(qtbot, dock)
    assert names(window) == ["Source (nearest)", "own-x2", MAP, "truth"]
    table = window.metrics
    measured = [table.item(row, 0).text() for row in range(table.rowCount())]
    assert measured == ["Source (nearest)", "own-x2"]
    box = window.bar.reference_box
    assert [box.itemText(n) for n in range(box.count())] == ["Source (nearest)", "own-x2", "truth"]
    assert window.bar.reference == 3
    errors = window.canvas.layers[2].data
    window.bar.buttons[Mode.DIFFERENCE].click()
    qtbot.waitUntil(lambda: "\N{MINUS SIGN}" in names(window)[0])
    assert names(window)[2:] == [MAP, "truth"]
    np.testing.assert_array_equal(window.canvas.layers[2].data, errors)
    assert window.canvas.layers[2].contrast_limits[0] == 0


def test_blinking_shows_its_colours_with_it_alone(viewer, dock, qtbot, own):
    viewer.add_image(picture(12, 9))
    window = compare(qtbot, dock)
    window.modes.blink_on(0)
    assert not window.modes.error_bars.shown
    window.modes.blink_on(3)
    assert len(window.modes.error_bars.shown) == 1


def test_models_without_a_table_and_too_many_views_are_refused(viewer, dock, qtbot, own):
    viewer.add_image(picture(12, 9))
    tick_model(dock, "small-x2")
    press(qtbot, dock)
    said = dock.run_bar.status.text()
    assert said == (
        "With the maps of expected errors there are 5 views, and 4 are the most. "
        "Untick 1 of them, or the map."
    )
    (entry,) = (each for each in dock.views.ticked if getattr(each, "name", "") == "own-x2")
    dock.views.tick(entry, False)
    press(qtbot, dock)
    assert dock.run_bar.status.text().startswith("None of the ticked models has a table of")
