"""Export of a comparison as PNG."""

import numpy as np
import pytest
from PIL import Image
from qtpy.QtWidgets import QFileDialog

from napari_autolut._compat import camera, scale_bar
from napari_autolut.storage.summaries import TIMES
from napari_autolut.widgets.compare import enlarged
from napari_autolut.widgets.compare.bar import Mode
from napari_autolut.widgets.shared import number_text
from napari_autolut.widgets.shared.text import BREAK
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
    assert colours.texts == (f"≤ \N{MINUS SIGN}{limit}", "0", f"≥ +{limit}") and "," in limit
    window.bar.gain_slider.setValue(0)
    limit = number_text(window.modes.differences.limit)
    assert colours.texts == (f"\N{MINUS SIGN}{limit}", "0", f"+{limit}")
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


def test_what_was_written_and_an_unwritable_place_are_named_in_the_window(
    viewer, dock, qtbot, answer, notes, tmp_path
):
    viewer.add_image(picture(8, 8))
    window = compare(qtbot, dock)
    answer(tmp_path / "missing" / "seen.png")
    window.bar.export.click()
    assert str(tmp_path / "missing" / "seen.png") in said(window)
    answer(tmp_path / "seen.png")
    window.bar.export.click()
    height, width = exported(tmp_path / "seen.png").shape[:2]
    assert said(window) == f"Wrote {tmp_path / 'seen.png'} ({width} {TIMES} {height} px)."
    assert notes == []  # napari's window may lie behind
    compare(qtbot, dock)
    assert window.status.text() == ""


def said(window):
    return window.status.text().replace(BREAK, "")


@pytest.mark.parametrize(("zoom", "shape"), [(0.37, (61, 77)), (1, (90, 40)), (2.3, (61, 77))])
def test_in_full_resolution_every_pixel_of_the_finest_view_is_a_square(
    viewer, dock, qtbot, answer, tmp_path, zoom, shape
):
    viewer.add_image(picture(*shape) // 2 + 50, contrast_limits=(0, 255), scale=(0.1, 0.1))
    window = compare(qtbot, dock)
    window.resize(700, 500)
    window.bar.buttons[Mode.BLINK].click()
    window.modes.blink_on(1)
    camera(window.canvas.model).zoom *= zoom
    qtbot.wait(50)
    window.bar.export_size.setCurrentIndex(window.bar.export_size.findText("Full resolution"))
    answer(tmp_path / "full.png")
    window.bar.export.click()
    grey = exported(tmp_path / "full.png")[..., 0]
    name = window.modes.names.shown[0].geometry()
    factor = grey.shape[1] / window.canvas.native.width()
    side = round(factor * camera(window.canvas.model).zoom * 0.1 / 4)
    data = np.asarray(window.canvas.layers[1].data).repeat(side, 0).repeat(side, 1)
    top = round((grey.shape[0] - data.shape[0]) / 2)
    rows = slice(round(factor * name.bottom()) + 20, grey.shape[0] - round(factor * 60))
    places = [
        (up, left)
        for up in (top - 1, top, top + 1)
        for left in round((grey.shape[1] - data.shape[1]) / 2) + np.arange(-1, 2)
        if matches(grey, data, up, left, rows)
    ]
    assert places


def matches(grey, data, top, left, rows):
    """Whether data lie there in a picture, as far as both go."""
    first, last = max(rows.start, top, 0), min(rows.stop, top + data.shape[0])
    start, stop = max(left, 0), min(grey.shape[1], left + data.shape[1])
    assert last - first > 20 and stop - start > 20
    seen = grey[first:last, start:stop]
    return np.abs(seen - data[first - top : last - top, start - left : stop - left]).max() <= 1


def test_a_picture_that_cannot_have_full_resolution_says_so(
    viewer, dock, qtbot, answer, tmp_path, monkeypatch
):
    viewer.add_image(picture(300, 400))
    window = compare(qtbot, dock)
    window.resize(500, 400)
    qtbot.wait(50)
    monkeypatch.setattr(enlarged, "MAX_SIDE", 1000)
    window.bar.export_size.setCurrentIndex(window.bar.export_size.findText("Full resolution"))
    answer(tmp_path / "large.png")
    window.bar.export.click()
    assert exported(tmp_path / "large.png").shape[1] == 1000
    assert "not full resolution" in said(window)


def test_scale_bars_of_pictures_are_as_long_as_those_on_the_screen_and_no_thinner(
    viewer, dock, qtbot
):
    viewer.add_image(picture(20, 20), scale=(0.5, 0.5), units=("um", "um"))
    window = compare(qtbot, dock)
    bar = scale_bar(window.canvas.model)
    bar.box, bar.box_color = True, "black"
    qtbot.wait(50)
    sizes = [bar_size(enlarged.picture(window.canvas, factor)) for factor in (1, 3, 1)]
    assert sizes[1][0] / 3 == pytest.approx(sizes[0][0], rel=0.05)
    assert sizes[1][1] > sizes[0][1]
    assert sizes[2] == sizes[0]


def bar_size(pixels):
    """Columns and rows of the line in the lower right corner."""
    lit = pixels[pixels.shape[0] * 4 // 5 :, pixels.shape[1] // 2 :, :3].min(-1) > 200
    lengths = lit.sum(1)
    return lengths.max(), (lengths > 0.9 * lengths.max()).sum()
