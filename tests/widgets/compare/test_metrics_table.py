"""The table of figures under a comparison."""

import numpy as np
import pytest

from napari_autolut import upscale
from napari_autolut._compat import camera
from napari_autolut.arrays.bicubic import resize
from napari_autolut.evaluation.metrics import psnr_y, ssim_y
from tests.widgets.compare.figures import choose_truth, rows, settled
from tests.widgets.compare_dock import compare, with_truth

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


def figure(psnr):
    return f"{psnr:.2f}\N{NO-BREAK SPACE}dB"


def test_without_a_ground_truth_there_is_no_figure(viewer, dock, qtbot):
    with_truth(viewer, 16, 16)
    window = compare(qtbot, dock)
    assert window.metrics.isHidden()
    assert rows(window) == []


def test_every_view_is_measured_against_the_ground_truth(viewer, dock, qtbot):
    source, truth = with_truth(viewer, 24, 24)
    dock.layers.pick(source)
    choose_truth(dock, truth)
    assert truth in dock.views.ticked
    window = compare(qtbot, dock)
    assert window.metrics.isVisible()
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    pictures = {
        "Source (nearest)": source.data.repeat(4, 0).repeat(4, 1),
        "Bicubic": resize(source.data, 4),
        "small-x1": resize(upscale(source.data, "small-x1"), 4),
    }
    assert [row[0] for row in rows(window)] == list(pictures)
    for row, picture in zip(rows(window), pictures.values(), strict=True):
        assert row[5] == figure(psnr_y(picture, truth.data, border=4))
        assert row[6] == f"{ssim_y(picture, truth.data, border=4):.4f}"
        errors = np.abs(picture.astype(float) - truth.data)[4:-4, 4:-4]
        assert row[7:9] == [f"{errors.mean():.3g}", f"{errors.max():.3g}"]
        assert row[1:5] == row[5:9]


def test_figures_follow_what_is_seen_and_the_slice(viewer, dock, qtbot):
    source, truth = with_truth(viewer, 3, 24, 24)
    dock.layers.pick(source)
    choose_truth(dock, truth)
    dock.all_slices.setChecked(True)
    window = compare(qtbot, dock)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    model = window.canvas.model
    model.dims.set_point(0, 2)
    look = camera(model)
    look.center = (0, -0.5, -0.5)
    place = window.canvas.places()[0]
    look.zoom = min(place.height(), place.width()) / 24
    part = window.canvas.viewpoint.view_box((96, 96))
    assert min(part.bottom, part.right) == pytest.approx(48, abs=1)
    nearest = source.data[2].repeat(4, 0).repeat(4, 1)
    inner = tuple(slice(4, min(side, 92)) for side in (part.bottom, part.right))
    expected = [
        figure(psnr_y(nearest[inner], truth.data[2][inner], border=0)),
        figure(psnr_y(nearest, truth.data[2], border=4)),
    ]
    qtbot.waitUntil(lambda: rows(window)[0][1::4] == expected, timeout=20_000)


def test_a_ground_truth_need_not_be_shown(viewer, dock, qtbot):
    source, truth = with_truth(viewer, 24, 24)
    dock.layers.pick(source)
    choose_truth(dock, truth)
    dock.views.tick(truth, False)
    window = compare(qtbot, dock)
    assert len(window.canvas.layers) == 3
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)


def test_nothing_can_be_measured_where_all_is_flat(viewer, dock, qtbot):
    flat = np.full((24, 24), 7, np.float32)
    truth = viewer.add_image(flat, name="truth", contrast_limits=(0, 10))
    source = viewer.add_image(flat.copy(), name="source", contrast_limits=(0, 10))
    dock.layers.pick(source)
    choose_truth(dock, truth)
    window = compare(qtbot, dock)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    for row in rows(window):
        assert row[1:5] == row[5:9] == ["\N{EN DASH}", "\N{EN DASH}", "0", "0"]
