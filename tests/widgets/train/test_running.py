"""A training in the dock: its page, its buttons at every stage, and what is left of it."""

import shutil
import sys

import pytest
from qtpy.QtGui import QImage

from napari_autolut.storage.catalogue import catalogue_changes
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.runs import REQUEST, list_runs
from napari_autolut.training.session import State
from tests.pictures import picture
from tests.training_runs import own_models
from tests.widgets.controls import place, stops
from tests.widgets.train_dock import answer, prepare, press, reach, start

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


def test_from_a_folder_to_a_model_in_every_list(dock, images, qtbot, viewer, notes):
    changes = []
    catalogue_changes.happened.connect(lambda: changes.append(1))
    start(qtbot, dock, images)
    assert dock.page is dock.running
    assert dock.running.title.text().startswith("nuclei-x2")
    qtbot.waitUntil(lambda: "steps/s" in dock.running.time_left.text(), timeout=20_000)
    qtbot.waitUntil(lambda: "+1.00 over bicubic" in dock.running.quality.text())
    assert dock.running.progress.value() == 200
    dock.session.training._process.send("finish")
    qtbot.waitUntil(lambda: dock.page is dock.result, timeout=20_000)
    assert "nuclei-x2 is ready" in dock.result.title.text()
    assert notes[-1].startswith("nuclei-x2 is trained: 31.00")
    assert "nuclei-x2" in own_models() and changes
    assert list_runs() == []
    source = viewer.add_image(picture((12, 10)), name="cells")
    press(qtbot, dock.result.try_it.button)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=60_000)
    assert viewer.layers[1].data.shape == (24, 20)
    assert viewer.layers[0] is source
    qtbot.waitUntil(lambda: not dock.result.try_it.running)
    press(qtbot, dock.result.again)
    assert dock.page is dock.source


def test_pause_and_resume(dock, images, qtbot):
    start(qtbot, dock, images)
    press(qtbot, dock.running.pause)
    assert not dock.running.pause.isEnabled()
    reach(qtbot, dock, State.PAUSED)
    qtbot.waitUntil(lambda: dock.running.pause.text() == "&Resume")
    assert "Paused" in dock.running.state.text()
    press(qtbot, dock.running.pause)
    reach(qtbot, dock, State.RUNNING)
    qtbot.waitUntil(lambda: dock.running.pause.text() == "Pa&use")


def test_stop_keeps_the_model_and_the_training(dock, images, qtbot):
    start(qtbot, dock, images)
    press(qtbot, dock.running.stop)
    assert dock.running.state.text() == "Stopping: measuring and saving the table…"
    qtbot.waitUntil(lambda: dock.page is dock.result, timeout=20_000)
    assert "stopped early" in dock.result.title.text()
    assert "nuclei-x2" in own_models()
    press(qtbot, dock.result.again)
    (entry,) = dock.source.runs.entries
    assert not entry.keep.isVisibleTo(dock), "it is in the list already"
    dock.show()
    (entry,) = dock.source.runs.entries
    qtbot.waitUntil(entry.resume.isVisible)
    found = stops(dock)
    assert found[0] is entry.resume
    assert found == sorted(found, key=lambda control: place(control, dock))
    press(qtbot, entry.resume)
    reach(qtbot, dock, State.RUNNING)
    assert dock.page is dock.running


def test_stop_while_pytorch_is_loaded_says_so_and_ends(dock, images, trainer, qtbot, notes):
    trainer("silent")
    start(qtbot, dock, images, State.STARTING)
    assert dock.running.state.text().startswith("Loading PyTorch")
    press(qtbot, dock.running.stop)
    assert dock.running.state.text() == "Stopping…"
    assert not dock.running.stop.isEnabled() and not dock.running.cancel.isEnabled()
    qtbot.waitUntil(lambda: dock.page is dock.source, timeout=20_000)
    assert notes == [
        "The training 'nuclei-x2' was stopped before anything was learned; nothing of it is kept."
    ]
    assert list_runs() == []


@pytest.mark.parametrize("stage", [State.STARTING, State.RUNNING, State.PAUSED])
def test_cancel_leaves_nothing_at_any_stage(dock, images, trainer, qtbot, monkeypatch, stage):
    answer(monkeypatch, discard=True)
    if stage is State.STARTING:
        trainer("silent")
    start(qtbot, dock, images, State.STARTING if stage is State.STARTING else State.RUNNING)
    if stage is State.PAUSED:
        press(qtbot, dock.running.pause)
        reach(qtbot, dock, State.PAUSED)
    press(qtbot, dock.running.cancel)
    qtbot.waitUntil(lambda: dock.page is dock.source, timeout=20_000)
    assert list_runs() == []
    assert "nuclei-x2" not in own_models()


def test_cancel_can_be_taken_back(dock, images, qtbot, monkeypatch):
    answer(monkeypatch, discard=False)
    start(qtbot, dock, images)
    qtbot.waitUntil(lambda: dock.session.training.record.step > 0, timeout=20_000)
    press(qtbot, dock.running.cancel)
    assert dock.session.training.state is State.RUNNING


