"""Text of others can be shown without being obeyed."""

from __future__ import annotations

import pytest

from napari_autolut.util.text import counted, printable
from napari_autolut.util.text_table import aligned


def test_one_is_no_plural() -> None:
    assert [counted(n, "file") for n in (0, 1, 2, 1200)] == [
        "0 files",
        "1 file",
        "2 files",
        "1,200 files",
    ]
    assert [counted(n, "axis", "axes") for n in (1, 2)] == ["1 axis", "2 axes"]
    assert [counted(f"{n:.2g}", "pixel") for n in (1.0, 0.5)] == ["1 pixel", "0.5 pixels"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("\u2028\u202egnp.exe\u2066", r"\u2028\u202egnp.exe\u2066"),
        (
            "natural-x4\u200b and \ufeffnatural-x4\u3164",
            r"natural-x4\u200b and \ufeffnatural-x4\u3164",
        ),
        ("\u06a9\u200c\u06a9 \u200f\u05e9.tif", "\u06a9\u200c\u06a9 \u200f\u05e9.tif"),
        ("undecodable \udcff.tif", r"undecodable \udcff.tif"),
        ("Größe µm 細胞 é\u0301 🔬.tif", "Größe µm 細胞 é\u0301 🔬.tif"),
    ],
)
def test_only_what_a_terminal_obeys_or_nobody_sees_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_no_cell_of_a_table_breaks_its_line() -> None:
    assert aligned([("a\nb", "c"), ("d", "e")], left=2).splitlines() == [r"a\nb  c", "d     e"]
