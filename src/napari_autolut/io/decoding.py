"""What decoders of image files raise, as one sentence about the file.

Belongs here: the one place that translates. Libraries raise whatever comes first when a file is
damaged, each codec an error of its own, so nothing here names single types.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napari_autolut.io.image_file import ImageFileError

LOGGERS = ("tifffile", "imagecodecs", "PIL")

for _name in LOGGERS:
    # Python prints the warnings of a log that nobody listens to; what matters in them is an error
    # of reading here, and the rest is nothing that a user can act on.
    logging.getLogger(_name).addHandler(logging.NullHandler())

MAX_WORDS = 160
"""How much of a decoder's own words is quoted, in characters."""

LOOKED_AT = 4096
"""Letters of a library's words that are looked at: the patterns below take the square of them."""

UNWANTED = re.compile(
    r"""\s*\b(?:header=)?b(?:'[^']*(?:'|$)|"[^"]*(?:"|$))|<(?:tifffile|Tiff)[^>]*(?:>\s*|$)"""
)
"""Bytes of the file, which are nobody's business but its owner's, and names of Python objects; both
may be cut off."""

NAMED_NUMBER = re.compile(r"<\w+\.(\w+): \d+>")
"""A number with a name, as Python shows it."""

RAISED = re.compile(r"^(.*?),?\s*(?:raised|due to) \w+\(['\"]?(.*?)['\"]?\)*$", re.DOTALL)
"""A line of a log that ends with an exception, as Python shows it."""

SENSELESS = (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, TypeError,
             UnicodeError)  # fmt: skip
"""What a library's own steps raise when a file contradicts itself: their words are of the program,
not of the file."""

OF_PYTHON = re.compile(
    "to unpack|substring not found|invalid literal|could not convert|object|argument|broadcast"
    "|reshape array|-sized integer|(?:list|tuple) index"
)
"""The same in words of errors that libraries also raise with words of their own."""

OF_CODECS = re.compile(r"^\w+_\w+ |^\w+ returned |^[A-Z]{4}: |cannot be reshaped")
"""Functions and parts of codecs, which say nothing to whoever has the file."""

CONTRADICTORY = "what it says of itself does not fit together"

UNDECODABLE = "damaged, cut off or of an unknown variant"


@contextmanager
def decoding(path: Path, what: str) -> Iterator[None]:
    """Make an ``ImageFileError`` of any error raised while a file is read.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    what : str
        What it was read as: "a TIFF".

    Raises
    ------
    ImageFileError
        For every other error; one that is an ``ImageFileError`` stays as it is.
    """
    try:
        yield
    except ImageFileError:
        raise
    except MemoryError as error:
        words = f" ({reason(error)})" if str(error) else ""
        raise ImageFileError(path, f"not enough memory to read it{words}") from error
    except Exception as error:
        raise ImageFileError(path, f"cannot be read as {what} ({reason(error)})") from error


def reason(error: BaseException) -> str:
    """Give a decoder's own words, or plain ones where they are of its program."""
    if isinstance(error, OSError) and error.strerror:
        return quotable(error.strerror)
    text = str(error)
    if OF_CODECS.search(text[:LOOKED_AT]):
        return UNDECODABLE
    if isinstance(error, SENSELESS) or (type(error) is ValueError and OF_PYTHON.search(text)):
        return CONTRADICTORY
    return quotable(text) or type(error).__name__


def logged(message: str) -> str:
    """Give a line of a library's log, without the exception that it ends with."""
    match = RAISED.match(message[:LOOKED_AT])
    if match is None:
        return message
    return quotable(match[1]) or (CONTRADICTORY if OF_PYTHON.search(match[2]) else match[2])


def quotable(text: str) -> str:
    """Make a library's words one short line, without bytes of the file."""
    line = " ".join(NAMED_NUMBER.sub(r"\1", UNWANTED.sub("", text[:LOOKED_AT])).split())
    printable = "".join(letter for letter in line if letter.isprintable())
    return f"{printable[:MAX_WORDS]}..." if len(printable) > MAX_WORDS else printable
