"""What Alt and a letter do: each letter one thing in a dock, and napari's menus theirs."""

import re
from collections import Counter

import numpy as np
import pytest
from qtpy.QtWidgets import QAbstractButton, QLabel, QStackedWidget

from tests.widgets.controls import DOCKS, owners

MENUS = set("FVLPWH")
"""Letters of napari's menus; where a dock has one of them, too, Alt opens neither."""


def letters(root):
    """The page of a dock, the letter and the text of each control and label that has one."""
    controls = root.findChildren(QAbstractButton)
    controls += [each for each in root.findChildren(QLabel) if each.buddy() is not None]
    for each in controls:
        found = re.search("&([A-Za-z])", each.text().replace("&&", ""))
        if found and each.window() is root.window():  # a list that pops up is another one
            pages = [up for up in owners(each) if isinstance(up.parentWidget(), QStackedWidget)]
            yield id(pages[0]) if pages else 0, found[1].upper(), each.text()


def check(dock):
    said = list(letters(dock))
    assert said
    assert [text for _, letter, text in said if letter in MENUS] == []
    counts = Counter((page, letter) for page, letter, _ in said)
    assert [text for page, letter, text in said if counts[page, letter] > 1] == []


@pytest.mark.parametrize("kind", DOCKS)
def test_a_letter_does_one_thing(viewer, qtbot, wait_for_threads, kind):
    viewer.add_image(np.zeros((4, 16, 16), np.uint16), name="stack")
    dock = kind(viewer)
    qtbot.addWidget(dock)
    check(dock)
    wait_for_threads()


def test_a_letter_does_one_thing_in_the_train_dock(train_dock):
    check(train_dock)


def test_these_are_the_letters_of_napari_s_menus(real_viewer):
    bar = real_viewer.window._qt_window.menuBar()
    found = re.findall("&([A-Za-z])", "".join(each.text() for each in bar.actions()))
    assert {each.upper() for each in found} == MENUS
