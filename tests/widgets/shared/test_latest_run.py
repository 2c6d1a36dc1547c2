"""Work that is asked for again and again."""

from threading import Event

import pytest
from qtpy.QtCore import QObject, QThreadPool

from napari_autolut.arrays import Progress
from napari_autolut.widgets.shared.latest_run import LatestRun


class Work:
    """One step, which ends when the test says so."""

    def __init__(self, name):
        self.name, self.begun, self.go_on, self.closed = name, Event(), Event(), Event()

    def steps(self):
        try:
            self.begun.set()
            self.go_on.wait()
            yield Progress(1, 1)
            return self.name
        finally:
            self.closed.set()


@pytest.fixture
def latest(qtbot):
    owner = QObject()
    yield LatestRun(owner)
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))


@pytest.fixture
def results(latest):
    received = []
    latest.returned.connect(received.append)
    return received


def test_of_many_only_the_newest_is_computed(latest, results, qtbot):
    first, second, third = (Work(name) for name in ("first", "second", "third"))
    latest.start(first.steps)
    qtbot.waitUntil(first.begun.is_set)
    latest.start(second.steps)
    latest.start(third.steps)
    third.go_on.set()
    assert not third.begun.is_set()
    first.go_on.set()
    qtbot.waitUntil(lambda: results == ["third"])
    assert first.closed.is_set()
    assert not second.begun.is_set()
    qtbot.waitUntil(lambda: not latest.running)


def test_long_work_keeps_short_work_of_others_waiting_on_no_computer(latest, qtbot):
    pool = QThreadPool.globalInstance()
    cores = pool.maxThreadCount()
    pool.setMaxThreadCount(1)
    others = [LatestRun(latest) for _ in range(3)]
    works = [Work(str(number)) for number in range(3)]
    try:
        for each, work in zip(others, works, strict=True):
            each.start(work.steps)
            qtbot.waitUntil(work.begun.is_set)  # the ones before it still wait
    finally:
        for work in works:
            work.go_on.set()
        pool.setMaxThreadCount(cores)
    qtbot.waitUntil(lambda: pool.waitForDone(0))
    assert pool.maxThreadCount() == cores


def test_what_is_dropped_gives_nothing(latest, results, qtbot):
    work = Work("dropped")
    latest.start(work.steps)
    qtbot.waitUntil(work.begun.is_set)
    latest.cancel()
    assert not latest.running
    work.go_on.set()
    qtbot.waitUntil(work.closed.is_set)
    other = Work("other")
    other.go_on.set()
    latest.start(other.steps)
    qtbot.waitUntil(lambda: results == ["other"])


def test_what_it_yields_is_passed_on_until_it_is_dropped(latest, qtbot):
    received, go_on, closed = [], Event(), Event()

    def steps():
        try:
            yield "first"
            go_on.wait()
            yield "second"
            yield "third"
        finally:
            closed.set()

    latest.advanced.connect(received.append)
    latest.start(steps)
    qtbot.waitUntil(lambda: received == ["first"])
    latest.cancel()
    go_on.set()
    qtbot.waitUntil(closed.is_set)
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))
    assert received == ["first"]


def test_a_refusal_gives_its_reason(latest, qtbot):
    def steps():
        yield Progress(1, 2)
        raise ValueError("Too bright.")

    with qtbot.waitSignal(latest.refused) as refused:
        latest.start(steps)
    assert refused.args == ["Too bright."]


def test_a_deleted_owner_stops_it(qtbot):
    owner = QObject()
    latest = LatestRun(owner)
    work, other = Work("one"), Work("other")
    latest.start(work.steps)
    qtbot.waitUntil(work.begun.is_set)
    latest.start(other.steps)
    with qtbot.waitSignal(latest.destroyed):
        owner.deleteLater()
    work.go_on.set()
    qtbot.waitUntil(work.closed.is_set)
    qtbot.waitUntil(lambda: QThreadPool.globalInstance().waitForDone(0))
    assert not other.begun.is_set()
