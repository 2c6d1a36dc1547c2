"""What all commands that read images take: how Zarrs are read.

Belongs here: options that change no command's own work. The others are in ``options.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

MissingOption = Annotated[
    bool,
    typer.Option(
        "--missing-as-empty",
        help="Take chunks that a Zarr lacks for empty ones, also where nothing tells that none "
        "was lost.",
    ),
]


def reads_images(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of reading besides its own."""
    own = signature(command, eval_str=True)
    option = Parameter(
        "missing_as_empty", Parameter.KEYWORD_ONLY, default=False, annotation=MissingOption
    )

    @wraps(command)
    def reading(*, missing_as_empty: bool, **own: Any) -> None:
        with _environment(missing_as_empty):
            command(**own)

    parameters = [*own.parameters.values(), option]
    reading.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    reading.__annotations__ = {each.name: each.annotation for each in parameters}
    return reading


@contextmanager
def _environment(missing_as_empty: bool) -> Iterator[None]:
    """Say it to all threads and processes of the command."""
    from napari_autolut.io.zarr import EMPTY, MISSING_VARIABLE

    before = os.environ.get(MISSING_VARIABLE)
    if missing_as_empty:
        os.environ[MISSING_VARIABLE] = EMPTY
    try:
        yield
    finally:
        if missing_as_empty and before is None:
            del os.environ[MISSING_VARIABLE]
