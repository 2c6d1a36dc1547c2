"""Export of a comparison as PNG."""

import numpy as np
import pytest
from PIL import Image
from qtpy.QtWidgets import QFileDialog

from napari_autolut._compat import camera
from napari_autolut.widgets.compare.bar import Mode
from napari_autolut.widgets.shared import number_text
from tests.imagelayers import picture
from tests.widgets.compare_dock import compare


@pytest.fixture
def answer(monkeypatch):
    """What the user answers when asked where to write."""

    def set_answer(path):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))

    return set_answer


def exported(path):
    return np.asarray(Image.open(path)).astype(int)


def test_the_picture_shows_the_canvas_with_names_and_scale_bar_and_no_handles(
    viewer, dock, qtbot, answer, tmp_path
):  # fmt: skip
    viewer.add_image(np.full((20, 20), 128, np.uint8), contrast_limits=(0, 255))
    window = compare(qtbot, dock)
    answer(tmp_path / "seen")
    window.bar.export.click()
    found = exported(tmp_path / "seen.png")
    native = window.canvas.native
    assert found.shape == (native.height(), native.width(), 3)
    bare = window.canvas.qt_viewer.screenshot(flash=False)[..., :3].astype(int)
    places = [label.geometry() for label in window.modes.names.shown]
    assert len(places) == 3
    for place in places:
        inside = (
            slice(place.top(), place.bottom() + 1), slice(place.left(), place.right() + 1)
        )  # fmt: skip
        assert (found[inside] != bare[inside]).any()
        found[inside] = bare[inside]
    np.testing.assert_array_equal(found, bare)
    corner = bare[-60:, -150:]
    assert np.ptp(corner) > 200, "no scale bar"

    window.bar.buttons[Mode.CURTAIN].click()
    answer(tmp_path / "lanes.PNG")
    window.bar.export.click()
    lanes = exported(tmp_path / "lanes.PNG")
    split = round(window.canvas.splits[0] * native.width())
    assert np.ptp(lanes[native.height() // 2, split - 4 : split + 5]) == 0


def test_differences_are_exported_with_a_colour_bar(viewer, dock, qtbot, answer, tmp_path):
    viewer.add_image(picture(20, 20, dtype=np.uint16), contrast_limits=(0, 65535))
    window = compare(qtbot, dock)
    colours = window.modes.colours
    assert colours.isHidden()
    window.bar.buttons[Mode.DIFFERENCE].click()
    qtbot.waitUntil(lambda: not colours.isHidden(), timeout=20_000)
    limit = number_text(window.modes.differences.limit / 2)
    assert colours.texts == (f"\N{MINUS SIGN}{limit}", "0", f"+{limit}") and "," in limit
    answer(tmp_path / "difference.png")
    window.bar.export.click()
    place = colours.geometry()
    bar = exported(tmp_path / "difference.png")[place.top() + 8, place.left() :][: place.width()]
    middle = bar[16:196]
    assert middle[90].max() < 12  # no difference is black
    assert middle[3, 2] > middle[3, 0] and middle[-4, 0] > middle[-4, 2]  # less is blue, more red
    window.bar.buttons[Mode.BESIDE].click()
    assert colours.isHidden()


@pytest.mark.parametrize(
    ("mode", "size", "factor"),
    [(Mode.BESIDE, "Full resolution", 4), (Mode.CURTAIN, "Twice as large", 2)],
)
def test_larger_pictures_show_the_same(viewer, dock, qtbot, answer, tmp_path, mode, size, factor):
    viewer.add_image(picture(300, 400), contrast_limits=(0, 255))
    window = compare(qtbot, dock)
    window.resize(500, 400)  # what is drawn is up to 16 times as much
    window.bar.buttons[mode].click()
    look = camera(window.canvas.model)
    look.zoom = 1  # bicubic interpolation has four pixels in each of the image's
    native = window.canvas.native
    qtbot.wait(50)
    before = window.canvas.qt_viewer.screenshot(flash=False)
    window.bar.export_size.setCurrentIndex(window.bar.export_size.findText(size))
    answer(tmp_path / "large.png")
    window.bar.export.click()
    found = exported(tmp_path / "large.png")
    assert found.shape == (factor * native.height(), factor * native.width(), 3)
    mean = found.reshape(native.height(), factor, native.width(), factor, 3).mean((1, 3))
    rows = slice(60, -60)  # without names and scale bar
    assert np.corrcoef(mean[rows].ravel(), before[rows, :, :3].ravel())[0, 1] > 0.8
    qtbot.wait(50)
    np.testing.assert_array_equal(window.canvas.qt_viewer.screenshot(flash=False), before)
    assert look.zoom == 1


def test_nothing_is_written_when_the_user_cancels(
    viewer, dock, qtbot, answer, notes, tmp_path, monkeypatch
):
    viewer.add_image(picture(8, 8))
    window = compare(qtbot, dock)
    monkeypatch.chdir(tmp_path)
    answer("")
    window.bar.export.click()
    assert notes == [] and list(tmp_path.rglob("*.png")) == []


def test_an_unwritable_place_is_named(viewer, dock, qtbot, answer, notes, tmp_path):
    viewer.add_image(picture(8, 8))
    window = compare(qtbot, dock)
    answer(tmp_path / "missing" / "seen.png")
    window.bar.export.click()
    assert len(notes) == 1
    assert str(tmp_path / "missing" / "seen.png") in notes[0]
