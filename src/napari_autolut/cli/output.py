"""What commands print: lines that any console can show, and that only say what they seem to.

Belongs here: the one way to stdout and stderr. What is said is the commands'.
"""

from __future__ import annotations

import codecs
import errno
import os
import sys
from typing import TextIO

from napari_autolut.util.library_lines import leave_numbers_to_libraries
from napari_autolut.util.text import printable

ESCAPE = "napari-autolut"
"""How a stream is told to write letters that its encoding lacks."""


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    """Escape them; the space that keeps a number beside its unit is one all the same."""
    text, end = codecs.backslashreplace_errors(error)
    return str(text).replace(r"\xa0", " "), end


codecs.register_error(ESCAPE, _escaped)


def echo(*lines: str, to_stderr: bool = False) -> None:
    """Print lines; control characters in them, as from names of files, are escaped.

    Raises
    ------
    OSError
        As :func:`write` does.
    """
    write("".join(f"{printable(line)}\n" for line in lines), to_stderr=to_stderr)


def write(text: str, *, to_stderr: bool = False) -> None:
    """Print text as it is, such as a line that is rewritten.

    Raises
    ------
    OSError
        If standard output cannot be written to; a full disk under stderr ends no work, nor does
        a pipe whose other end was closed.
    """
    stream = sys.stderr if to_stderr else sys.stdout
    if stream is None:  # not run as a command, and without a console
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        if _nobody_reads(error):
            print_nowhere(stream)
        elif not to_stderr:
            raise OSError(error.errno, error.strerror, "standard output") from error


def _nobody_reads(error: OSError) -> bool:
    """Whether a pipe was closed at its other end; Windows calls that an invalid argument."""
    on_windows = sys.platform == "win32" and error.errno == errno.EINVAL
    return isinstance(error, BrokenPipeError) or on_windows


def print_nowhere(stream: TextIO) -> None:
    """Go on without a word: files are written, whoever reads of them (``upscale ... | head``).

    What waits in a buffer goes there, too. It would fail once more when Python ends, with lines and
    an exit status of its own.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)


def prepare_streams() -> None:
    """Open standard streams that are closed, and let output escape what its encoding lacks.

    Libraries in C keep the numbers of standard output, so that they can be silenced.

    A program without a console, or one that was started with a stream closed, has none. Bars would
    fail, and a user's file would take the stream's number and be written into by libraries. Output
    into a file has the system's code page on Windows; a name outside it would end a folder after
    its first file.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # in this order, each gets its own number
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=ESCAPE)
    leave_numbers_to_libraries()
