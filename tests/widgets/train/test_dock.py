"""The first pages of the Train dock: what to learn from, and how."""

import shutil

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QApplication

from napari_autolut.training.degradation import Degradation
from napari_autolut.widgets.train import session as train_session
from napari_autolut.widgets.train.dock import TrainWidget
from tests.pictures import picture
from tests.training_runs import save
from tests.widgets.train_dock import find_images, prepare, press


def test_a_folder_is_shown_before_anything_is_done_with_it(dock, images, qtbot):
    assert not dock.source.search.isEnabled()
    find_images(qtbot, dock, images)
    assert dock.findings.images.count() == 4
    assert dock.findings.summary.text().startswith("4 images, 16 bits and 8 bits")
    assert dock.findings.skipped.count() == 1
    assert dock.findings.skipped.item(0).text().startswith("broken.png: ")
    assert "40" in dock.findings.images.item(3).toolTip()
    press(qtbot, dock.findings.back)
    assert dock.page is dock.source


@pytest.mark.parametrize("name", ["", "0.png"], ids=["folder", "file"])
def test_a_folder_or_a_file_may_be_dropped(dock, images, qtbot, name):
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(images / name))])
    dock.source.folder.dropEvent(
        QDropEvent(
            QPointF(1, 1),
            Qt.DropAction.CopyAction,
            dropped,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert dock.source.folder.folder == images / name
    assert dock.source.search.isEnabled()


def test_a_folder_that_is_gone_is_said_on_the_page(dock, images, qtbot):
    dock.source.folder.line.setText(str(images))
    shutil.rmtree(images)
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching)
    assert "no such folder" in dock.findings.problem.text()
    assert not dock.findings.next.isEnabled()


def test_one_image_must_be_large_enough_to_hold_a_part_of_it_out(dock, images, qtbot):
    for name in ("0.png", "1.png", "2.png"):
        (images / name).unlink()
    find_images(qtbot, dock, images)
    assert "One image is enough if a part of it can be held out" in dock.findings.problem.text()
    assert not dock.findings.next.isEnabled()


def test_one_image_is_enough(dock, images, qtbot):
    for name in ("1.png", "2.png", "small.tif"):
        (images / name).unlink()
    prepare(qtbot, dock, images)
    assert dock.settings.start.isEnabled()


def test_the_model_to_begin_with_can_be_chosen(dock, images, qtbot):
    prepare(qtbot, dock, images)
    start_model = dock.settings.init_from
    assert start_model.model == "" and dock.settings.request.settings == {}
    start_model.setCurrentIndex(start_model.findData("small-x1"))
    dock.settings.scale.setCurrentIndex(3)
    assert start_model.model == "small-x1", "another scale keeps what was chosen"
    assert dock.settings.request.settings == {"init_from": "small-x1"}


def test_looking_can_be_left_at_any_time(dock, images, qtbot, wait_for_threads):
    dock.source.folder.line.setText(str(images))
    press(qtbot, dock.source.search)
    press(qtbot, dock.findings.back)
    assert not dock.findings.searching
    wait_for_threads()
    assert dock.page is dock.source


def test_the_effect_of_a_degradation_is_shown(dock, images, qtbot):
    prepare(qtbot, dock, images)
    shown = dock.settings.pictures
    qtbot.waitUntil(lambda: not shown.after.empty, timeout=20_000)
    assert not dock.settings.degradation.sigma.isVisibleTo(dock)
    dock.settings.degradation.method.setCurrentIndex(2)
    assert dock.settings.degradation.sigma.isVisibleTo(dock)
    qtbot.waitUntil(lambda: not shown.busy, timeout=20_000)
    before = shown.before.pixmap.toImage()
    press(qtbot, shown.place)
    qtbot.waitUntil(lambda: shown.before.pixmap.toImage() != before, timeout=20_000)


def test_images_that_are_too_small_for_a_scale_are_named(dock, images, qtbot):
    prepare(qtbot, dock, images)
    assert "1 image of 4 will be skipped" in dock.settings.problem.text()
    assert dock.settings.start.isEnabled()
    dock.settings.scale.setCurrentIndex(0)
    assert "something to undo" in dock.settings.problem.text()
    assert not dock.settings.start.isEnabled()
    dock.settings.degradation.noise.setValue(9)
    assert dock.settings.start.isEnabled()


def test_a_name_is_suggested_and_one_that_is_taken_refused(dock, images, qtbot):
    prepare(qtbot, dock, images)
    assert dock.settings.name.text() == "nuclei-x2"
    dock.settings.scale.setCurrentIndex(3)
    assert dock.settings.name.text() == "nuclei-x4"
    dock.settings.name.clear()
    qtbot.keyClicks(dock.settings.name, "small-x1")
    assert "There is a model 'small-x1' already" in dock.settings.problem.text()
    assert not dock.settings.start.isEnabled()


def test_words_and_minutes_go_with_the_effort(dock, images, qtbot):
    prepare(qtbot, dock, images)
    preset = dock.settings.preset
    assert preset.minutes.value() == 15
    preset.buttons[0].click()
    assert preset.minutes.value() == 5
    assert "twice as quick" in preset.description.text()
    assert "at scale 2" in preset.description.text()
    preset.minutes.setValue(7)
    preset.buttons[2].click()
    assert preset.minutes.value() == 7, "what was set by hand stays"


def test_the_dock_gets_no_wider_whatever_a_layer_is_called(dock, qtbot):
    viewer = dock.result._viewer
    widths = []
    for name in ("cells", "Nuclei (Hoechst 33342), 63x oil " * 4, "well_B03" * 20):
        viewer.layers.clear()
        viewer.add_image(picture((96, 96)), name=name)
        dock._show_source()
        dock.source.kind.setCurrentIndex(1)
        press(qtbot, dock.source.search)
        qtbot.waitUntil(lambda: not dock.findings.searching)
        press(qtbot, dock.findings.next)
        widths.append(dock.settings.sizeHint().width())
    assert len(set(widths)) == 1


def test_the_request_is_what_was_chosen(dock, images, qtbot):
    prepare(qtbot, dock, images)
    dock.settings.scale.setCurrentIndex(2)
    dock.settings.degradation.method.setCurrentIndex(1)
    dock.settings.degradation.photons.setValue(300)
    dock.settings.preset.buttons[2].click()
    request = dock.settings.request
    assert (request.scale, request.recipe, request.minutes) == (3, "thorough", 45.0)
    how = {
        "method": "area", "sigma": 0.0, "noise": 0.0, "photons": 300.0, "jpeg": 0,
        "stabilised": False,
    }  # fmt: skip
    assert request.degradation == how
    assert (request.images, request.training_data) == (images, dock.settings.title.text())


def test_pairs_bring_their_scale_and_need_no_degradation(dock, tmp_path, qtbot):
    for number in range(2):
        save(tmp_path / "sharp" / f"{number}.png", picture((128, 128), seed=number))
        save(tmp_path / "small" / f"{number}.png", picture((32, 32), seed=number))
    dock.source.kind.setCurrentIndex(2)
    dock.source.hr.line.setText(str(tmp_path / "sharp"))
    assert not dock.source.search.isEnabled()
    dock.source.lr.line.setText(str(tmp_path / "small"))
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching)
    press(qtbot, dock.findings.next)
    assert not dock.settings.scale.isEnabled()
    assert not dock.settings.degradation.isVisibleTo(dock)
    request = dock.settings.request
    assert (request.scale, request.lr, request.degradation) == (4, tmp_path / "small", {})
    qtbot.waitUntil(lambda: not dock.settings.pictures.after.empty, timeout=20_000)


