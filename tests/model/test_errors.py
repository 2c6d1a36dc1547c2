"""What is shown of a broken file: one line that no terminal obeys."""

import pytest

from napari_autolut.model import ModelError


@pytest.mark.parametrize(
    "found", ["\x1b[2J", "a\nforged line", "\x9b31m", "\u202eabc", "x" * 10**6]
)
def test_what_is_found_is_shown_as_text(found):
    error = ModelError("name", found, "a name")
    line = str(error)
    assert line.isprintable() and len(line) < 300
    assert error.found == found
