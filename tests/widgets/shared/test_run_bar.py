"""Run, Cancel and progress, with work that goes on only when the test lets it."""

import errno
import gc
import warnings
import weakref
from threading import Event, Semaphore

import pytest
from qtpy.QtCore import Qt, QThreadPool, QTimer

from napari_autolut.arrays import Progress
from napari_autolut.widgets.shared.run_bar import RunBar


class Work:
    """Three tiles, each after ``allow``; knows when it was closed."""

    def __init__(self, tiles=3):
        self.tiles, self._allowed, self.closed = tiles, Semaphore(0), Event()

    def allow(self, tiles=1):
        for _ in range(tiles):
            self._allowed.release()

    def steps(self):
        try:
            for done in range(self.tiles):
                self._allowed.acquire()
                yield Progress(done + 1, self.tiles)
            return "result"
        finally:
            self.closed.set()


@pytest.fixture
def bar(qtbot, monkeypatch):
    """A bar that shows every tile, however fast they come."""
    monkeypatch.setattr("napari_autolut.widgets.shared.background.INTERVAL", 0.0)
    widget = RunBar()
    qtbot.addWidget(widget)
    yield widget
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))


@pytest.fixture
def work():
    made = Work()
    yield made
    made.allow(9)


def press(qtbot, bar):
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)


def done(result):
    return f"Got {result!r}"


def test_progress_is_shown_tile_by_tile_and_the_result_handed_over(bar, work, qtbot):
    bar.start(work.steps, done)
    assert (bar.button.text(), bar.running) == ("&Cancel", True)
    assert bar.progress.maximum() == 0
    work.allow(2)
    qtbot.waitUntil(lambda: bar.progress.value() == 2)
    assert bar.progress.text() == "66 %"
    work.allow()
    qtbot.waitUntil(lambda: not bar.running)
    assert bar.button.text() == "&Run"
    assert bar.status.text().startswith("Got 'result' in ")


def test_tiles_that_come_too_fast_to_be_seen_are_not_all_shown(bar, qtbot, monkeypatch):
    monkeypatch.setattr("napari_autolut.widgets.shared.background.INTERVAL", 3600.0)
    shown = []
    bar.progress.valueChanged.connect(shown.append)
    work = Work(tiles=50)
    work.allow(50)
    bar.start(work.steps, done)
    qtbot.waitUntil(lambda: not bar.running)
    assert [value for value in shown if value > 0] == [1]


@pytest.fixture
def clock(monkeypatch):
    """The time, which stands still until a test moves it on."""
    now = [100.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    return now


def test_a_break_is_no_part_of_the_time_that_a_run_takes(bar, work, qtbot, clock):
    bar.start(work.steps, done)
    clock[0] += 6
    work.allow()
    qtbot.waitUntil(lambda: bar.progress.value() == 1)
    bar.pause.setChecked(True)
    clock[0] += 1000
    bar.pause.setChecked(False)
    clock[0] += 4
    work.allow()
    qtbot.waitUntil(lambda: "About 4\xa0s left" in bar.status.text())
    assert bar.seconds_at_pace == pytest.approx(12)
    work.allow()
    qtbot.waitUntil(lambda: not bar.running)
    assert bar.status.text() == "Got 'result' in 10.0\xa0s."


def test_the_first_step_says_nothing_of_the_others(bar, work, qtbot, clock):
    """It waits for the compiler, for files that are opened, for a range that is looked for."""
    bar.start(work.steps, done)
    clock[0] += 20
    work.allow()
    qtbot.waitUntil(lambda: bar.progress.value() == 1)
    assert "left" not in bar.status.text() and bar.seconds_at_pace is None
    clock[0] += 2
    work.allow()
    qtbot.waitUntil(lambda: "About 2\xa0s left" in bar.status.text())


def test_sleep_of_the_computer_is_no_part_of_the_time_either(bar, work, qtbot, clock):
    """However long one step of the work takes, the window's timer has looked at the clock."""
    bar.start(work.steps, done)
    timer = bar.findChild(QTimer)
    assert timer.isActive()
    for seconds in [1] * 100 + [3600]:
        clock[0] += seconds
        timer.timeout.emit()
    assert bar.seconds == pytest.approx(130)
    work.allow(3)
    qtbot.waitUntil(lambda: not bar.running)
    assert bar.status.text() == "Got 'result' in 2\xa0min 10\xa0s."
    assert not timer.isActive()


def test_run_is_asked_for_by_the_button(bar, qtbot):
    with qtbot.waitSignal(bar.run_pressed):
        press(qtbot, bar)
    assert not bar.running


def test_cancel_is_at_once_and_the_generator_is_closed(bar, work, qtbot):
    results = []
    bar.start(work.steps, results.append)
    work.allow()
    qtbot.waitUntil(lambda: bar.progress.value() == 1)
    press(qtbot, bar)
    assert not bar.running
    assert bar.status.text() == "Cancelled; nothing was added."
    work.allow()
    qtbot.waitUntil(work.closed.is_set)
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))
    assert results == []
    assert bar.status.text() == "Cancelled; nothing was added."


