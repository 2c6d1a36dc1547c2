"""What the tests of the Upscale dock do with it: choose, press, wait."""

from tests.widgets.controls import press


def choose(box, text):
    index = box.findText(text)
    assert index >= 0, f"{text!r} is not in the box"
    box.setCurrentIndex(index)


def run(qtbot, dock):
    """Press Run and wait for the result, the newly selected layer; a model may be chosen first."""
    advice = getattr(dock, "advice", None)
    press(qtbot, dock)
    qtbot.waitUntil(
        lambda: not (dock.run_bar.running or (advice and advice.choosing)), timeout=60_000
    )


def names(viewer):
    return [layer.name for layer in viewer.layers]


def start(qtbot, dock):
    press(qtbot, dock)
    qtbot.waitUntil(lambda: dock.run_bar.progress.value() > 0, timeout=60_000)
    assert dock.run_bar.running
