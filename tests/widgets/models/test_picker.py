"""The box of models and the list that it opens."""

import shutil
import unicodedata
from dataclasses import replace

import pytest
from qtpy.QtCore import Qt

from napari_autolut.storage import (
    ModelFileError,
    catalogue_changes,
    load_model_file,
    save_model,
)
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.models.picker import ModelPicker, NoModelError
from tests.conftest import ship


@pytest.fixture
def picker(models_folder, monkeypatch, qtbot):
    ship(monkeypatch, models_folder / "shipped")
    widget = ModelPicker()
    qtbot.addWidget(widget)
    yield widget
    widget.connections.undo()  # Qt deletes it later, in the midst of a signal of the next test


def listed(picker):
    return [picker.itemText(row) for row in range(picker.count())]


def test_models_are_listed_with_their_files(picker, models_folder):
    assert listed(picker) == ["small-x1 (own)", "small-x2 (own)", "small-x4 (own)"]
    tip = picker.itemData(1, Qt.ItemDataRole.ToolTipRole)
    assert tip == str(models_folder / "small-x2.safetensors")


def test_the_chosen_model_is_loaded(picker, qtbot):
    with qtbot.waitSignal(picker.model_changed):
        picker.setCurrentIndex(2)
    assert (picker.model.name, picker.model.scale) == ("small-x4", 4)


def test_models_are_listed_by_scale_and_the_default_is_chosen(models_folder, monkeypatch, qtbot):
    shipped = models_folder / "shipped"
    shipped.mkdir()
    for scale in (2, 4):
        shutil.copy(
            models_folder / f"small-x{scale}.safetensors",
            shipped / f"natural-x{scale}.safetensors",
        )
    ship(monkeypatch, shipped)
    picker = ModelPicker()
    qtbot.addWidget(picker)
    assert listed(picker) == [
        "small-x1 (own)",
        "natural-x2",
        "small-x2 (own)",
        "natural-x4",
        "small-x4 (own)",
    ]
    assert picker.currentText() == "natural-x4"


def test_models_that_come_and_go_are_seen_when_the_list_opens(picker, models_folder, qtbot):
    picker.setCurrentIndex(1)
    (models_folder / "small-x1.safetensors").rename(models_folder / "fresh.safetensors")
    picker.showPopup()
    picker.hidePopup()
    assert listed(picker) == ["fresh (own)", "small-x2 (own)", "small-x4 (own)"]
    assert picker.currentText() == "small-x2 (own)"
    (models_folder / "small-x2.safetensors").unlink()
    with qtbot.waitSignal(picker.lost) as lost:
        picker.refresh()
    assert lost.args == ["small-x2"]
    assert picker.currentText() == "fresh (own)"
    assert picker.model.scale == 1


def test_a_model_trained_anew_is_loaded_anew(picker, models_folder):
    picker.setCurrentIndex(0)
    shutil.copy(models_folder / "small-x4.safetensors", models_folder / "small-x1.safetensors")
    picker.showPopup()
    picker.hidePopup()
    assert picker.model.scale == 4


def test_a_broken_file_is_named(picker, models_folder):
    (models_folder / "broken.safetensors").write_bytes(b"nothing")
    picker.refresh()
    assert listed(picker)[-1] == "broken (own)"
    picker.setCurrentIndex(3)
    with pytest.raises(ModelFileError, match=r"broken\.safetensors"):
        _ = picker.model


def test_an_empty_catalogue_says_where_models_come_from(picker, models_folder):
    for path in models_folder.iterdir():
        path.unlink()
    picker.refresh()
    assert not picker.isEnabled()
    with pytest.raises(NoModelError, match="reinstall napari-autolut") as refusal:
        _ = picker.model
    assert str(models_folder) in str(refusal.value)


def test_a_change_of_the_catalogue_is_seen_at_once(picker, models_folder):
    shutil.copy(models_folder / "small-x4.safetensors", models_folder / "trained.safetensors")
    catalogue_changes.happened.emit()
    assert "trained (own)" in listed(picker)


