"""What commands print: lines that any console can show, and that only say what they seem to.

Belongs here: the one way to stdout and stderr. What is said is the commands'.
"""

from __future__ import annotations

import os
import sys

from napari_autolut.util.text import printable


def say(*lines: str, to_stderr: bool = False) -> None:
    """Print lines; control characters in them, as from names of files, are escaped.

    Raises
    ------
    OSError
        If standard output cannot be written to; a full disk under stderr ends no work.
    """
    stream = sys.stderr if to_stderr else sys.stdout
    if stream is None:  # not run as a command, and without a console
        return
    try:
        stream.write("".join(f"{printable(line)}\n" for line in lines))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if not to_stderr:
            raise OSError(error.errno, error.strerror, "standard output") from error


def prepare_streams() -> None:
    """Open standard streams that are closed, and let output escape what its encoding lacks.

    A program without a console, or one that was started with a stream closed, has none: bars would
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
            reconfigure(errors="backslashreplace")
