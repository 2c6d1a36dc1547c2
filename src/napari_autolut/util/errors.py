"""What can go wrong with a user's files, as one sentence.

Belongs here: which exceptions those are and what they say, for the shell and for batches. How a
command of the shell ends is in ``cli``.
"""

from __future__ import annotations

FILE_ERRORS = (ValueError, OSError, MemoryError, EOFError)
"""What a bad file, a full disk or too large an image end in; anything else is a fault of ours."""


class ExistsAlreadyError(FileExistsError):
    """Something is where a result is to go, and was not to be replaced.

    The text says what is there and that another name helps. How it would be replaced is said by
    those who ask: a command's option, a window's box; a traceback has Python's argument.
    """

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.add_note("overwrite=True replaces it")

    def __str__(self) -> str:
        return f"{self.args[0]}; choose another name"


def error_message(error: BaseException, overwrite: str = "") -> str:
    """Say on one line what went wrong; a system's error with the file it is about.

    ``overwrite`` is what a user does to have replaced what is there, as part of a sentence.
    """
    text = str(error)
    if isinstance(error, ExistsAlreadyError) and overwrite:
        text = f"{text} or {overwrite}"
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError):
        text = f"not enough memory ({text})" if text else "not enough memory"
    if isinstance(error, EOFError):
        text = f"the file ends too early ({text})" if text else "the file ends too early"
    return " ".join(part.strip() for part in text.splitlines()) or type(error).__name__
