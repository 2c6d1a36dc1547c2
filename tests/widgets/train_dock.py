"""Hands for the Train dock: what a user does, in a line. Assertions only where hands would fail."""

from qtpy.QtCore import Qt

from napari_autolut.training.session import State


def press(qtbot, button):
    assert button.isEnabled(), f"{button.text()} cannot be pressed"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def find_images(qtbot, dock, folder):
    """Look through a folder."""
    dock.source.folder.line.setText(str(folder))
    press(qtbot, dock.source.search)
    qtbot.waitUntil(lambda: not dock.findings.searching, timeout=20_000)


def prepare(qtbot, dock, folder):
    """Up to the page with Start."""
    find_images(qtbot, dock, folder)
    press(qtbot, dock.findings.next)
    assert dock.page is dock.settings


def start(qtbot, dock, folder, state=State.RUNNING):
    """Up to a training that goes on."""
    prepare(qtbot, dock, folder)
    press(qtbot, dock.settings.start)
    reach(qtbot, dock, state)


def reach(qtbot, dock, state):
    """Wait until the training is in a state."""

    def there():
        training = dock.session.training
        return training is not None and training.state is state

    qtbot.waitUntil(there, timeout=20_000)


def answer(monkeypatch, discard):
    """Answer questions before something is thrown away."""
    for module in ("questions", "dock"):
        name = f"napari_autolut.widgets.train.{module}.confirm_discard"
        monkeypatch.setattr(name, lambda *_arguments: discard)
