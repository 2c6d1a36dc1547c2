"""What a shell says of a training."""

from dataclasses import replace

import pytest

from autolut_training.report.progress_line import ProgressLine
from napari_autolut.training.events import Done, Started

STARTED = Started(4, 1, {}, 30.0)


@pytest.mark.parametrize(
    ("started", "said"),
    [
        (STARTED, "4 images to learn from, 1 held out (30.00 dB by bicubic)"),
        (replace(STARTED, held_out=4, parts=True), "4 images to learn from, a part of each held "),
        (replace(STARTED, images=1, parts=True), "1 image to learn from, a part of it held out "),
    ],
)
def test_what_is_held_out(started, said, capsys):
    """One image is not two: one to learn from, and one held out."""
    ProgressLine()(started)
    assert capsys.readouterr().err.startswith(said)


def test_the_end_says_what_training_has_brought(capsys):
    line = ProgressLine()
    line(STARTED)
    line(Done(9, 60.0, 31.0, 30.0, "t", 31.0))
    line(Done(9, 60.0, 31.0, 30.0, "t", None))
    first, second = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ").splitlines()
    begun = "no better than the table it began with"
    assert first == f"t: 31.00 dB, +1.00 over bicubic, {begun}; 9 steps in 1.0 minutes"
    assert begun not in second
