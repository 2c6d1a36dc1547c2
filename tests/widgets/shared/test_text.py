"""Figures and words for people."""

import pytest

from napari_autolut.widgets.shared.text import breakable, duration_text, sentence, size_text

GAP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (3200, "3.2 kB"),
        (335_000, "335 kB"),
        (1_300_000, "1.3 MB"),
        (12_500_000_000, "12 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_sizes(count, text):
    assert size_text(count) == text.replace(" ", GAP)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0804, "80 ms"), (1.25, "1.2 s"), (59.9, "59.9 s"), (125, "2 min{}5 s")],
)
def test_durations(seconds, text):
    assert duration_text(seconds) == text.replace(" ", GAP).format(" ")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("no pixel is finite", "No pixel is finite."),
        ("image: found noise", "Image: found noise."),
        ("a.tif: no data.", "a.tif: no data."),
        ("'cells' is empty", "'cells' is empty."),
    ],
)
def test_messages_are_sentences_and_names_stay(message, said):
    assert sentence(message) == said


@pytest.mark.parametrize("path", ["/home/a/model.safetensors", r"C:\models\model.safetensors"])
def test_long_paths_can_be_wrapped(path):
    wrapped = breakable(path)
    assert wrapped.replace("\N{ZERO WIDTH SPACE}", "") == path
    assert max(map(len, wrapped.split("\N{ZERO WIDTH SPACE}"))) < len(path)
