"""Who may read and write a file: as it was before it was replaced.

Belongs here: owner, group, mode and Linux's access lists. When a file is replaced is ``atomic.py``.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ACCESS_LIST = "system.posix_acl_access"
"""Under which Linux keeps whom else a file is open to. With one, a mode's digit for the group is a
bound for all of them, and no right of the group."""


@dataclass(frozen=True)
class Rights:
    """Numbers of owner and group, mode, and the access list as Linux has it."""

    owner: int
    group: int
    mode: int
    access_list: bytes | None = None


def rights_of(target: Path) -> Rights | None:
    """Rights of a file or folder that is to be replaced; None where there is none."""
    try:
        status = target.stat()
    except OSError:
        return None
    access_list = None
    with suppress(OSError, AttributeError):  # of disks and systems without them
        access_list = os.getxattr(target, ACCESS_LIST)
    return Rights(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode), access_list)


def restore_rights(path: Path, rights: Rights) -> None:
    """Give a file or folder the rights of what it replaces, as far as a disk and system let us.

    What cannot be given to its group is open to no other one, unless it is to everybody.
    """
    mode = rights.mode
    for owner in (rights.owner, -1):  # most people may give a file to a group, and to nobody
        with suppress(OSError, AttributeError):
            os.chown(path, owner, rights.group)
            break
    with suppress(OSError):
        if path.stat().st_gid != rights.group:
            mode &= ~stat.S_IRWXG | (mode & stat.S_IRWXO) << 3
    with suppress(OSError, AttributeError):
        if rights.access_list is None:
            os.removexattr(path, ACCESS_LIST)  # which its folder has given it
        else:
            os.setxattr(path, ACCESS_LIST, rights.access_list)
    with suppress(OSError):
        path.chmod(mode)


def is_of_another_user(path: Path) -> bool:
    """Whether a file was put there by somebody else, where all may, and rename nobody's (``/tmp``).

    In other folders that all may write to, everything may be anybody's.
    """
    if not hasattr(os, "geteuid") or not path.absolute().parent.stat().st_mode & stat.S_ISVTX:
        return False
    return path.lstat().st_uid != os.geteuid()