def test_what_a_cancelled_run_still_emits_is_ignored(bar, work, qtbot):
    bar.start(work.steps, done)
    work.allow()
    qtbot.waitUntil(lambda: bar.progress.value() == 1)
    press(qtbot, bar)
    other = Work(tiles=5)
    bar.start(other.steps, done)
    work.allow(3)
    qtbot.waitUntil(work.closed.is_set)
    other.allow(2)
    qtbot.waitUntil(lambda: bar.progress.value() == 2)
    assert bar.progress.maximum() == 5
    other.allow(3)
    qtbot.waitUntil(lambda: not bar.running)


@pytest.mark.parametrize("error", [ValueError("Too bright."), LookupError("Too bright.")])
def test_a_refusal_is_one_sentence_and_no_traceback(bar, qtbot, notes, error):
    def steps():
        yield Progress(1, 2)
        raise error

    bar.start(steps, done)
    qtbot.waitUntil(lambda: not bar.running)
    assert notes == ["Too bright."]
    assert bar.status.text() == "Too bright."


def test_lack_of_memory_is_said_even_where_python_says_nothing(bar, qtbot, notes):
    def steps():
        yield Progress(1, 2)
        raise MemoryError

    bar.start(steps, done)
    qtbot.waitUntil(lambda: not bar.running)
    assert notes == ["There is not enough memory for the result."]


def test_an_error_nobody_expected_is_raised_for_napari_to_show(bar, qtbot):
    def steps():
        yield Progress(1, 2)
        raise ZeroDivisionError("a bug")

    with qtbot.captureExceptions() as raised:
        bar.start(steps, done)
        qtbot.waitUntil(lambda: not bar.running)
    assert [type(error) for _, error, _ in raised] == [ZeroDivisionError]
    assert bar.button.text() == "&Run"


def test_an_error_while_the_result_is_added_leaves_the_bar_usable(bar, work, qtbot):
    def fail(result):
        raise ZeroDivisionError("a bug")

    work.allow(3)
    with qtbot.captureExceptions() as raised:
        bar.start(work.steps, fail)
        qtbot.waitUntil(lambda: bar.button.text() == "&Run")
    assert len(raised) == 1
    assert not bar.running


def test_warnings_are_shown_beside_the_result_but_only_those_for_users(bar, qtbot):
    def steps():
        for _ in range(3):  # of three colours, or of three files
            warnings.warn("mind the gap", UserWarning, stacklevel=1)
        warnings.warn("old name", DeprecationWarning, stacklevel=1)
        yield Progress(1, 1)
        return "result"

    for _ in range(2):
        bar.start(steps, done)
        qtbot.waitUntil(lambda: not bar.running)
        first, *others = bar.status.text().splitlines()
        assert first.startswith("Got 'result'")
        assert others == ["Mind the gap."]


def test_a_deleted_bar_stops_its_work(work, qtbot):
    bar = RunBar()
    bar.start(work.steps, done)
    work.allow()
    qtbot.waitUntil(lambda: bar.progress.value() == 1)
    bar.deleteLater()
    with qtbot.waitSignal(bar.destroyed):
        pass
    work.allow()
    qtbot.waitUntil(work.closed.is_set)
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))


def test_a_finished_run_leaves_nothing_in_memory(bar, work, qtbot):
    class Result:
        """Stands for a large array."""

    kept = []

    def steps():
        result = Result()
        kept.append(weakref.ref(result))
        yield Progress(1, 1)
        return result

    bar.start(steps, done)
    qtbot.waitUntil(lambda: not bar.running)
    bar.start(work.steps, done)
    press(qtbot, bar)
    gc.collect()
    assert kept[0]() is None


@pytest.mark.parametrize("where", ["run", "start"])
def test_a_full_disk_is_said_without_a_number(bar, qtbot, where):
    full = OSError(errno.ENOSPC, "No space left on device", "/results/a.tif")

    def steps():
        yield Progress(0, 1)
        raise full

    if where == "run":
        bar.start(steps, str)
        qtbot.waitUntil(lambda: not bar.running)
    else:
        bar.refuse(full)
    assert bar.status.text().replace("\u200b", "") == "/results/a.tif: No space left on device"
