"""What commands print: lines that any console can show, and that only say what they seem to.

Belongs here: the one way to stdout and stderr. What is said is the commands'.
"""

from __future__ import annotations

import sys

from napari_autolut.util.text import printable


def say(*lines: str, to_stderr: bool = False) -> None:
    """Print lines; control characters in them, as from names of files, are escaped."""
    stream = sys.stderr if to_stderr else sys.stdout
    if stream is not None:  # a program without a console
        stream.write("".join(f"{printable(line)}\n" for line in lines))
        stream.flush()


def escape_what_cannot_be_shown() -> None:
    """Let stdout and stderr escape characters that their encoding lacks.

    Output into a file has the system's code page on Windows; a name outside it would end a folder
    after its first file.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
