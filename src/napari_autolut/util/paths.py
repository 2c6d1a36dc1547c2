"""Paths as users and disks mean them: quotes, homes, reserved names, upper and lower case.

Belongs here: what a name typed by a user stands for, and when two names are one file. Temporary
names are ``temporary.py``.
"""

from __future__ import annotations

import os
import re
import string
import sys
from collections.abc import Iterable
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from napari_autolut.util.spelling import composed, plain_name
from napari_autolut.util.temporary import create_beside, forget

QUOTES = "\"'"

AROUND = string.whitespace + "\u202a\u202c\u200e\u200f"
"""What is no part of a path: Windows' window of properties copies it with marks of direction."""

RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)[ .]*", re.I)
"""What Windows takes for a device, whatever comes after a point."""

DEVICE = "a name that Windows keeps for devices, so that it cannot be the name of a file"

ENDS = "but a name does not end with a dot or a space"

ADDRESS = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:[/\\\\]", re.I)
"""How addresses such as ``https://`` begin; one letter is a drive of Windows."""

FILE_ADDRESS = re.compile(r"file:(?://(?:localhost)?(?=/))?(/.*)", re.I)
"""That of a file on this computer; after two slashes of a share, a path on Windows alone."""

OF_DISKS = frozenset(
    ("$recycle.bin", "recycler", "system volume information", "lost+found", "#recycle", "@eadir")
)
"""Folders that Windows, Linux and network disks keep for themselves, in lower case."""

OF_WINDOWS = frozenset((".ds_store", ".directory", "desktop.ini", "thumbs.db"))
"""Files that the windows of macOS, KDE and Windows write, in lower case."""

FORBIDDEN = '<>:"/\\|?*'
"""What no name of a file may have on Windows."""

MAX_NAME_BYTES = 200
"""Longest name of a model in UTF-8: disks take 255, and suffixes come behind it."""


def name_within(root: Path, path: Path) -> str:
    """Name of a file for people: its place below a folder, its own where it is all there is."""
    return path.name if path == root else path.relative_to(root).as_posix()


def user_path(text: str) -> Path:
    """Read a path as a user typed or pasted it.

    Parameters
    ----------
    text : str
        With the quotes of Windows' "Copy as path", ``~`` for the home folder, or as ``file:///``.

    Returns
    -------
    Path
        The path; ``~name`` stays as it is where there is no such user.

    Examples
    --------
    >>> user_path(' "cells/a b.tif" ').name
    'a b.tif'
    """
    text = text.strip(AROUND)
    if len(text) > 1 and text[0] == text[-1] and text[0] in QUOTES:
        text = text[1:-1].strip()
    address = FILE_ADDRESS.fullmatch(text)
    if address and (sys.platform == "win32" or not address[1].startswith("//")):
        from urllib.request import url2pathname  # takes its time

        return Path(url2pathname(address[1]))
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def check_name(name: str, what: str) -> None:
    """Check that a name can be that of a file on every system, and is seen there.

    Parameters
    ----------
    name : str
        Without folder and suffix.
    what : str
        What it names, for the message.

    Raises
    ------
    ValueError
        With what is wrong with it.
    """
    if problem := name_problem(name):
        raise ValueError(f"{what}: found {name!r}, {problem}; choose another name")


def check_creatable(path: Path) -> None:
    """Check that a file or folder can be made under its name, with the new ones around it.

    Names of devices are refused on any system: files are copied from one to another, and Windows
    could not delete them. Dots and spaces at the end of a name it drops, but not within a path.

    Raises
    ------
    ValueError
        If not.
    """
    new = takewhile(lambda folder: not os.path.exists(folder), path.parents)  # noqa: PTH110 - no error
    for name in (each.name for each in (path, *new)):
        dropped = sys.platform == "win32" and name.strip(".") and name.endswith((".", " "))
        if problem := DEVICE if is_device(name) else ENDS if dropped else "":
            raise ValueError(f"{path}: found {name!r}, {problem}; choose another name")


def is_set_aside(folder: str) -> bool:
    """Whether the name of a folder says that nothing in it is for users: hidden, or a waste bin."""
    return folder.startswith(".") or folder.lower() in OF_DISKS


def is_of_a_window(name: str) -> bool:
    """Whether a file is one that the system's windows write into a folder that they show."""
    return name.startswith("._") or name.lower() in OF_WINDOWS


def is_device(name: str) -> bool:
    """Whether Windows takes a name for a device, whatever comes after its first point."""
    return bool(RESERVED.fullmatch(name.partition(".")[0]))