def test_a_crash_is_shown_with_the_log_and_resumed(dock, images, qtbot, trainer, notes):
    start(qtbot, dock, images)
    dock.session.training._process.send("pause")
    dock.session.training._process.send("crash")
    qtbot.waitUntil(lambda: dock.running.failure.isVisibleTo(dock), timeout=20_000)
    assert "ended unexpectedly" in dock.running.failure.reason.text()
    assert "something broke" in dock.running.failure.log.toPlainText()
    assert notes == ["The training 'nuclei-x2' has ended: " + dock.running.failure.reason.text()]
    assert not dock.running.pause.isVisibleTo(dock)
    press(qtbot, dock.running.failure.resume)
    reach(qtbot, dock, State.RUNNING)
    assert not dock.running.failure.isVisibleTo(dock)
    assert dock.running.pause.isVisibleTo(dock)
    assert TrainRequest.read(dock.session.training.run.folder / REQUEST).resume


@pytest.mark.skipif(sys.platform == "win32", reason="what is in use cannot be moved there")
def test_a_training_whose_folder_was_moved_says_so_and_is_found_there(dock, images, qtbot, notes):
    start(qtbot, dock, images)
    run = dock.session.training.run
    moved = run.folder.rename(f"{run.folder}-moved")
    press(qtbot, dock.running.stop)
    qtbot.waitUntil(lambda: dock.running.failure.isVisibleTo(dock), timeout=20_000)
    gone = f"{run.folder}: the folder of this training was moved or removed"
    assert dock.running.failure.reason.text().replace("\u200b", "") == gone
    assert not dock.running.failure.resume.isVisibleTo(dock)
    press(qtbot, dock.running.failure.leave)
    (entry,) = dock.source.runs.entries
    assert entry.run.folder == moved
    shutil.rmtree(moved)
    press(qtbot, entry.resume)
    assert notes[-1].startswith(str(moved)) and notes[-1].endswith("moved or removed")
    assert dock.source.runs.entries == []


def test_the_table_of_a_crashed_training_can_be_kept(dock, images, qtbot, trainer):
    trainer("crashed")
    start(qtbot, dock, images, State.ENDED)
    press(qtbot, dock.running.failure.keep)
    qtbot.waitUntil(lambda: dock.page is dock.result)
    assert "nuclei-x2" in own_models()


def test_images_deleted_while_training_do_not_stop_it(dock, images, qtbot):
    start(qtbot, dock, images)
    shutil.rmtree(images)
    press(qtbot, dock.running.stop)
    qtbot.waitUntil(lambda: dock.page is dock.result, timeout=20_000)
    press(qtbot, dock.result.again)
    press(qtbot, dock.source.runs.entries[0].resume)
    qtbot.waitUntil(lambda: dock.running.failure.isVisibleTo(dock), timeout=20_000)
    assert "no such folder" in dock.running.failure.reason.text()
    press(qtbot, dock.running.failure.leave)
    assert len(dock.source.runs.entries) == 1


def test_images_deleted_before_the_start_are_said_to_be_gone(dock, images, qtbot):
    prepare(qtbot, dock, images)
    pictures = dock.settings.pictures
    qtbot.waitUntil(lambda: not pictures.busy)  # Windows deletes nothing that is read
    shutil.rmtree(images)
    press(qtbot, pictures.place)
    qtbot.waitUntil(lambda: not pictures.busy)
    assert "nuclei" in pictures.problem.text()
    press(qtbot, dock.settings.start)
    qtbot.waitUntil(lambda: dock.running.failure.isVisibleTo(dock), timeout=20_000)
    assert "no such folder" in dock.running.failure.reason.text()


def test_a_training_that_cannot_be_written_down_is_refused(
    dock, images, qtbot, notes, models_folder
):
    prepare(qtbot, dock, images)
    (models_folder.parent / "training").write_text("a file where the folder should be")
    press(qtbot, dock.settings.start)
    assert not dock.session.busy
    assert "training" in notes[-1]
    assert dock.page is dock.settings


def test_a_trainer_that_cannot_be_started_is_refused(dock, images, qtbot, notes, monkeypatch):
    prepare(qtbot, dock, images)
    monkeypatch.setattr("napari_autolut.training.process.PROGRAM", (str(images / "nothing"),))
    press(qtbot, dock.settings.start)
    assert not dock.session.busy
    assert "nothing" in notes[-1]


def test_the_live_picture_follows_its_file(dock, images, qtbot, tmp_path):
    start(qtbot, dock, images)
    live = dock.running.preview
    assert not live.isVisibleTo(dock)
    path = tmp_path / "preview.png"
    drawn = QImage(40, 10, QImage.Format.Format_Grayscale8)
    drawn.fill(99)
    drawn.save(str(path))
    live.show_file(str(path))
    assert live.isVisibleTo(dock)
    assert [panel.pixmap.width() for panel in live.panels] == [10] * 4
    path.unlink()
    live.show_file(str(path))
    assert live.isVisibleTo(dock), "the last picture stays"
