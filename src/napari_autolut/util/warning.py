"""Warnings that name the line of whoever called, and the file that they are of.

Belongs here: how a warning is given. What it says is where its reason is found.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Generator
from contextlib import closing
from contextvars import ContextVar
from pathlib import Path
from traceback import walk_stack
from typing import TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")

PACKAGE = str(Path(__file__).parents[1])

_subject = ContextVar("subject", default="")


def warn(text: str, category: type[Warning]) -> None:
    """Warn whoever called into this package, however deep in it the reason was found.

    Parameters
    ----------
    text : str
        What is to be said; the name of the file that is worked on comes before it.
    category : type of Warning
        Its kind.
    """
    files = [frame.f_code.co_filename for frame, _ in walk_stack(sys._getframe())]
    inside = [depth for depth, file in enumerate(files, 1) if file.startswith(PACKAGE)]
    name = _subject.get()
    warnings.warn(f"{name}: {text}" if name else text, category, stacklevel=inside[-1] + 1)


def about(name: str, steps: Generator[Step, None, Result]) -> Generator[Step, None, Result]:
    """Take steps whose warnings are of a file; closing it closes them."""
    with closing(steps):
        while True:
            outer = _subject.set(name)
            try:
                step = next(steps)
            except StopIteration as end:
                result: Result = end.value
                return result
            finally:
                _subject.reset(outer)
            yield step