def test_typing_opens_the_list_and_searches_it(picker, qtbot):
    picker.show()
    qtbot.keyClicks(picker, "x")
    assert picker.popup.isVisible()
    assert picker.popup.search.text() == "x"
    qtbot.keyClicks(picker.popup.search, "4")
    assert picker.popup.shown() == ["small-x4"]
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Return)
    assert not picker.popup.isVisible()
    assert picker.currentText() == "small-x4 (own)"


def test_return_takes_the_model_whose_name_is_typed(picker, models_folder, qtbot):
    """Not one that stands above it, and names it on its card or in its own name."""
    model = load_model_file(models_folder / "small-x2.safetensors")
    card = replace(model.card, description="Fine-tuned from small-x4.")
    save_model(replace(model, card=card), models_folder / "small-x2.safetensors", overwrite=True)
    for name in ("another-small-x4", "small-x4-fast"):
        shutil.copy(models_folder / "small-x4.safetensors", models_folder / f"{name}.safetensors")
    picker.show()
    picker.showPopup()
    for typed, taken in (
        ("small-x4", "small-x4"),
        ("small x4", "small-x4"),
        ("small-x4-", "small-x4-fast"),
        ("fast small", "small-x4-fast"),
        ("tuned", "small-x2"),
    ):
        picker.popup.search.setText(typed)
        qtbot.keyClick(picker.popup.search, Qt.Key.Key_Return)
        assert picker.entry.name == taken


def test_the_list_is_moved_through_by_keys_while_searching(picker, qtbot):
    picker.show()
    picker.showPopup()
    assert picker.popup.shown() == ["small-x1", "small-x2", "small-x4"]
    for _ in range(2):
        qtbot.keyClick(picker.popup.search, Qt.Key.Key_Down)
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Return)
    assert picker.model.scale in (2, 4)


def test_a_search_without_a_match_says_so_and_chooses_nothing(picker, qtbot):
    picker.show()
    picker.showPopup()
    qtbot.keyClicks(picker.popup.search, "no such thing")
    assert picker.popup.shown() == []
    assert picker.popup.nothing.text() == "No model matches 'no such thing'."
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Return)
    assert picker.popup.isVisible()
    picker.hidePopup()
    assert picker.currentText() == "small-x1 (own)"


def test_escape_closes_the_list_and_chooses_nothing(picker, qtbot):
    before = picker.entry
    picker.showPopup()
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Down)
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Escape)
    assert picker.popup.isHidden()
    assert picker.entry == before


def test_a_model_is_chosen_by_a_click_and_headings_are_not(picker, qtbot):
    picker.show()
    picker.showPopup()
    tree = picker.popup.tree
    headings = [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]
    assert headings == ["Upscaling", *(f"Upscaling {TIMES}{n}" for n in (2, 4))]
    for item in (tree.topLevelItem(1), tree.topLevelItem(1).child(0)):
        place = tree.visualItemRect(item).center()
        qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert picker.currentText() == "small-x2 (own)"
    assert not picker.popup.isVisible()


def test_names_are_seen_whole_beside_what_models_are_for(picker, qtbot):
    """And gains, as PSNRs of different images are not to be compared."""
    picker.showPopup()
    tree = picker.popup.tree
    header = [tree.headerItem().text(column) for column in range(tree.columnCount())]
    assert header == ["Model", "For", "Gain", "Size"]
    item = tree.topLevelItem(0).child(0)
    assert item.text(1) == "Small tests"
    assert tree.columnWidth(0) > tree.fontMetrics().horizontalAdvance(item.text(0))


def test_a_name_is_one_line_and_reverses_nothing(picker, models_folder):
    name = "x\u202egnp\u20282.safetensors"  # which Windows takes, too
    shutil.copy(models_folder / "small-x2.safetensors", models_folder / name)
    picker.refresh()
    assert "x\\u202egnp\\u20282 (own)" in listed(picker)


def test_a_renamed_file_is_found_by_its_own_name_and_by_its_card_s(picker, models_folder):
    (models_folder / "small-x2.safetensors").rename(models_folder / "größe.safetensors")
    picker.refresh()
    for name in ("größe", unicodedata.normalize("NFD", "größe"), "small-x2"):
        picker.pick_name("small-x4")
        assert picker.pick_name(name)
        assert picker.currentText() == "größe (own)"
    assert not picker.pick_name("other")
