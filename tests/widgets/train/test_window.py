"""A training and napari's window: docks and windows that are closed meanwhile."""

import pytest
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QMessageBox

from napari_autolut.training.runs import list_runs
from napari_autolut.training.session import State
from napari_autolut.widgets.train import session as train_session
from napari_autolut.widgets.train.questions import Answer, ask_before_closing, confirm_discard
from tests.training_runs import own_models
from tests.widgets.train_dock import prepare, press, reach, start


@pytest.fixture
def dock(trainer, real_viewer, qtbot, monkeypatch, wait_for_threads):
    """The dock as the menu opens it, in a napari that has trained nothing yet."""
    monkeypatch.setattr(train_session, "_session", None)
    _, widget = real_viewer.window.add_plugin_dock_widget("napari-autolut", "Train")
    session = widget.session
    yield widget
    session.cancel()
    qtbot.waitUntil(lambda: not session.busy, timeout=20_000)
    wait_for_threads()


# --- closing -----------------------------------------------------------------------------------


def test_a_closed_dock_stops_nothing_and_the_next_one_shows_it(dock, images, real_viewer, qtbot):
    start(qtbot, dock, images)
    real_viewer.window.remove_dock_widget(dock)
    assert dock.session.busy
    _, again = real_viewer.window.add_plugin_dock_widget("napari-autolut", "Train")
    assert again.page is again.running
    press(qtbot, again.running.stop)
    qtbot.waitUntil(lambda: again.page is again.result, timeout=20_000)


@pytest.mark.parametrize("chosen", list(Answer))
def test_closing_napari_asks_what_becomes_of_the_training(
    dock, images, real_viewer, qtbot, monkeypatch, chosen
):
    happened = []  # no windows in it: it lives longer than they may

    def ask(_window):
        happened.append("asked")
        return chosen

    monkeypatch.setattr(train_session, "ask_before_closing", ask)
    monkeypatch.setattr(train_session, "close_window", lambda _window: happened.append("closed"))
    monkeypatch.setattr(train_session, "confirm_loss", lambda _window: True)
    start(qtbot, dock, images)
    dock.session.watch(real_viewer.window._qt_window)  # as a dock that is shown does
    real_viewer.window._qt_window.close()
    if chosen is Answer.STAY:
        assert dock.session.training.state is State.RUNNING
        assert happened == ["asked"]
        return
    qtbot.waitUntil(lambda: happened == ["asked", "closed"], timeout=20_000)
    assert ("nuclei-x2" in own_models()) == (chosen is Answer.STOP)
    assert len(list_runs()) == (1 if chosen is Answer.STOP else 0)


def test_what_was_learned_is_not_discarded_by_one_press(
    dock, images, real_viewer, qtbot, monkeypatch
):
    monkeypatch.setattr(train_session, "ask_before_closing", lambda _window: Answer.DISCARD)
    start(qtbot, dock, images)
    qtbot.waitUntil(lambda: dock.session.learned)
    window = real_viewer.window._qt_window
    dock.session.watch(window)
    asked = []

    def escape():
        (box,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)]
        asked.append(box.informativeText())
        qtbot.keyClick(box, Qt.Key.Key_Escape)

    QTimer.singleShot(100, escape)
    window.close()
    assert asked == ["What was learned is lost. Stop and keep saves it."]
    assert dock.session.training.state is State.RUNNING


def begun(qtbot, dock, images):
    prepare(qtbot, dock, images)
    press(qtbot, dock.settings.start)


def pausing(qtbot, dock, images):
    start(qtbot, dock, images)
    press(qtbot, dock.running.pause)


def paused(qtbot, dock, images):
    pausing(qtbot, dock, images)
    reach(qtbot, dock, State.PAUSED)


def resuming(qtbot, dock, images):
    paused(qtbot, dock, images)
    qtbot.waitUntil(lambda: dock.running.pause.text() == "&Resume")
    press(qtbot, dock.running.pause)


def stopping(qtbot, dock, images):
    start(qtbot, dock, images)
    press(qtbot, dock.running.stop)


@pytest.mark.parametrize("moment", [begun, start, pausing, paused, resuming, stopping])
def test_napari_closed_at_any_moment_loses_nothing(
    dock, images, real_viewer, qtbot, monkeypatch, moment
):
    closed = []
    monkeypatch.setattr(train_session, "ask_before_closing", lambda _window: Answer.STOP)
    monkeypatch.setattr(train_session, "close_window", lambda _window: closed.append(True))
    moment(qtbot, dock, images)
    dock.session.watch(real_viewer.window._qt_window)
    real_viewer.window._qt_window.close()
    qtbot.waitUntil(lambda: closed == [True], timeout=20_000)
    qtbot.waitUntil(lambda: not dock.session.busy, timeout=20_000)
    assert ("nuclei-x2" in own_models()) == bool(list_runs())
    assert list_runs() or moment is begun, "what had begun is kept"
    if not list_runs():
        return
    real_viewer.window.remove_dock_widget(dock)
    monkeypatch.setattr(train_session, "_session", None)  # napari is opened again
    _, again = real_viewer.window.add_plugin_dock_widget("napari-autolut", "Train")
    (entry,) = again.source.runs.entries
    press(qtbot, entry.resume)
    reach(qtbot, again, State.RUNNING)
    again.session.cancel()
    qtbot.waitUntil(lambda: not again.session.busy, timeout=20_000)


def test_a_viewer_closed_by_a_program_keeps_what_was_learned(dock, images, real_viewer, qtbot):
    start(qtbot, dock, images)
    session = dock.session
    session.watch(real_viewer.window._qt_window)
    real_viewer.close()
    qtbot.waitUntil(lambda: not session.busy, timeout=20_000)
    assert "nuclei-x2" in own_models()


# --- questions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "expected"),
    [("Stop and keep", Answer.STOP), ("Discard", Answer.DISCARD), ("Do not close", Answer.STAY)],
)
def test_the_question_before_closing(qtbot, label, expected):
    def press_it():
        (box,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)]
        (button,) = [b for b in box.buttons() if b.text().replace("&", "") == label]
        button.click()

    QTimer.singleShot(0, press_it)
    assert ask_before_closing(None) is expected


def test_escape_discards_nothing(qtbot):
    def escape():
        (box,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)]
        qtbot.keyClick(box, Qt.Key.Key_Escape)

    QTimer.singleShot(0, escape)
    assert not confirm_discard(None, "Discard", "all is lost")
