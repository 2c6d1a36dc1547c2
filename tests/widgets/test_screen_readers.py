"""What a screen reader says of the docks: every control that the tab key reaches has a name."""

import numpy as np
import pytest
from qtpy.QtWidgets import (
    QAbstractButton,
    QLabel,
    QLineEdit,
)

from tests.widgets.controls import DOCKS, owners, reached


def nameless(root):
    """Controls of which a screen reader can say what they hold but not what that is.

    Qt takes the name, the text of a button, or the label whose buddy a control is (PyQt6 has no way
    to ask for it).
    """
    buddies = [each.buddy() for each in root.findChildren(QLabel) if each.text()]
    buddies += [each.focusProxy() for each in buddies if each is not None]
    found = []
    for each in reached(root):
        if isinstance(each, QAbstractButton) and any(up.isHidden() for up in owners(each)):
            continue  # gets its text when it is shown
        text = each.text() if isinstance(each, QAbstractButton) else ""
        if not (each.accessibleName() or text or each in buddies):
            near = each.toolTip() or (each.text() if isinstance(each, QLineEdit) else "")
            found.append(f"{type(each).__name__} {near!r}")
    return found


@pytest.mark.parametrize("kind", DOCKS)
def test_every_control_of_a_dock_has_a_name(viewer, qtbot, wait_for_threads, kind):
    viewer.add_image(np.zeros((4, 16, 16), np.uint16), name="stack")
    dock = kind(viewer)
    qtbot.addWidget(dock)
    assert list(reached(dock))
    assert nameless(dock) == []
    wait_for_threads()


def test_every_control_of_the_train_dock_has_a_name(train_dock):
    assert list(reached(train_dock))
    assert nameless(train_dock) == []
