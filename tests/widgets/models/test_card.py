"""The card of a model."""

import pytest
from qtpy.QtWidgets import QLabel

from napari_autolut.widgets.models.card import ModelCard, card_lines
from napari_autolut.widgets.models.picker import NoModelError
from tests.conftest import small_model


def test_a_card_leaves_out_what_is_not_known():
    lines = dict(card_lines(small_model("small-x1", 1)))
    assert lines["Task"] == "upscaling"
    assert set(lines) == {"Task", "For", "Trained on", "PSNR", "Size", "Licence"}


def texts(card):
    return [label.text() for label in card.findChildren(QLabel)]


@pytest.fixture
def card(qtbot):
    widget = ModelCard()
    qtbot.addWidget(widget)
    return widget


def test_the_card_says_what_the_model_is(card):
    card.show_model(small_model("first", 2))
    card.show_model(small_model("second", 4))
    shown = texts(card)
    assert shown[:2] == ["Task", "upscaling, \N{MULTIPLICATION SIGN}4"]
    for expected in ("Small tests", "random numbers", "CC0-1.0"):
        assert shown.count(expected) == 1
    assert "Set5\N{NO-BREAK SPACE}12.35\N{NO-BREAK SPACE}dB" in shown


def test_the_card_is_never_seen_empty(card):
    card.show()
    card.show_model(small_model("first", 2))
    labels = card.findChildren(QLabel)
    assert all(label.isVisible() for label in labels)
    assert len({label.y() for label in labels}) == len(labels) // 2


def test_the_card_says_why_there_is_no_model(card):
    card.show_model(small_model("first", 2))
    card.show_model(NoModelError("nothing here"))
    assert texts(card) == ["nothing here"]
