"""Temporary files beside their final name: how they are called, and which of them are left-overs.

Belongs here: names, the exclusive creation, and what a killed process left. When a file gets its
final name is ``atomic.py``.

A name says which machine and process writes the file: ``.autolut-<machine>-<process>-<random>``,
then the suffix of the final name. It is short, so that a final name may have any legal length.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
import tempfile
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from napari_autolut.util.in_use import remove_file
from napari_autolut.util.long_paths import any_length

PREFIX = ".autolut-"
MAX_SUFFIX = 16
"""Longer ones are no kinds of files but parts of a name."""

TRIES = 8
"""How many names are tried. Python's own ``tempfile`` tries for hours where Windows denies."""

LOOK_AGAIN = 60.0
"""Seconds after which a folder is searched for left-overs once more."""

SAME_CLOCK = 3600.0
"""Seconds by which the clocks of a disk and of this machine may differ."""

ABANDONED = 7 * 86400.0
"""Seconds without a change after which another machine's file is a left-over."""

_NAME = re.compile(rf"{re.escape(PREFIX)}([0-9a-f]{{6}})-([0-9a-f]+)-[0-9a-f]{{6}}(?:\.|$)")
_ours: set[str] = set()
_searched: dict[str, float] = {}


def create_beside(target: Path, mode: int) -> Path:
    """Create an empty file in the folder of ``target`` that no other process will touch.

    Parameters
    ----------
    target : Path
        The final name; its suffix is kept, for writers go by it.
    mode : int
        Rights of the file; what the umask forbids is left out.

    Returns
    -------
    Path
        The temporary file.

    Raises
    ------
    OSError
        If none can be created; it names ``target``.
    """
    for left in reversed(range(TRIES)):
        name = f"{PREFIX}{_machine()}-{os.getpid():x}-{secrets.token_hex(3)}{_suffix(target)}"
        path = any_length(target.parent / name)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            os.close(os.open(path, flags, mode))
        except FileExistsError:
            if not left:
                raise
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(target)) from error
        else:
            _ours.add(path.name)
            return path
    raise AssertionError("unreachable")


@contextmanager
def few_tries() -> Iterator[None]:
    """Let Python's ``tempfile``, which others use, give up soon where no file may be created.

    Windows says of a folder without rights (a Python for all users) that it can be written, and
    ``tempfile`` then tries two thousand million names.
    """
    before = tempfile.TMP_MAX
    vars(tempfile)["TMP_MAX"] = TRIES
    try:
        yield
    finally:
        vars(tempfile)["TMP_MAX"] = before


def forget(temporary: Path) -> None:
    """Delete a temporary file that is not needed any more, if it is still there."""
    remove_file(temporary)
    _ours.discard(temporary.name)


def remove_left_overs(folder: Path) -> None:
    """Delete what killed processes left in a folder; files that are being written stay.

    A folder is searched once a minute at most. What cannot be read or deleted stays.
    """
    key, now = str(folder.absolute()), time.monotonic()
    if now - _searched.get(key, -LOOK_AGAIN) < LOOK_AGAIN:
        return
    _searched[key] = now
    try:
        found = [Path(entry.path) for entry in os.scandir(folder) if _NAME.match(entry.name)]
    except OSError:
        return
    for path in filter(_is_left_over, found):
        if not remove_file(path):  # nor are the others, and each would be tried for a second
            return


def _is_left_over(path: Path) -> bool:
    match = _NAME.match(path.name)
    if match is None or path.name in _ours:
        return False
    machine, process = match.groups()
    try:
        changed = path.stat().st_mtime
    except OSError:
        return False
    if machine != _machine():
        return time.time() - changed > ABANDONED
    return not _could_write(int(process, 16), changed)


def _could_write(process: int, changed: float) -> bool:
    """Whether a process lives that may have written a file then; numbers are used again."""
    import psutil  # takes its time, and is needed by none who was never killed

    if process == os.getpid():
        return False
    try:
        found = psutil.Process(process)
        dead = found.status() == psutil.STATUS_ZOMBIE
        return not dead and bool(found.create_time() < changed + SAME_CLOCK)
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return False
    except psutil.Error:
        return True


@cache
def _machine() -> str:
    """Six digits for where numbers of processes mean the same: a machine, or a container on it.

    Names alone do not do: many machines that share a network folder are all called "ubuntu".
    """
    card = uuid.getnode()
    is_random = bool(card >> 40 & 1)  # made up by Python, which found no network card
    # platform.node() is the same, but for it Windows looks up all that there is to know of it.
    parts = [socket.gethostname(), "" if is_random else str(card)]
    with suppress(OSError, AttributeError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return f"{zlib.crc32(os.fsencode(' '.join(parts))) & 0xFFFFFF:06x}"


def _suffix(target: Path) -> str:
    """The last suffixes of a name, as long as they say a kind: ".ome.tif", ".safetensors"."""
    suffix = "".join(target.suffixes[-2:])
    if len(suffix) > MAX_SUFFIX:
        suffix = target.suffix
    return suffix if len(suffix) <= MAX_SUFFIX else ""
