"""The row that says that the engine is compiled, while it is."""

from time import perf_counter

import pytest

from napari_autolut.widgets.shared import EngineBar, engine_bar


@pytest.fixture
def bar(small_models, qtbot, wait_for_threads, monkeypatch):
    """A bar whose thread notes which models were warmed up."""
    warmed = []
    monkeypatch.setattr(engine_bar, "warm_up_model", lambda model: warmed.append(model.name))
    monkeypatch.setattr(engine_bar, "load_model", lambda name: type("Model", (), {"name": name}))
    widget = EngineBar()
    qtbot.addWidget(widget)
    widget.warmed = warmed
    yield widget
    widget.tear_down()
    wait_for_threads()


def test_it_compiles_when_it_is_shown_and_says_nothing_of_what_is_ready(bar, qtbot):
    assert not bar.warmed
    bar.show()
    qtbot.waitUntil(lambda: bar.warmed == ["natural-x4"])
    assert bar.text.isHidden() and bar.progress.isHidden()


def test_a_moving_bar_is_seen_while_something_is_compiled(bar, qtbot, monkeypatch):
    monkeypatch.setattr(engine_bar, "compiling", lambda: True)
    bar.show()
    qtbot.waitUntil(lambda: bar.progress.isVisible())
    assert bar.text.text().startswith("Compiling the engine, once")
    assert bar.progress.maximum() == 0
    monkeypatch.setattr(engine_bar, "compiling", lambda: False)
    qtbot.waitUntil(lambda: not bar.progress.isVisible())


def test_nothing_is_said_of_what_nobody_waits_for(bar, qtbot, monkeypatch):
    monkeypatch.setattr(engine_bar, "compiling", lambda: True)
    bar.show()
    qtbot.waitUntil(lambda: bar.progress.isVisible())
    bar.wait_for(False)
    assert not bar.progress.isVisible() and not bar.text.isVisible()
    bar._poll()
    assert not bar.progress.isVisible()
    bar.wait_for(True)
    qtbot.waitUntil(lambda: bar.progress.isVisible())


def test_it_knows_whether_something_was_compiled_since(bar, monkeypatch):
    begun = perf_counter()
    bar._poll()
    assert not bar.seen_since(begun)
    monkeypatch.setattr(engine_bar, "compiling", lambda: True)
    bar._poll()
    monkeypatch.setattr(engine_bar, "compiling", lambda: False)
    assert bar.seen_since(begun) and not bar.seen_since(perf_counter())
