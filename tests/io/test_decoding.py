"""What is quoted of a library's words."""

from __future__ import annotations

import pytest

from napari_autolut.io.decoding import LOOKED_AT, UNDECODABLE, logged, quotable, reason


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
    """These could take minutes, by the square of their length."""
    words = part * 200_000
    assert len(quotable(words)) < 200
    assert len(logged(f"{words} raised E('x')")) <= len(words) + 20


@pytest.mark.parametrize(
    "words",
    [
        "png_read_data_fn input stream too small",
        "libdeflate_zlib_decompress returned LIBDEFLATE_BAD_DATA",
        "WebPDemux returned NULL",
        "opj_read_header failed",
        "ZSTD_decompress returned 'Src size is incorrect'",
        "IDAT: CRC error",
        "corrupted tile @ (0, 0, 0, 0, 0) cannot be reshaped from (9,) to (1, 64, 64, 3)",
    ],
)
def test_names_in_the_program_of_a_codec_are_not_quoted(words: str) -> None:
    assert reason(ValueError(words)) == UNDECODABLE


@pytest.mark.parametrize(
    "error",
    [
        ValueError("Bogus Huffman table definition"),
        ValueError("unknown compression 34892"),
        OSError(13, "Zugriff verweigert: geschützt"),
    ],
)
def test_what_a_reader_understands_is_quoted(error: Exception) -> None:
    assert reason(error) == str(error).removeprefix("[Errno 13] ")
