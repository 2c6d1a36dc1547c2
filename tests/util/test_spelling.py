"""Names that look the same are spelled in one way."""

import unicodedata

from napari_autolut.util.spelling import plain_name


def test_spellings_of_one_name() -> None:
    composed = "Zelle äÖ.tif"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert plain_name(composed) == plain_name(decomposed) == plain_name(composed.upper())
    assert plain_name("a.tif") != plain_name("b.tif")
