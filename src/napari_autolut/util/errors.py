"""What can go wrong with a user's files, as one sentence.

Belongs here: which exceptions those are and what they say, for the shell and for batches. How a
command of the shell ends is in ``cli``.
"""

from __future__ import annotations

FILE_ERRORS = (ValueError, OSError, MemoryError, EOFError)
"""What a bad file, a full disk or too large an image end in; anything else is a fault of ours."""


def error_message(error: BaseException) -> str:
    """Say on one line what went wrong; a system's error with the file it is about."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError):
        text = f"not enough memory ({text})" if text else "not enough memory"
    if isinstance(error, EOFError):
        text = f"the file ends too early ({text})" if text else "the file ends too early"
    return " ".join(part.strip() for part in text.splitlines()) or type(error).__name__
