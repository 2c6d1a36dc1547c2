"""The folder dock as a user works it. Belongs here: steps that its tests share."""

from tests.widgets.controls import press


def cells(dock):
    files = dock.table.rows
    return [
        tuple(files.data(files.index(row, column)) for column in range(3))
        for row in range(files.rowCount())
    ]


def states(dock):
    return [state for _, state, _ in cells(dock)]


def choose(qtbot, dock, folder, out=None):
    """Choose folders, and wait for the table."""
    dock.source.folder = folder
    if out is not None:
        dock.target.folder = out
    qtbot.waitUntil(lambda: bool(cells(dock)), timeout=20_000)


def run(qtbot, dock):
    qtbot.waitUntil(lambda: not dock.advice.busy)
    press(qtbot, dock)
    qtbot.waitUntil(lambda: not dock.run_bar.running, timeout=30_000)
    qtbot.waitUntil(lambda: not dock._refresh_timer.isActive(), timeout=20_000)


def choose_model(dock, name):
    dock.models.setCurrentIndex(dock.models.findText(name))
