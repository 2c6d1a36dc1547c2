"""A training in the dock: its page, its buttons at every stage, and what is left of it."""

import shutil
import sys

import dask.array as da
import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QImage

from napari_autolut.storage.catalogue import catalogue_changes
from napari_autolut.training.record import TrainingRecord
from napari_autolut.training.request import TrainRequest
from napari_autolut.training.runs import REQUEST, begin_run, list_runs
from napari_autolut.training.session import State
from napari_autolut.util.file_lock import FolderLock
from napari_autolut.widgets.train.chart import TrainChart
from tests.pictures import picture
from tests.training_runs import own_models, request_of
from tests.widgets.test_tab_order import place, stops
from tests.widgets.train_dock import answer, prepare, press, reach, start

pytestmark = pytest.mark.filterwarnings(
    "ignore:Non-orthogonal slicing is being requested:UserWarning"
)


@pytest.fixture
def dock(train_dock):
    """Without a window: nothing here needs one."""
    return train_dock


@pytest.fixture
def viewer(dock):
    """The layers that the dock sees."""
    return dock.result._viewer


# --- while it is running -----------------------------------------------------------------------


def test_from_a_folder_to_a_model_in_every_list(dock, images, qtbot, viewer, notes):
    changes = []
    catalogue_changes.happened.connect(lambda: changes.append(1))
    start(qtbot, dock, images)
    assert dock.page is dock.running
    assert dock.running.title.text().startswith("nuclei-x2")
    qtbot.waitUntil(lambda: "steps/s" in dock.running.time_left.text(), timeout=20_000)
    assert "+1.00 over bicubic" in dock.running.quality.text()
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


def test_layers_are_written_for_the_trainer(dock, viewer, qtbot):
    stack = viewer.add_image(picture((3, 64, 64), "uint16"), name="cells")
    viewer.add_image(picture((64, 64)), name="other")
    dock.source.kind.setCurrentIndex(1)
    checklist = dock.source.layers
    assert [layer.name for layer in checklist.checked] == ["cells"]
    checklist.item(0).setCheckState(Qt.CheckState.Checked)
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching)
    assert dock.findings.images.count() == 2
    press(qtbot, dock.findings.next)
    viewer.layers.remove(stack)
    press(qtbot, dock.settings.start)
    reach(qtbot, dock, State.RUNNING)
    run = dock.session.training.run
    folder = run.folder / "open layers other cells"
    assert run.request.images == folder
    assert run.request.training_data == "2 open layers: other, cells"
    assert len(list(folder.iterdir())) == 2


def test_what_of_layers_is_not_used_is_named(dock, viewer, qtbot):
    torn = picture((80, 64)).astype(np.float32)
    torn[:16] = np.nan
    viewer.add_image(torn, name="torn", contrast_limits=(0, 255))
    viewer.add_image(np.kron(np.eye(4, dtype=np.uint8), np.ones((16, 16), np.uint8)), name="mask")
    lazy = da.from_array(torn, chunks=32)
    viewer.add_image(lazy, name="lazy", contrast_limits=(0, 255))
    dock.source.kind.setCurrentIndex(1)
    for number in range(3):
        dock.source.layers.item(number).setCheckState(Qt.CheckState.Checked)
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching)
    said = [dock.findings.skipped.item(n).text() for n in range(dock.findings.skipped.count())]
    assert len(said) == 2 and said[0].startswith("mask") and said[1].startswith("torn")
    assert dock.findings.skipped_title.text() == "1 layer skipped, 1 used in part"
    assert "a mask" in said[0]
    assert "NaN or infinite values at the borders; 64 x 64 of 64 x 80 pixels are used" in said[1]
    assert dock.findings.images.count() == 2


def test_writing_layers_can_be_cancelled(dock, viewer, qtbot, wait_for_threads):
    viewer.add_image(picture((3, 128, 128), "uint16"), name="cells")
    dock.source.kind.setCurrentIndex(1)
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching)
    press(qtbot, dock.findings.next)
    press(qtbot, dock.settings.start)
    assert dock.session.preparing
    assert dock.page is dock.running
    press(qtbot, dock.running.cancel)
    assert dock.page is dock.source
    wait_for_threads()
    assert not dock.session.busy
    assert list_runs() == []


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
    assert dock.running.failure.reason.text() == gone
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
    shutil.rmtree(images)
    pictures = dock.settings.pictures
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


# --- trainings of the past ---------------------------------------------------------------------


@pytest.fixture
def unfinished(models_folder, tmp_path):
    run = begin_run(request_of(tmp_path / "images", "before-x2"))
    shutil.copy(models_folder / "small-x2.safetensors", run.table)
    return run


def test_unfinished_trainings_are_listed_resumed_and_deleted(unfinished, dock, qtbot, monkeypatch):
    (entry,) = dock.source.runs.entries
    press(qtbot, entry.keep)
    qtbot.waitUntil(lambda: dock.page is dock.result)
    assert "before-x2" in own_models()
    press(qtbot, dock.result.again)
    (entry,) = dock.source.runs.entries
    answer(monkeypatch, discard=False)
    press(qtbot, entry.delete)
    assert list_runs() != []
    answer(monkeypatch, discard=True)
    press(qtbot, dock.source.runs.entries[0].delete)
    assert list_runs() == []
    assert dock.source.runs.entries == []
    assert "before-x2" in own_models(), "the model stays"


def test_a_training_of_another_napari_is_left_alone(unfinished, dock, qtbot):

    lock = FolderLock(unfinished.folder)
    assert lock.acquire()
    dock.source.refresh()
    (entry,) = dock.source.runs.entries
    assert not entry.resume.isEnabled() and not entry.delete.isEnabled()
    lock.release()


def test_the_chart_is_drawn_whatever_is_known(dock, images, qtbot):
    chart = dock.running.chart
    chart.resize(300, 220)
    empty = chart.grab().toImage()
    start(qtbot, dock, images)
    chart.show_record(dock.session.training.record)
    assert chart.grab().toImage() != empty
    qtbot.waitUntil(lambda: dock.session.training.record.best == 31.0)


def test_the_network_that_teaches_has_its_curve(qtbot):
    chart = TrainChart()
    qtbot.addWidget(chart)
    chart.resize(300, 220)
    record = TrainingRecord(bicubic=26.8, psnr=[(30, 28.0, True)], step=30)
    chart.show_record(record)
    alone = chart.grab().toImage()
    record.network = [(10, 27.5), (20, 28.0)]
    chart.show_record(record)
    assert chart.grab().toImage() != alone


def test_the_chart_of_a_training_that_has_just_begun_counts_one_step(qtbot, monkeypatch):
    written = []
    monkeypatch.setattr(TrainChart, "_write", lambda *arguments: written.append(arguments[-1]))
    chart = TrainChart()
    qtbot.addWidget(chart)
    chart.show_record(TrainingRecord(step=1))
    chart.grab()
    assert written == ["1 step"]
