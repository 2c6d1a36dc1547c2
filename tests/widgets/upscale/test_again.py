"""The command that runs again as the selected layer was made, from the menu and the palette."""

from functools import partial

import numpy as np
import pytest

from napari_autolut import upscale
from napari_autolut.widgets.upscale.dock import UpscaleWidget
from napari_autolut.widgets.upscale.reuse import LastRun
from tests.imagelayers import picture
from tests.widgets.upscale_dock import choose, names, run, start

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)
TITLE = "Run the last upscaling again"


@pytest.fixture
def viewer(mock_app_model, real_viewer, monkeypatch):
    """A viewer whose menus are those of a fresh napari, with our commands; nothing was run."""
    monkeypatch.setattr(LastRun, "made", None)
    return real_viewer


@pytest.fixture
def choose_entry(viewer, mock_app_model):
    """Choose an entry of the menu Layers > Filter; gives the one dock that is open then, if any."""
    entries = mock_app_model.menus.get_menu("napari/layers/filter")

    def press(title):
        (command,) = [each.command.id for each in entries if each.command.title.startswith(title)]
        mock_app_model.commands.execute_command(command).result()
        docks = list(viewer.window.dock_widgets.values())
        assert len(docks) <= 1
        return docks[0] if docks else None

    return press


@pytest.fixture
def dock(choose_entry):
    """The dock as the menu opens it."""
    return choose_entry("Upscale (")


@pytest.fixture
def again(choose_entry):
    """Choose the entry that runs again; gives the one dock that is open then, if any."""
    return partial(choose_entry, TITLE)


def finish(qtbot, dock):
    qtbot.waitUntil(lambda: not dock.run_bar.running, timeout=60_000)


@pytest.fixture
def result(viewer, dock, qtbot):
    """A result of the second of three slices, with the dock set otherwise since."""
    viewer.add_image(picture(3, 8, 6, dtype=np.uint16), name="stack")
    viewer.dims.set_current_step(0, 1)
    choose(dock.models, "small-x2 (own)")
    choose(dock.value_range.choice, "Data type")
    choose(dock.options.slices, "Current slice")
    run(qtbot, dock)
    choose(dock.models, "small-x4 (own)")
    choose(dock.value_range.choice, "Automatic")
    choose(dock.options.slices, "All slices")
    viewer.dims.set_current_step(0, 2)
    return viewer.layers["stack [1] x2 (small-x2)"]


def assert_made_again(viewer, result):
    other = viewer.layers[f"{result.name} [1]"]
    np.testing.assert_array_equal(other.data, result.data)
    assert other.metadata == result.metadata


def test_it_runs_as_the_selected_layer_was_made(viewer, dock, result, again, qtbot, notes):
    viewer.layers.selection.active = result
    assert again() is dock
    finish(qtbot, dock)
    assert_made_again(viewer, result)
    assert notes == []


def test_another_image_is_upscaled_with_the_last_settings(
    viewer, dock, result, again, qtbot, notes
):
    other = viewer.add_image(picture(3, 9, 7, dtype=np.uint16, seed=1), name="other")
    viewer.window.remove_dock_widget(dock)
    finish(qtbot, again())
    made = viewer.layers["other [2] x2 (small-x2)"]
    expected = upscale(other.data[2], "small-x2", value_range="dtype")
    np.testing.assert_array_equal(made.data[0], expected)
    assert notes == []


def test_labels_are_enlarged_as_their_result_was(viewer, dock, again, qtbot, notes):
    choose(dock.models, "small-x2 (own)")
    source = viewer.add_labels(np.arange(12).reshape(3, 4), name="cells")
    run(qtbot, dock)
    result = viewer.layers["cells x2 (nearest neighbour)"]
    viewer.layers.selection.active = result
    choose(dock.models, "small-x4 (own)")
    assert dock.reuse.text.text() == "The selected layer was made by nearest neighbour."
    finish(qtbot, again())
    assert_made_again(viewer, result)
    other = viewer.add_labels(source.data.T, name="others")
    choose(dock.models, "small-x4 (own)")
    finish(qtbot, again())
    assert viewer.layers["others x2 (nearest neighbour)"].data.shape == (8, 6)
    assert (notes, dock.models.model.name, dock.scale.value()) == ([], "small-x4", 2)
    assert dock.layers.layers == [other]