def name_problem(name: str) -> str:
    """Say why a file cannot have a name on every system; empty where it can.

    Parameters
    ----------
    name : str
        Without folder and suffix.

    Returns
    -------
    str
        The end of a sentence that begins with the name.
    """
    if not name.strip():
        return "which is empty"
    if name.startswith((".", "-", "~")) or name != name.strip():
        return "but a name begins with a letter or a digit"
    if name.endswith("."):
        return ENDS
    if is_device(name):
        return DEVICE
    if wrong := sorted({each for each in name if each in FORBIDDEN or not each.isprintable()}):
        return f"but a name is a file name, which cannot hold {' '.join(map(_shown, wrong))}"
    if len(name.encode(errors="surrogateescape")) > MAX_NAME_BYTES:
        return "which is too long, so that it cannot be the name of a file"
    return ""


def fitting_name(name: str, max_bytes: int = MAX_NAME_BYTES) -> str:
    """Give a name that every system takes for a file's, as like another one as can be.

    Parameters
    ----------
    name : str
        Any text, such as the name of a layer.
    max_bytes : int, default MAX_NAME_BYTES
        Letters that are kept.

    Returns
    -------
    str
        Without folder and suffix; empty where nothing of the text can be kept.
    """
    letters = ("_" if each in FORBIDDEN or ord(each) < 32 else each for each in name[:max_bytes])
    kept = "".join(letters).encode(errors="ignore")[:MAX_NAME_BYTES]
    fitting = kept.decode(errors="ignore").strip(". ")
    return f"_{fitting}" if is_device(fitting) else fitting


def fitting_names(names: Iterable[str]) -> list[str]:
    """:func:`fitting_name` of several in one folder: different ones where no case is told."""
    found: dict[str, str] = {}
    for name in names:
        free = first = fitting_name(name) or "unnamed"
        number = 1
        while plain_name(free) in found:
            number += 1
            free = f"{first}-{number}"
        found[plain_name(free)] = free
    return list(found.values())


def _shown(character: str) -> str:
    return character if character.isprintable() else ascii(character)


def is_same_file(first: Path, second: Path) -> bool:
    """Whether two names are one file or folder, as the disk compares them.

    Some disks number a file anew under every spelling of its name (exFAT through FUSE). So names
    that differ in case alone are compared, too.

    Parameters
    ----------
    first, second : Path
        Names, of files that need not exist.

    Returns
    -------
    bool
        Whether what is written to one is found under the other.
    """
    with suppress(OSError, ValueError):
        if first.samefile(second):
            return True
        if first.stat().st_dev != second.stat().st_dev:
            return False
    one, other = os.path.realpath(first), os.path.realpath(second)
    if one == other or plain_name(one) != plain_name(other):
        return one == other
    more_than_case = composed(one).lower() != composed(other).lower()
    if more_than_case and os.path.exists(one) != os.path.exists(other):  # noqa: PTH110 - no error
        return False  # "Maße" and "Masse" are one name for macOS, and two for Windows
    return not tells_case(Path(one).parent)


def lies_in(path: Path, folder: Path) -> bool:
    """Whether a file or folder really lies in a folder, wherever links lead."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def missing_words(path: Path, what: str = "file") -> str:
    """Say of a path that leads nowhere what it is.

    Parameters
    ----------
    path : Path
        It, as a system's paths spell it.
    what : str
        What was expected there.

    Returns
    -------
    str
        The end of a sentence that begins with the path.
    """
    if FILE_ADDRESS.fullmatch(path.as_posix()):
        return f"found an address, expected the path of a {what}; that of a share, once connected"
    if ADDRESS.match(str(path)):
        return f"found an address on the network, expected a {what} on this computer; download it"
    return f"no such {what}"


def image_name(path: Path) -> str:
    """What an image is called after its file: the name without suffixes, ``.ome`` among them."""
    return path.stem.removesuffix(".ome")


def existing_parent(folder: Path) -> Path:
    """Give a folder, or the first of its parents that exists; itself where a disk is gone."""
    return next((each for each in (folder, *folder.absolute().parents) if each.exists()), folder)


def tells_case(folder: Path) -> bool:
    """Whether names that differ in case alone are two files there, as on most disks of Linux.

    A file is created to find out: the folder's own name is on another disk where one is mounted.

    Parameters
    ----------
    folder : Path
        It, or the first of its parents that exists, is asked.

    Returns
    -------
    bool
        True too where no file can be created.
    """
    try:
        probe = create_beside(existing_parent(folder) / "probe", 0o600)
    except OSError:
        return True
    try:
        return not probe.with_name(probe.name.upper()).exists()
    finally:
        forget(probe)