def test_without_torch_the_dock_says_what_to_type(models_folder, qtbot, monkeypatch):
    monkeypatch.setattr(train_session, "_session", None)
    there = []
    monkeypatch.setattr(
        "napari_autolut.widgets.train.dock.training_problem", lambda: "" if there else "no"
    )
    dock = TrainWidget(ViewerModel())
    qtbot.addWidget(dock)
    assert dock.page is dock.install
    press(qtbot, dock.install.copy)
    assert QApplication.clipboard().text() == 'pip install "napari-autolut[train]"'
    press(qtbot, dock.install.check)
    assert "still not there" in dock.install.status.text()
    there.append(True)
    press(qtbot, dock.install.check)
    assert dock.page is dock.source


def test_noisy_images_alone_need_no_more_than_minutes(dock, images, qtbot):
    dock.source.kind.setCurrentIndex(3)
    dock.source.noisy.line.setText(str(images))
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching, timeout=20_000)
    press(qtbot, dock.findings.next)
    settings = dock.settings
    hidden = (
        settings.degradation,
        settings.pictures,
        settings.init_from,
        settings.preset.description,
    )
    for widget in hidden:
        assert not widget.isVisibleTo(dock)
    assert (settings.name.text(), settings.preset.minutes.value()) == ("nuclei-denoise", 2)
    request = settings.request
    assert request.noisy and request.recipe is None and request.degradation == {}


def test_a_degradation_is_proposed_and_taken(dock, tmp_path, qtbot):
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:256, :256] / 256
    for number in range(3):
        photons = 60 + 40 * np.sin(5 * rows + number) * np.cos(4 * columns)
        save(tmp_path / f"{number}.tif", (40 * rng.poisson(photons)).astype(np.uint16))
    prepare(qtbot, dock, tmp_path)
    proposal = dock.settings.proposal
    qtbot.waitUntil(lambda: not proposal.busy)
    assert proposal.text.text().startswith("Your images suggest binning, ")
    press(qtbot, proposal.use)
    taken = Degradation(**dock.settings.request.degradation)
    assert taken.method == "area"
    assert 80 < taken.photons < 400
