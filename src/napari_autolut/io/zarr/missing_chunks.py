"""Whether chunks that are not there are taken for empty ones because the user says that they are.

Belongs here: how that is asked for. What tells empty chunks from lost ones is ``completeness.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

MISSING_VARIABLE, EMPTY = "NAPARI_AUTOLUT_MISSING_CHUNKS", "empty"
"""What is set in the environment reaches other threads and processes, too."""

_asked = ContextVar("missing_as_empty", default=False)


def are_missing_empty() -> bool:
    """Whether the user says that nothing was lost."""
    return _asked.get() or os.environ.get(MISSING_VARIABLE) == EMPTY


@contextmanager
def missing_as_empty(wanted: bool = True) -> Iterator[None]:
    """Take chunks that are not there for empty ones, in this thread, where that is wanted."""
    before = _asked.get()
    _asked.set(before or wanted)
    try:
        yield
    finally:
        _asked.set(before)
