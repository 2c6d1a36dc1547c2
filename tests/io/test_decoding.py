"""What is quoted of a library's words."""

from __future__ import annotations

import pytest

from napari_autolut.io.decoding import LOOKED_AT, logged, quotable


@pytest.mark.parametrize(
    ("words", "quoted"),
    [
        ("bad header=b'secret' in strip", "bad in strip"),
        ("bad header=b'secret, cut o", "bad"),
        (f"bad b'{'secret' * LOOKED_AT}' in strip", "bad"),
        ("<tifffile.TiffPage 0 @8> is damaged", "is damaged"),
        ("the web's tag is 'x'", "the web's tag is 'x'"),
    ],
)
def test_bytes_of_a_file_are_not_quoted(words: str, quoted: str) -> None:
    assert quotable(words) == quoted


@pytest.mark.parametrize("part", [" ", "<tifffile", "b'", ", raised E('"])
def test_words_of_any_length_are_looked_at_no_further_than_they_may_be_quoted(part: str) -> None:
    """These took minutes, by the square of their length."""
    words = part * 200_000
    assert len(quotable(words)) < 200
    assert len(logged(f"{words} raised E('x')")) <= len(words) + 20
