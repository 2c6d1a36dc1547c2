"""Atomic writes: a file is complete or not there at all.

Belongs here: the temporary name, the rename and what is cleaned up. What is in the file belongs to
the caller.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary name beside ``path``; on success flush it to disk and rename it.

    Nothing is left behind on failure, and an existing file is never touched unless asked.

    Raises
    ------
    FileExistsError
        If ``path`` exists and ``overwrite`` is false.
    OSError
        With the name ``path``, where the system says no more than that the disk is full.
    """
    target = Path(path)
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} exists already; choose another name or allow overwriting")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=target.name)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        if overwrite:
            temporary.replace(target)
        else:
            _rename_to_new(temporary, target)
    except OSError as error:
        if error.errno is None or error.filename not in (None, name):
            raise
        raise OSError(error.errno, error.strerror, str(target)) from error
    finally:
        temporary.unlink(missing_ok=True)


def _rename_to_new(temporary: Path, target: Path) -> None:
    """Rename without replacing a file that appeared meanwhile, where links are to be had."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise FileExistsError(f"{target} appeared meanwhile; it was not replaced") from None
    except OSError:
        temporary.replace(target)