def test_labels_need_a_model_that_enlarges_as_much(viewer, dock, again, qtbot, notes):
    choose(dock.models, "small-x4 (own)")
    viewer.add_labels(np.arange(12).reshape(3, 4), name="cells")
    run(qtbot, dock)
    viewer.layers.selection.active = viewer.layers["cells x4 (nearest neighbour)"]
    choose(dock.models, "small-x2 (own)")
    again()
    assert notes == [
        "The chosen model enlarges less than \N{MULTIPLICATION SIGN}4: choose another one."
    ]
    assert len(viewer.layers) == 2


def test_upscale_is_the_first_command_that_the_palette_finds(viewer, mock_app_model):
    menus = mock_app_model.menus
    titles = [entry.command.title for entry in menus.get_menu(menus.COMMAND_PALETTE_ID)]
    found = [title for title in titles if "upscale" in title.casefold()]
    assert found[0].split(" (")[0] == "Upscale"


def test_it_opens_the_dock_where_there_is_none(viewer, dock, result, again, choose_entry, qtbot):
    viewer.window.remove_dock_widget(dock)
    viewer.layers.selection.active = result
    opened = again()
    assert isinstance(opened, UpscaleWidget) and opened is not dock
    finish(qtbot, opened)
    assert_made_again(viewer, result)
    assert choose_entry("Upscale (") is opened


def test_it_shows_a_hidden_dock(viewer, dock, result, again, qtbot):
    dock.parent().hide()
    viewer.layers.selection.active = result
    again()
    assert not dock.parent().isHidden()
    finish(qtbot, dock)
    assert_made_again(viewer, result)


def test_it_uses_the_dock_that_a_script_opened(viewer, result, dock, again, qtbot):
    viewer.window.remove_dock_widget(dock)
    _, opened = viewer.window.add_plugin_dock_widget("napari-autolut", "Upscale")
    viewer.layers.selection.active = result
    assert again() is opened
    finish(qtbot, opened)


def test_a_layer_without_settings_is_named(viewer, again, notes):
    assert again() is None
    viewer.add_image(picture(6, 6), name="image", metadata={"napari-autolut": "something"})
    assert again() is None
    assert notes[0].startswith("Select an image, or a result of the Upscale dock")
    assert notes[1].startswith("Nothing was upscaled yet") and len(notes) == 2
    assert names(viewer) == ["image"]


def test_without_its_source_the_settings_are_set_and_nothing_runs(
    viewer, dock, result, again, notes
):
    other = viewer.add_image(picture(3, 8, 6), name="other")
    viewer.layers.remove("stack")
    viewer.layers.selection.active = result
    again()
    assert not dock.run_bar.running
    assert len(notes) == 1
    assert notes[0].startswith("'stack', of which the selected layer was made, is not open")
    assert dock.models.model.name == "small-x2"
    assert other in viewer.layers and len(viewer.layers) == 2


def test_a_model_that_is_gone_is_named(viewer, dock, result, again, notes, models_folder):
    (models_folder / "small-x2.safetensors").unlink()
    dock.models.refresh()
    viewer.layers.selection.active = result
    again()
    assert not dock.run_bar.running
    assert notes == ["No model 'small-x2' is in the list; add its file first."]


def test_a_run_that_goes_on_is_not_disturbed(viewer, dock, result, again, qtbot, notes, gate):
    viewer.layers.selection.active = viewer.layers["stack"]
    start(qtbot, dock)
    viewer.layers.selection.active = result
    again()
    assert notes == ["The Upscale dock is at work: wait for it, or cancel it first."]
    assert dock.run_bar.running
    gate.set()
    finish(qtbot, dock)
    assert "stack x4 (small-x4)" in names(viewer)


def test_the_command_palette_has_it(viewer, mock_app_model):
    menus = mock_app_model.menus
    titles = [entry.command.title for entry in menus.get_menu(menus.COMMAND_PALETTE_ID)]
    assert len([title for title in titles if TITLE in title]) == 1


def test_the_source_is_known_whatever_it_is_called_now(viewer, dock, result, again, qtbot):
    viewer.layers["stack"].name = "raw"
    namesake = viewer.add_image(picture(5, 5), name="stack")
    viewer.layers.selection.active = result
    again()
    finish(qtbot, dock)
    other = viewer.layers["raw [1] x2 (small-x2)"]
    np.testing.assert_array_equal(other.data, result.data)
    assert namesake in viewer.layers
    assert len(viewer.layers) == 4
