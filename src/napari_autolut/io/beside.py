"""Files that another file names: they lie in its own folder, or are none of ours.

Belongs here: where a file really lies. What it holds is said where it is read.
"""

from __future__ import annotations

import os
from pathlib import Path

from napari_autolut.util.paths import lies_in


def lies_beside(member: Path, path: Path) -> bool:
    """Whether a file lies in another one's folder, whatever links say: theirs, or that of both."""
    folders = path.absolute().parent, Path(os.path.realpath(path)).parent
    return any(lies_in(member, folder) for folder in folders)
