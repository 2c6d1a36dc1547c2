"""Export of a comparison as PNG."""

import numpy as np
import pytest
from PIL import Image
from qtpy.QtWidgets import QFileDialog

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


def test_nothing_is_written_when_the_user_cancels(viewer, dock, qtbot, answer):
    viewer.add_image(picture(8, 8))
    window = compare(qtbot, dock)
    answer("")
    window.bar.export.click()


def test_an_unwritable_place_is_named(viewer, dock, qtbot, answer, notes, tmp_path):
    viewer.add_image(picture(8, 8))
    window = compare(qtbot, dock)
    answer(tmp_path / "missing" / "seen.png")
    window.bar.export.click()
    assert len(notes) == 1
    assert str(tmp_path / "missing" / "seen.png") in notes[0]
